import { Readable } from 'node:stream';
import { type CsvError, type Info, parse } from 'csv-parse';

export interface CsvHandler {
  /** Cells by column name, as text. */
  row(cells: Readonly<Record<string, string>>, line: number): void;
  fault(fault: 'malformed CSV', text: string, line: number): void;
  /** Called between rows, so that the reader can wait for the writer. */
  pause(): Promise<void> | undefined;
}

/** A CSV file with a header (RFC 4180). A wrong row is reported and the rest goes on. */
export async function readCsv(
  chunks: AsyncIterable<Buffer>,
  handler: CsvHandler,
  maxRowBytes: number,
): Promise<void> {
  const parser = parse({
    columns: (header: string[]) => header.map((name) => name.trim()),
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: maxRowBytes,
    on_skip: (error: CsvError | undefined, raw: string | undefined) => {
      handler.fault('malformed CSV', raw ?? error?.message ?? '', Number(error?.['lines'] ?? 0));
      return undefined;
    },
  });
  const source = Readable.from(chunks, { objectMode: false, highWaterMark: 1 << 16 });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const item of parser as AsyncIterable<{ record: Record<string, string>; info: Info }>) {
      handler.row(item.record, item.info.lines);
      const wait = handler.pause();
      if (wait !== undefined) await wait;
    }
  } catch (error) {
    if (!isCsvError(error)) throw error;
    // What cannot be skipped: a quote that is never closed takes the rest of the file with it.
    handler.fault('malformed CSV', error.message, Number(error['lines'] ?? 0));
  } finally {
    source.destroy();
  }
}

function isCsvError(error: unknown): error is CsvError {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_');
}
