import { cutRows, type RowBatch, tokensOf } from './row-batch.ts';

/** Cuts a stream of JSONCompactEachRow into batches of rows. */
export interface RowDecoder {
  /** The rows that are complete with these bytes, which must not change any more; undefined where none is. */
  push(chunk: Uint8Array): RowBatch | undefined;
  /** After the last byte: the lines that were no rows, which end a result (figures, or an exception). */
  finish(): string;
}

const LINE_FEED = 10;

export function createRowDecoder(): RowDecoder {
  // Pieces of a line that has not ended yet.
  let open: Buffer[] = [];
  const trailer: Buffer[] = [];

  return {
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const end = bytes.lastIndexOf(LINE_FEED) + 1;
      if (end === 0) {
        open.push(bytes);
        return undefined;
      }
      const whole = bytes.subarray(0, end);
      const lines = open.length === 0 ? whole : Buffer.concat([...open, whole]);
      open = end === bytes.length ? [] : [bytes.subarray(end)];
      if (trailer.length > 0) {
        trailer.push(lines);
        return undefined;
      }
      const { batch, rest } = cutRows(lines);
      if (rest.length > 0) trailer.push(rest);
      return batch.length > 0 ? batch : undefined;
    },
    finish: () => Buffer.concat([...trailer, ...open]).toString('utf8'),
  };
}

/** The same rows as tokens. Leaving the loop early leaves `batches`. */
export async function* tokenRows(batches: AsyncIterable<RowBatch>): AsyncGenerator<string[][]> {
  for await (const batch of batches) yield tokensOf(batch);
}
