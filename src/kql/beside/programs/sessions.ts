import type { Cell, TableProgram } from '../contract.ts';
import { compareTicks, floorDiv, groupsOf, numberOption, ticksOf } from './groups.ts';

/**
 * `session_count`: a session begins with an id's first row and with each that comes `lookback` or more after the one
 * before. Inputs: bin, look-back; rows of dimensions, id, time. Rows: bin, dimensions, count of sessions begun in it.
 * Source: https://learn.microsoft.com/kusto/query/session-count-plugin; the equal gap: measured on the real engine.
 */
export const sessionCount: TableProgram = {
  summary: 'Sessions by the bin in which they begin.',
  run([parameters, data], options, budget) {
    const [step, lookback] = (parameters?.rows[0] ?? []).map(ticksOf);
    if (!step || step < 0n || lookback === undefined) return [];
    const width = numberOption(options, 'dimensions');
    return groupsOf(data?.rows ?? [], width).flatMap((group) => {
      const counts = new Map<bigint, bigint>();
      for (const times of timesPerId(group.rows, width)) {
        budget.check();
        times.forEach((time, i) => {
          const before = times[i - 1];
          if (before !== undefined && time - before < lookback) return;
          const bin = floorDiv(time, step) * step;
          counts.set(bin, (counts.get(bin) ?? 0n) + 1n);
        });
      }
      return [...counts]
        .sort(([a], [b]) => compareTicks(a, b))
        .map(([bin, count]): Cell[] => [bin, ...group.cells, count]);
    });
  },
};

/**
 * `active_users_count`: an id counts in a bin if one of its rows there ends a look-back window with enough active
 * periods. Inputs: start, end, look-back, wanted periods, bin; rows of dimensions, id, period. Rows: bin, dimensions,
 * distinct ids. Source: https://learn.microsoft.com/kusto/query/active-users-count-plugin
 */
export const activeUsersCount: TableProgram = {
  summary: 'Ids with enough active periods, by bin.',
  run([parameters, data], options, budget) {
    const [start, end, lookback, wanted, step] = (parameters?.rows[0] ?? []).map(ticksOf);
    if (start === undefined || end === undefined || lookback === undefined || wanted === undefined) return [];
    if (!step || step < 0n) return [];
    const width = numberOption(options, 'dimensions');
    return groupsOf(data?.rows ?? [], width).flatMap((group) => {
      const counts = new Map<bigint, bigint>();
      for (const times of timesPerId(group.rows, width)) {
        budget.check();
        const bins = new Set<bigint>();
        let oldest = 0;
        times.forEach((time, i) => {
          while ((times[oldest] ?? time) <= time - lookback) oldest++;
          if (BigInt(i - oldest + 1) < wanted || time < start || time > end) return;
          bins.add(start + floorDiv(time - start, step) * step);
        });
        for (const bin of bins) counts.set(bin, (counts.get(bin) ?? 0n) + 1n);
      }
      return [...counts]
        .sort(([a], [b]) => compareTicks(a, b))
        .map(([bin, count]): Cell[] => [bin, ...group.cells, count]);
    });
  },
};

/** The different times of each id, in order. */
function timesPerId(rows: readonly (readonly Cell[])[], width: number): readonly (readonly bigint[])[] {
  return groupsOf(
    rows.map((row) => row.slice(width)),
    1,
  ).map((group) => {
    const times = new Set(group.rows.map((row) => ticksOf(row[1])));
    return [...times].filter((time) => time !== undefined).sort(compareTicks);
  });
}
