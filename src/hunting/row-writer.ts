import type { RowBatch } from '../clickhouse/row-batch.ts';
import type { KqlType } from '../model/kql-type.ts';
import type { Column } from '../model/table-schema.ts';
import { CELL_FORMATS } from './cells.ts';

/** Writes rows as JSON objects, members in column order, with commas between them. */
export interface RowWriter {
  /**
   * The first `count` rows of a batch, and the comma before them where rows were written earlier. The bytes are good
   * until the next call.
   */
  write(batch: RowBatch, count: number): Uint8Array;
}

const FIRST_BYTES = 256 * 1024;

/**
 * Most tokens are the cell's text already (cells.ts): they are copied, and only the others become strings. An answer
 * of 10,000 full rows has a million cells.
 */
export function createRowWriter(columns: readonly Column[]): RowWriter {
  const cells = columns.map(({ name, type }, i) => ({
    head: Buffer.from(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    isAsWritten: AS_WRITTEN[type],
    format: CELL_FORMATS[type],
  }));
  let block = Buffer.allocUnsafe(FIRST_BYTES);
  let filled = 0;
  let isFirst = true;

  function makeRoom(bytes: number): void {
    if (filled + bytes <= block.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * block.length, filled + bytes));
    block.copy(larger, 0, 0, filled);
    block = larger;
  }

  /** Also makes room for a comma or a brace behind it. */
  function copy(from: Buffer, start: number, end: number): void {
    makeRoom(end - start + 2);
    // Of a short cell a loop is done before the call has begun.
    if (end - start > SHORT_BYTES) from.copy(block, filled, start, end);
    else for (let at = start, to = filled; at < end; at++, to++) block[to] = from[at] as number;
    filled += end - start;
  }

  return {
    write({ bytes, bounds, width }, count) {
      if (width !== cells.length) throw new Error(`a row of ${width} cells for ${cells.length} columns`);
      filled = 0;
      for (let row = 0, place = 0; row < count; row++) {
        if (!isFirst) block[filled++] = COMMA;
        isFirst = false;
        for (const { head, isAsWritten, format } of cells) {
          const start = bounds[place++] as number;
          const end = bounds[place++] as number;
          copy(head, 0, head.length);
          if (isAsWritten(bytes, start, end)) copy(bytes, start, end);
          else {
            const text = format(bytes.toString('utf8', start, end));
            makeRoom(3 * text.length + 2);
            filled += block.write(text, filled);
          }
        }
        block[filled++] = CLOSE_BRACE;
      }
      return block.subarray(0, filled);
    },
  };
}

const SHORT_BYTES = 16;
const QUOTE = 34;
const COMMA = 44;
const CLOSE_BRACE = 125;

type IsAsWritten = (bytes: Uint8Array, start: number, end: number) => boolean;

const isQuoted: IsAsWritten = (bytes, start) => bytes[start] === QUOTE;
const FULL_DATETIME_BYTES = '"2020-08-30T06:38:35.7664356Z"'.length;

/** True only where the format of the type would give the token back. */
const AS_WRITTEN: Readonly<Record<KqlType, IsAsWritten>> = {
  bool: () => true,
  int: () => true,
  long: () => true,
  guid: () => true,
  string: isQuoted,
  real: (bytes, start, end) => !isQuoted(bytes, start, end),
  decimal: () => false,
  datetime: (_bytes, start, end) => end - start === FULL_DATETIME_BYTES,
  timespan: () => false,
  dynamic: () => false,
};
