import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOOSENED, type Loosening } from './loosened.ts';

export type SuiteName = 'docs' | 'peer' | 'hunting';

/** In a list of names: any number of columns that a page does not show. */
export const REST = '...';

/** A query and what it must answer, in one form for all suites. */
export interface ConformanceCase {
  readonly id: string;
  readonly suite: SuiteName;
  /** Area of the language, to choose and to count by. */
  readonly family: string;
  readonly query: string;
  readonly expected: Expectation;
  /** Set where the expectation is not to be trusted: the case runs, its outcome does not count. */
  readonly disputed: string | undefined;
  /** Tables that the query reads and that hold no rows here: only names and types can be compared. */
  readonly tables: readonly string[];
}

export type Expectation =
  | { readonly kind: 'rejected' }
  /** Must run; with `columns`, under those names, of which `REST` leaves some out. Several entries are alternatives. */
  | { readonly kind: 'runs'; readonly columns: readonly (readonly string[])[] }
  | {
      readonly kind: 'text';
      readonly place: 'anywhere' | 'first-cell-start';
      readonly text: string;
      readonly squashed: boolean;
    }
  | RowsExpectation;

export interface RowsExpectation {
  readonly kind: 'rows';
  readonly columns: readonly (readonly string[])[];
  /** `real|decimal`: either. Undefined: not known. */
  readonly types: readonly string[] | undefined;
  /** Sets of rows, each of which is a right answer. A cell is JSON, or the raw text of a printed page. */
  readonly alternatives: readonly (readonly (readonly unknown[])[])[];
  readonly cells: 'json' | 'printed';
  readonly ordered: boolean;
  readonly unorderedArrays: boolean;
  /** `all`, only the last row of the answer, or the first rows of an answer that has `rowCount` rows in all. */
  readonly extent: 'all' | 'last' | 'some';
  readonly rowCount: number | undefined;
  readonly loosening: Loosening | undefined;
}

export function readPeerCases(folder: string): readonly ConformanceCase[] {
  return readLines<PeerLine>(join(folder, 'kql', 'peer-cases.jsonl')).map((line) => ({
    id: line.id,
    suite: 'peer',
    family: line.family ?? `other: ${line.id.split('-')[0] ?? ''}`,
    query: line.query,
    expected: peerExpectation(line),
    disputed: line.disputed === true ? (line.disputed_reason ?? 'disputed') : undefined,
    tables: [],
  }));
}

/** Cases that read tables without a known schema are left out: they cannot be bound. */
export function readDocsCases(
  folder: string,
  knownTables: ReadonlySet<string>,
): { readonly cases: readonly ConformanceCase[]; readonly leftOut: number } {
  const lines = readLines<DocsLine>(join(folder, 'kql', 'cases.jsonl'));
  const usable = lines.filter(
    (line) =>
      line.self_contained || (line.tables.length > 0 && line.tables.every((table) => knownTables.has(table))),
  );
  return {
    cases: usable.map((line) => ({
      id: line.id,
      suite: 'docs',
      family: line.kind,
      query: line.query_fixed ?? line.query,
      expected: docsExpectation(line),
      disputed: LOOSENED[line.id]?.disputed,
      tables: line.self_contained ? [] : line.tables,
    })),
    leftOut: lines.length - usable.length,
  };
}

interface PeerLine {
  readonly id: string;
  readonly query: string;
  readonly columns: readonly string[] | null;
  readonly types: readonly string[] | null;
  readonly rows: readonly (readonly unknown[])[] | null;
  readonly ordered: boolean;
  readonly family?: string;
  readonly error?: boolean;
  readonly assert?: 'columns' | 'last_row' | 'contains' | 'starts_with' | 'first_cell';
  readonly text?: string;
  readonly squashed?: boolean;
  readonly rows_partial?: boolean;
  readonly row_count?: number;
  readonly unordered_arrays?: boolean;
  readonly disputed?: boolean;
  readonly disputed_reason?: string;
}

function peerExpectation(line: PeerLine): Expectation {
  if (line.error === true) return { kind: 'rejected' };
  const columns = line.columns === null ? [] : [line.columns];
  if (line.assert === 'contains' || line.assert === 'starts_with') {
    if (line.text === undefined) throw new Error(`${line.id} asserts a text and has none`);
    const place = line.assert === 'contains' ? 'anywhere' : 'first-cell-start';
    return { kind: 'text', place, text: line.text, squashed: line.squashed === true };
  }
  if (line.assert === 'columns' || line.rows === null) return { kind: 'runs', columns };
  return {
    kind: 'rows',
    columns,
    types: line.types ?? undefined,
    alternatives: [line.assert === 'first_cell' ? [[line.rows[0]?.[0]]] : line.rows],
    cells: 'json',
    ordered: line.ordered,
    unorderedArrays: line.unordered_arrays === true || LOOSENED[line.id]?.unorderedArrays === true,
    extent:
      line.assert === 'last_row'
        ? 'last'
        : line.rows_partial === true || line.assert === 'first_cell'
          ? 'some'
          : 'all',
    rowCount: line.row_count,
    loosening: LOOSENED[line.id],
  };
}

interface DocsLine {
  readonly id: string;
  readonly kind: string;
  readonly query: string;
  readonly query_fixed?: string;
  readonly columns: readonly string[] | null;
  readonly columns_fixed?: readonly string[];
  readonly analyzer_columns?: readonly (readonly [string, string])[];
  readonly rows: readonly (readonly string[])[] | null;
  readonly rows_fixed?: readonly (readonly string[])[];
  readonly alternatives?: readonly (readonly (readonly string[])[])[];
  readonly result_types?: readonly (readonly [string, string])[];
  readonly self_contained: boolean;
  readonly tables: readonly string[];
  readonly truncated: boolean;
  readonly nondeterministic: boolean;
  readonly ordered: boolean;
  readonly unordered_arrays?: boolean;
  readonly expect_error?: string;
}

function docsExpectation(line: DocsLine): Expectation {
  if (line.expect_error !== undefined) return { kind: 'rejected' };
  const named = line.columns_fixed ?? line.columns;
  const predicted = line.analyzer_columns?.map(([name]) => name);
  const columns = [named, predicted].filter((names) => names !== null && names !== undefined);
  const rows = line.rows_fixed ?? line.rows;
  const loosening = LOOSENED[line.id];
  const onlyShape =
    line.truncated || line.nondeterministic || !line.self_contained || loosening?.onlyShape === true;
  if (rows === null || onlyShape) {
    const cut = loosening?.cutHeader === true ? columns.map((names) => [...names, REST]) : columns;
    return { kind: 'runs', columns: loosening?.anyNames === true ? [] : cut };
  }
  return {
    kind: 'rows',
    columns: loosening?.anyNames === true ? [] : columns,
    types: loosening?.measuredTypes ?? line.result_types?.map(([, type]) => type),
    alternatives: [rows, ...(line.alternatives ?? [])],
    cells: 'printed',
    ordered: line.ordered,
    unorderedArrays: line.unordered_arrays === true || loosening?.unorderedArrays === true,
    extent: loosening?.firstRows === undefined ? 'all' : 'some',
    rowCount: loosening?.firstRows,
    loosening,
  };
}

function readLines<Line>(file: string): readonly Line[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}
