import type { Cell, TableProgram } from '../contract.ts';
import { compareTicks, groupsOf, numberOption, ticksOf } from './groups.ts';

/**
 * `rolling_percentile`: the smallest value that at least that part of the window's values does not exceed. Inputs:
 * percentile, bin size, bins per window; rows of dimensions, bin, value, count. Rows: bin, dimensions, value.
 * Source: https://learn.microsoft.com/kusto/query/rolling-percentile-plugin
 */
export const rollingPercentile: TableProgram = {
  summary: 'A percentile over the last bins, at each bin.',
  run([parameters, data], options, budget) {
    const percentile = Number(parameters?.rows[0]?.[0] ?? Number.NaN);
    const size = ticksOf(parameters?.rows[0]?.[1]) ?? 0n;
    const bins = ticksOf(parameters?.rows[0]?.[2]) ?? 0n;
    if (!(percentile >= 0 && percentile <= 100) || size <= 0n || bins <= 0n) return [];
    const width = numberOption(options, 'dimensions');
    return groupsOf(data?.rows ?? [], width).flatMap((group) => {
      const byBin = new Map<bigint, { value: Cell; count: number }[]>();
      for (const row of group.rows) {
        const bin = ticksOf(row[width]);
        const value = row[width + 1] ?? null;
        if (bin === undefined || value === null) continue;
        const values = byBin.get(bin) ?? [];
        byBin.set(bin, values);
        values.push({ value, count: Number(row[width + 2]) });
      }
      const ordered = [...byBin].sort(([a], [b]) => compareTicks(a, b));
      let oldest = 0;
      return ordered.map(([bin], i): Cell[] => {
        budget.check();
        while ((ordered[oldest]?.[0] ?? bin) <= bin - bins * size) oldest++;
        const window = ordered.slice(oldest, i + 1).flatMap(([, values]) => values);
        return [bin, ...group.cells, percentileOf(window, percentile)];
      });
    });
  },
};

function percentileOf(values: readonly { value: Cell; count: number }[], percentile: number): Cell {
  const sorted = [...values].sort((a, b) => (before(a.value, b.value) ? -1 : 1));
  const total = sorted.reduce((sum, { count }) => sum + count, 0);
  const rank = Math.max(1, Math.ceil((percentile / 100) * total));
  let passed = 0;
  for (const { value, count } of sorted) {
    passed += count;
    if (passed >= rank) return value;
  }
  return null;
}

function before(a: Cell, b: Cell): boolean {
  return (a as number | bigint) < (b as number | bigint);
}
