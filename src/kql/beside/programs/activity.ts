import type { Cell, TableProgram } from '../contract.ts';
import { compareTicks, floorDiv, groupsOf, keyOf, numberOption, ticksOf } from './groups.ts';
import { merged, SpanCounter } from './spans.ts';
import { binCount } from './timeline.ts';

/**
 * The plug-ins that count ids per bin of a time axis. Inputs: one row of parameters; then rows of the dimensions, the
 * bin that the row falls in, the id, and how many rows of that id fall in that bin.
 */

interface Bin {
  readonly time: bigint;
  readonly counts: Map<string, number>;
}

interface Series {
  readonly dimensions: readonly Cell[];
  /** In order of time; bins without a row are not there. */
  readonly bins: readonly Bin[];
}

function seriesOf(rows: readonly (readonly Cell[])[], options: unknown): readonly Series[] {
  const width = numberOption(options, 'dimensions');
  return groupsOf(rows, width).map((group) => {
    const bins = new Map<bigint, Map<string, number>>();
    for (const row of group.rows) {
      const time = ticksOf(row[width]);
      if (time === undefined) continue;
      const counts = bins.get(time) ?? new Map<string, number>();
      bins.set(time, counts);
      counts.set(keyOf([row[width + 1] ?? null]), Number(row[width + 2] ?? 1));
    }
    const ordered = [...bins]
      .map(([time, counts]) => ({ time, counts }))
      .sort((a, b) => compareTicks(a.time, b.time));
    return { dimensions: group.cells, bins: ordered };
  });
}

/** Rows: time, dimensions, count, dcount, new_dcount, aggregated_dcount. */
export const activityCountsMetrics: TableProgram = {
  summary: 'Rows, ids and new ids of each bin, and the ids so far.',
  run([, data], options) {
    return seriesOf(data?.rows ?? [], options).flatMap(({ dimensions, bins }) => {
      const seen = new Set<string>();
      return bins.map(({ time, counts }): Cell[] => {
        const before = seen.size;
        let rows = 0;
        for (const [id, count] of counts) {
          seen.add(id);
          rows += count;
        }
        const fresh = seen.size - before;
        return [time, ...dimensions, BigInt(rows), BigInt(counts.size), BigInt(fresh), BigInt(seen.size)];
      });
    });
  },
};

/**
 * Rows: time, dimensions, dcount_values, dcount_newvalues, retention_rate, churn_rate. The rates are those of the ids
 * of the bin before; NaN where it has none. Parameters: step.
 */
export const activityMetrics: TableProgram = {
  summary: 'Ids of each bin: all, new ones, those that stayed and those that left.',
  run([parameters, data], options) {
    const step = ticksOf(parameters?.rows[0]?.[0]) ?? 0n;
    return seriesOf(data?.rows ?? [], options).flatMap(({ dimensions, bins }) => {
      const seen = new Set<string>();
      return bins.map(({ time, counts }, i): Cell[] => {
        const before = seen.size;
        for (const id of counts.keys()) seen.add(id);
        const last = bins[i - 1];
        const previous = last && last.time === time - step ? last.counts : new Map<string, number>();
        let kept = 0;
        for (const id of previous.keys()) if (counts.has(id)) kept++;
        const retention = previous.size === 0 ? Number.NaN : kept / previous.size;
        const fresh = BigInt(seen.size - before);
        return [time, ...dimensions, BigInt(counts.size), fresh, retention, 1 - retention];
      });
    });
  },
};

/**
 * Rows: time, dimensions, dcount_activities_inner, dcount_activities_outer, activity_ratio. The outer window ends with
 * the inner one. Parameters: inner window, outer window.
 */
export const activityEngagement: TableProgram = {
  summary: 'Ids of each bin against those of the longer window that ends with it.',
  run([parameters, data], options, budget) {
    const inner = ticksOf(parameters?.rows[0]?.[0]) ?? 0n;
    const outer = ticksOf(parameters?.rows[0]?.[1]) ?? 0n;
    if (inner <= 0n || outer < inner) return [];
    const reach = Number((outer + inner - 1n) / inner) - 1;
    return seriesOf(data?.rows ?? [], options).flatMap(({ dimensions, bins }) => {
      budget.check();
      const first = bins[0]?.time ?? 0n;
      const last = binCount(first, bins.at(-1)?.time ?? first, inner, budget) - 1;
      const { totals } = spread(bins, first, inner, reach, last);
      const innerCounts = new Map(bins.map(({ time, counts }) => [time, counts.size]));
      return totals.flatMap((total, i): Cell[][] => {
        const time = first + BigInt(i) * inner;
        const own = innerCounts.get(time) ?? 0;
        return total === 0 ? [] : [[time, ...dimensions, BigInt(own), BigInt(total), own / total]];
      });
    });
  },
};

/** Rows: time, dimensions, Count, Dcount of the windows that end with each bin. Parameters: start, end, look-back, bin. */
export const slidingWindowCounts: TableProgram = {
  summary: 'Rows and ids of the window that ends with each bin.',
  run([parameters, data], options, budget) {
    const [start, end, lookback, step] = (parameters?.rows[0] ?? []).map(ticksOf);
    if (start === undefined || end === undefined || lookback === undefined || !step || step < 0n) return [];
    const reach = Math.max(0, Number(floorDiv(lookback, step)) - 1);
    const last = binCount(start, end, step, budget) - 1;
    return seriesOf(data?.rows ?? [], options).flatMap(({ dimensions, bins }) => {
      budget.check();
      const { totals, rows } = spread(bins, start, step, reach, last);
      return totals.flatMap((total, i): Cell[][] =>
        total === 0 ? [] : [[start + BigInt(i) * step, ...dimensions, BigInt(rows[i] ?? 0), BigInt(total)]],
      );
    });
  },
};

/** How many ids and rows each bin sees when a row counts in its own bin and the `reach` bins behind it. */
function spread(
  bins: readonly Bin[],
  start: bigint,
  step: bigint,
  reach: number,
  last: number,
): { readonly totals: readonly number[]; readonly rows: readonly number[] } {
  const places = new Map<string, { from: number; to: number }[]>();
  const rows = new SpanCounter();
  for (const { time, counts } of bins) {
    const from = Number(floorDiv(time - start, step));
    const span = { from, to: from + reach };
    for (const [id, count] of counts) {
      const spans = places.get(id) ?? [];
      places.set(id, spans);
      spans.push(span);
      rows.add(span, count);
    }
  }
  const ids = new SpanCounter();
  for (const spans of places.values()) for (const span of merged(spans)) ids.add(span);
  return { totals: ids.totals(last), rows: rows.totals(last) };
}
