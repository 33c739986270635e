import type { Budget, Cell, Table } from '../contract.ts';

/** Rows as small numbers: one code per distinct value of a column. */
export interface CodedRows {
  readonly width: number;
  /** Codes, row after row. */
  readonly codes: Int32Array;
  readonly values: readonly (readonly Cell[])[];
  readonly weights: Float64Array;
  /** Columns that say nothing: no pattern fixes them. */
  readonly open: ReadonlySet<number>;
}

/** A combination of values that no row set has more of: each column's code, or -1 where the column varies. */
export interface ClosedPattern {
  readonly codes: Int32Array;
  readonly rows: Int32Array;
}

/** The columns before the last are the attributes, the last is the row's weight. */
export function codedRows(table: Table, open: readonly number[] = []): CodedRows {
  const width = table.columns.length - 1;
  const dictionaries = Array.from({ length: width }, () => new Map<string, number>());
  const values = Array.from({ length: width }, (): Cell[] => []);
  const codes = new Int32Array(table.rows.length * width);
  const weights = new Float64Array(table.rows.length);
  table.rows.forEach((row, r) => {
    for (let c = 0; c < width; c++) {
      const cell = row[c] ?? null;
      const key = typeof cell === 'object' ? JSON.stringify(cell) : `${typeof cell}${cell}`;
      const dictionary = dictionaries[c] as Map<string, number>;
      let code = dictionary.get(key);
      if (code === undefined) {
        code = dictionary.size;
        dictionary.set(key, code);
        values[c]?.push(cell);
      }
      codes[r * width + c] = code;
    }
    weights[r] = Number(row.at(-1) ?? 0);
  });
  return { width, codes, values, weights, open: new Set(open) };
}

export function weightOf(data: CodedRows, rows: Int32Array, counted?: (row: number) => boolean): number {
  let sum = 0;
  for (const row of rows) if (!counted || counted(row)) sum += data.weights[row] ?? 0;
  return sum;
}

/**
 * All closed patterns with enough rows, each once: a pattern grows by one value behind its core and is then closed; it
 * is dropped where closing adds a value before the core, for it was found there.
 * Source: Uno et al., "LCM ver. 2: Efficient Mining Algorithms for Frequent/Closed/Maximal Itemsets", 2004.
 */
export function closedPatterns(
  data: CodedRows,
  isFrequent: (rows: Int32Array) => boolean,
  maxSteps: number,
  budget: Budget,
): readonly ClosedPattern[] {
  const found: ClosedPattern[] = [];
  const { width, codes } = data;
  const codeAt = (row: number, column: number): number => codes[row * width + column] ?? -1;

  const closure = (rows: Int32Array): Int32Array => {
    const shared = new Int32Array(width).fill(-1);
    for (let c = 0; c < width; c++) {
      if (data.open.has(c)) continue;
      const code = codeAt(rows[0] ?? 0, c);
      if (rows.every((row) => codeAt(row, c) === code)) shared[c] = code;
    }
    return shared;
  };

  const grow = (pattern: ClosedPattern, core: number, steps: number): void => {
    budget.check();
    if (pattern.codes.some((code) => code >= 0)) found.push(pattern);
    if (steps >= maxSteps) return;
    for (let column = core + 1; column < width; column++) {
      if ((pattern.codes[column] ?? -1) >= 0 || data.open.has(column)) continue;
      const byCode = new Map<number, number[]>();
      for (const row of pattern.rows) {
        const code = codeAt(row, column);
        const rows = byCode.get(code);
        if (rows) rows.push(row);
        else byCode.set(code, [row]);
      }
      for (const members of byCode.values()) {
        const rows = Int32Array.from(members);
        if (!isFrequent(rows)) continue;
        const closed = closure(rows);
        const foundBefore = closed.some((code, c) => c < column && code >= 0 && (pattern.codes[c] ?? -1) < 0);
        if (!foundBefore) grow({ codes: closed, rows }, column, steps + 1);
      }
    }
  };

  const all = Int32Array.from({ length: data.weights.length }, (_, i) => i);
  if (all.length > 0 && isFrequent(all)) grow({ codes: closure(all), rows: all }, -1, 0);
  return found;
}

/** The pattern's cells, with a wildcard where a column varies. */
export function cellsOf(data: CodedRows, codes: Int32Array, wildcards: readonly Cell[]): readonly Cell[] {
  return Array.from(codes, (code, c) =>
    code < 0 ? (wildcards[c] ?? null) : (data.values[c]?.[code] ?? null),
  );
}

/** A share in percent, rounded. */
export function percent(part: number, whole: number, digits: number): number {
  if (whole === 0) return 0;
  const scale = 10 ** digits;
  return Math.round((part / whole) * 100 * scale) / scale;
}
