import type { Cell, TableProgram } from '../contract.ts';
import { compareTicks, groupsOf, keyOf, numberOption, placeOf, ticksOf } from './groups.ts';
import { tooManyRows } from './too-many.ts';

/**
 * `sequence_detect`: every way in which the predicates hold one after the other. Inputs: the greatest time between two
 * steps and of the whole; rows of dimensions, time, one bool per predicate. Rows: dimensions, the time of each
 * predicate, duration; in the order of the first time.
 * Source: https://learn.microsoft.com/kusto/query/sequence-detect-plugin
 */
export const sequenceDetect: TableProgram = {
  summary: 'Every way in which predicates hold one after the other.',
  run([parameters, data], options, budget) {
    const [stepWindow, span] = (parameters?.rows[0] ?? []).map(ticksOf);
    if (stepWindow === undefined || span === undefined) return [];
    const width = numberOption(options, 'dimensions');
    const steps = numberOption(options, 'steps');
    const out: Cell[][] = [];
    for (const group of groupsOf(data?.rows ?? [], width)) {
      budget.check();
      const times = Array.from({ length: steps }, (_, s) => timesOf(group.rows, width, s));
      const seen = new Set<string>();
      const extend = (chain: readonly bigint[]): void => {
        const first = chain[0];
        const last = chain.at(-1);
        if (first !== undefined && last !== undefined && chain.length === steps) {
          const key = keyOf(chain);
          if (seen.has(key)) return;
          seen.add(key);
          if (out.length >= budget.maxRows) throw tooManyRows(budget);
          if ((out.length & 0xfff) === 0) budget.check();
          out.push([...group.cells, ...chain, last - first]);
          return;
        }
        const candidates = times[chain.length] ?? [];
        for (let i = last === undefined ? 0 : placeOf(candidates, last); i < candidates.length; i++) {
          const time = candidates[i] ?? 0n;
          if (last !== undefined && time - last > stepWindow) return;
          if (first !== undefined && time - first > span) return;
          extend([...chain, time]);
        }
      };
      extend([]);
    }
    return out.sort((a, b) => compareTicks(a[width] as bigint, b[width] as bigint));
  },
};

function timesOf(rows: readonly (readonly Cell[])[], width: number, step: number): readonly bigint[] {
  const times = new Set<bigint>();
  for (const row of rows) {
    const time = ticksOf(row[width]);
    if (time !== undefined && row[width + 1 + step] === true) times.add(time);
  }
  return [...times].sort(compareTicks);
}
