import { CELL_FORMATS, type CellFormat } from '../../hunting/cells.ts';
import type { RunningHunt } from '../../hunting/open.ts';
import type { KqlType } from '../../model/kql-type.ts';
import type { Column } from '../../model/table-schema.ts';
import type { Visualization } from '../../model/visualization.ts';
import { ResultTooLarge } from './error.ts';

/** One table of an answer, not read yet. */
export interface KustoTable {
  readonly columns: readonly Column[];
  /** What the query asks to draw of it. */
  readonly visualization?: Visualization | undefined;
  /** Starts reading. Once. Rows are raw JSON tokens as the engine writes them. */
  start(): Pick<RunningHunt, 'rows'> & Partial<Pick<RunningHunt, 'statistics'>>;
}

/** The tables of one answer. */
export interface KustoTables {
  readonly tables: readonly KustoTable[];
  /** To be called once nothing more is read of them, whatever became of it. Idempotent. */
  close(): void;
}

export interface ResultLimits {
  readonly maxRecords: number | undefined;
  readonly maxBytes: number | undefined;
}

/** A bool is the number 1 or 0 in version 1, `true` or `false` in version 2. */
const BOOL_NUMBER: Readonly<Record<string, string>> = { true: '1', false: '0' };

function formatOf(type: KqlType, version: 1 | 2): CellFormat {
  return type === 'bool' && version === 1 ? (token) => BOOL_NUMBER[token] ?? token : CELL_FORMATS[type];
}

/** What was written of a table so far. */
export interface WrittenRows {
  records: number;
  bytes: number;
}

const PIECE_CHARS = 64 * 1024;

/**
 * The rows as pieces of JSON text, commas between them and none at the ends of a piece. `written` counts them. Fails
 * with `ResultTooLarge` behind the last row that may be sent.
 */
export async function* rowPieces(
  rows: AsyncIterable<readonly (readonly string[])[]>,
  columns: readonly Column[],
  version: 1 | 2,
  limits: ResultLimits,
  written: WrittenRows,
): AsyncGenerator<string> {
  const formats = columns.map(({ type }) => formatOf(type, version));
  let piece = '';
  let failure: Error | undefined;
  reading: for await (const batch of rows) {
    for (const row of batch) {
      const text = `[${row.map((token, place) => formats[place]?.(token) ?? 'null').join(',')}]`;
      failure = tooLarge(limits, written, text.length);
      if (failure !== undefined) break reading;
      written.records += 1;
      written.bytes += text.length;
      piece += piece === '' ? text : `,${text}`;
      if (piece.length >= PIECE_CHARS) {
        yield piece;
        piece = '';
      }
    }
  }
  if (piece !== '') yield piece;
  if (failure !== undefined) throw failure;
}

function tooLarge(limits: ResultLimits, written: WrittenRows, chars: number): Error | undefined {
  const { maxRecords, maxBytes } = limits;
  if (maxRecords !== undefined && written.records >= maxRecords) {
    return new ResultTooLarge('record count', maxRecords);
  }
  if (maxBytes !== undefined && written.bytes + chars > maxBytes) {
    return new ResultTooLarge('data size', maxBytes);
  }
  return undefined;
}

/** A table whose rows are known: each cell as JSON would write it. */
export function fixedTable(columns: readonly Column[], rows: readonly (readonly unknown[])[]): KustoTable {
  return {
    columns,
    start: () => ({
      rows: (async function* () {
        yield rows.map((row) => row.map((cell) => JSON.stringify(cell ?? null)));
      })(),
    }),
  };
}
