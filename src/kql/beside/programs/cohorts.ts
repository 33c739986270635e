import type { Cell, TableProgram } from '../contract.ts';
import { floorDiv, groupsOf, keyOf, numberOption, ticksOf } from './groups.ts';
import { binCount } from './timeline.ts';

/**
 * `new_activity_metrics`: for each pair of bins, what became of the ids that were new in the first. Inputs: start, end,
 * step and the one cohort or null; rows of dimensions, bin, id; and the ids that are not new, if there are any.
 * Rows: from, to, dimensions, dcount_new_values, dcount_retained_values, dcount_churn_values, retention, churn.
 * Source: https://learn.microsoft.com/kusto/query/new-activity-metrics-plugin
 */
export const newActivityMetrics: TableProgram = {
  summary: 'What became of the ids that were new in each bin.',
  run([parameters, data, known], options, budget) {
    const [start, end, step, cohort] = (parameters?.rows[0] ?? []).map(ticksOf);
    if (start === undefined || end === undefined || !step || step < 0n) return [];
    const width = numberOption(options, 'dimensions');
    const bins = binCount(start, end, step, budget);
    const old = new Set((known?.rows ?? []).map((row) => keyOf(row.slice(0, 1))));
    const only = cohort === undefined ? undefined : Number(floorDiv(cohort - start, step));

    return groupsOf(data?.rows ?? [], width).flatMap((group) => {
      budget.check();
      const first = new Map<string, number>();
      const active = new Map<number, Set<string>>();
      for (const row of group.rows) {
        const time = ticksOf(row[width]);
        if (time === undefined) continue;
        const bin = Number(floorDiv(time - start, step));
        const id = keyOf([row[width + 1] ?? null]);
        first.set(id, Math.min(first.get(id) ?? bin, old.has(id) ? -1 : bin));
        const ids = active.get(bin) ?? new Set<string>();
        active.set(bin, ids.add(id));
      }
      const sizes = new Map<number, number>();
      for (const bin of first.values()) sizes.set(bin, (sizes.get(bin) ?? 0) + 1);

      const out: Cell[][] = [];
      for (let from = 0; from < bins; from++) {
        const size = sizes.get(from) ?? 0;
        if (size === 0 || (only !== undefined && only !== from)) continue;
        budget.check();
        for (let to = from; to < bins; to++) {
          let fresh = 0;
          let kept = 0;
          for (const id of active.get(to) ?? []) {
            const seen = first.get(id) ?? -1;
            if (seen === from) kept++;
            if (seen > from || (seen === from && to === from)) fresh++;
          }
          out.push([
            start + BigInt(from) * step,
            start + BigInt(to) * step,
            ...group.cells,
            BigInt(fresh),
            BigInt(kept),
            BigInt(size - kept),
            kept / size,
            (size - kept) / size,
          ]);
        }
      }
      return out;
    });
  },
};
