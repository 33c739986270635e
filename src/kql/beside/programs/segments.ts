import type { Cell, TableProgram } from '../contract.ts';
import {
  type ClosedPattern,
  cellsOf,
  closedPatterns,
  codedRows,
  percent,
  weightOf,
} from './closed-patterns.ts';
import { numberOption } from './groups.ts';

/**
 * The plug-ins that look for combinations of values. Inputs: the distinct rows with their weight in the last column;
 * one row of wildcards, one per attribute.
 */

/**
 * `basket`: the combinations that at least `threshold` of the rows have. Rows: segment, count, percent, attributes; the
 * most frequent first. Of combinations with the same rows the fullest stands for all.
 * Source: https://learn.microsoft.com/kusto/query/basket-plugin
 */
export const basket: TableProgram = {
  summary: 'The frequent combinations of values.',
  run([table, wildcards], options, budget) {
    if (!table) return [];
    const data = codedRows(table, openOf(options));
    const total = sum(data.weights);
    const least = numberOption(options, 'threshold') * total;
    return closedPatterns(
      data,
      (rows) => weightOf(data, rows) >= least,
      numberOption(options, 'maxDimensions'),
      budget,
    )
      .map((pattern) => ({ pattern, count: weightOf(data, pattern.rows) }))
      .sort((a, b) => b.count - a.count || fixedOf(b.pattern) - fixedOf(a.pattern))
      .map(({ pattern, count }, i): Cell[] => [
        BigInt(i),
        BigInt(Math.round(count)),
        percent(count, total, 1),
        ...cellsOf(data, pattern.codes, wildcards?.rows[0] ?? []),
      ]);
  },
};

/** Patterns that cover less than this are no clusters. */
const LEAST_COVERAGE = 0.05;

/**
 * `autocluster`: a few combinations that together say much about the rows. The best one is taken, its rows are set
 * aside, and so on; what is best weighs how many rows a combination has against how many columns it fixes.
 * Rows: segment, count, percent, attributes. The service's own search is not published; the parameters mean the same.
 * Source: https://learn.microsoft.com/kusto/query/autocluster-plugin
 */
export const autocluster: TableProgram = {
  summary: 'A few combinations of values that say much about the rows.',
  run([table, wildcards], options, budget) {
    if (!table) return [];
    const data = codedRows(table, openOf(options));
    const total = sum(data.weights);
    const sizeWeight = numberOption(options, 'sizeWeight');
    const seeds = numberOption(options, 'seeds');
    const least = total * LEAST_COVERAGE;
    const candidates = closedPatterns(
      data,
      (rows) => weightOf(data, rows) >= least,
      data.width,
      budget,
    ).filter(({ codes }) => codes.some((code, c) => code >= 0 && (data.values[c]?.[code] ?? null) !== null));
    const covered = new Uint8Array(data.weights.length);
    const chosen: ClosedPattern[] = [];
    while (chosen.length < seeds) {
      budget.check();
      let best: { readonly pattern: ClosedPattern; readonly score: number } | undefined;
      for (const pattern of candidates) {
        const fresh = weightOf(data, pattern.rows, (row) => covered[row] === 0);
        if (fresh < least) continue;
        const score =
          (fresh / total) ** sizeWeight * (fixedOf(pattern) / data.width) ** (2 * (1 - sizeWeight));
        if (!best || score > best.score) best = { pattern, score };
      }
      if (!best) break;
      chosen.push(best.pattern);
      for (const row of best.pattern.rows) covered[row] = 1;
    }
    return chosen.map((pattern, i): Cell[] => {
      const count = weightOf(data, pattern.rows);
      return [
        BigInt(i),
        BigInt(Math.round(count)),
        percent(count, total, 1),
        ...cellsOf(data, pattern.codes, wildcards?.rows[0] ?? []),
      ];
    });
  },
};

/**
 * `diffpatterns`: the combinations whose share differs most between two sets. The first column of the input is true for
 * set A, false for set B. Rows: segment, counts and percents of A and B, the difference, attributes; the greatest
 * difference first. A combination most of whose rows an earlier one has shown is left out.
 * Source: https://learn.microsoft.com/kusto/query/diffpatterns-plugin
 */
export const diffPatterns: TableProgram = {
  summary: 'The combinations of values that tell two sets apart.',
  run([table, wildcards], options, budget) {
    if (!table) return [];
    const isA = table.rows.map((row) => row[0] === true);
    const attributes = { columns: table.columns.slice(1), rows: table.rows.map((row) => row.slice(1)) };
    const data = codedRows(attributes, openOf(options));
    const inA = (row: number): boolean => isA[row] === true;
    const every = Int32Array.from({ length: data.weights.length }, (_, i) => i);
    const totalA = weightOf(data, every, inA);
    const totalB = sum(data.weights) - totalA;
    const threshold = numberOption(options, 'threshold');
    const shares = (rows: Int32Array): { a: number; b: number; countA: number; countB: number } => {
      const countA = weightOf(data, rows, inA);
      const countB = weightOf(data, rows) - countA;
      return { countA, countB, a: totalA ? countA / totalA : 0, b: totalB ? countB / totalB : 0 };
    };
    const candidates = closedPatterns(
      data,
      (rows) => {
        const { a, b } = shares(rows);
        return Math.max(a, b) >= threshold;
      },
      numberOption(options, 'maxDimensions'),
      budget,
    )
      .map((pattern) => ({ pattern, ...shares(pattern.rows) }))
      .filter(({ a, b }) => Math.abs(a - b) >= threshold)
      .sort((x, y) => Math.abs(y.a - y.b) - Math.abs(x.a - x.b) || fixedOf(y.pattern) - fixedOf(x.pattern));
    const shown = new Uint8Array(data.weights.length);
    const chosen = candidates.filter(({ pattern }) => {
      const fresh = weightOf(data, pattern.rows, (row) => shown[row] === 0);
      if (fresh * 2 <= weightOf(data, pattern.rows)) return false;
      for (const row of pattern.rows) shown[row] = 1;
      return true;
    });
    return chosen.map(({ pattern, a, b, countA, countB }, i): Cell[] => [
      BigInt(i),
      BigInt(Math.round(countA)),
      BigInt(Math.round(countB)),
      percent(a, 1, 2),
      percent(b, 1, 2),
      percent(Math.abs(a - b), 1, 2),
      ...cellsOf(data, pattern.codes, wildcards?.rows[0] ?? []),
    ]);
  },
};

function fixedOf(pattern: ClosedPattern): number {
  return pattern.codes.reduce((count, code) => (code >= 0 ? count + 1 : count), 0);
}

function sum(weights: Float64Array): number {
  return weights.reduce((total, weight) => total + weight, 0);
}

function openOf(options: unknown): readonly number[] {
  return (options as { readonly open?: readonly number[] }).open ?? [];
}
