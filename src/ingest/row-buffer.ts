/**
 * Rows of one insert as bytes, one JSON array a line, each with room for what is known only when it is written: when
 * it arrived and its arrival number. Held as bytes because millions of long strings are work for the collector.
 */
export interface RowBuffer {
  readonly rows: number;
  readonly bytes: number;
  /** `cells`: JSON tokens with commas between. */
  add(cells: string): void;
  /** The rows; their room is filled with blanks. Valid until the next `add`. */
  content(): Buffer;
  /** The rows with their arrival, numbered from `first`. `ingested` is a time as `printTime` gives it. */
  place(ingested: string, first: number): Buffer;
}

/** `2020-08-30 06:38:35.7664356` */
const INGESTED_CHARS = 27;
/** Of a number below 2^53. */
const ARRIVAL_CHARS = 16;
const TAIL = `,"${' '.repeat(INGESTED_CHARS)}",${' '.repeat(ARRIVAL_CHARS)}]\n`;
const FIRST_BYTES = 64 * 1024;

export function createRowBuffer(): RowBuffer {
  let memory = Buffer.allocUnsafeSlow(FIRST_BYTES);
  let used = 0;
  /** Where the tail of each row begins. */
  const tails: number[] = [];
  const reserve = (bytes: number): void => {
    if (used + bytes <= memory.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(memory.length * 2, used + bytes));
    memory.copy(larger, 0, 0, used);
    memory = larger;
  };
  return {
    get rows() {
      return tails.length;
    },
    get bytes() {
      return used;
    },
    add(cells) {
      // At most three bytes of UTF-8 for each of the string's units.
      reserve(cells.length * 3 + TAIL.length + 1);
      memory[used++] = 91;
      used += memory.write(cells, used, 'utf8');
      tails.push(used);
      used += memory.write(TAIL, used, 'latin1');
    },
    content: () => memory.subarray(0, used),
    place(ingested, first) {
      if (ingested.length !== INGESTED_CHARS) throw new Error('a time of arrival has 27 characters');
      for (const [i, tail] of tails.entries()) {
        memory.write(ingested, tail + 2, 'latin1');
        memory.write(String(first + i).padStart(ARRIVAL_CHARS), tail + INGESTED_CHARS + 4, 'latin1');
      }
      return memory.subarray(0, used);
    },
  };
}
