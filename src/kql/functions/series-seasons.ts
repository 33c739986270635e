import { type Sql, sql } from '../../clickhouse/sql.ts';
import { operand } from './operand.ts';
import type { Argument, FunctionFamily } from './registry.ts';
import { knownNumbers } from './series-filters.ts';
import { once, overSeries, printReals, shortened } from './series-numbers.ts';
import { tuple } from './tuple.ts';

/** A period is looked for among so many distances, as long as the series holds four of it. */
const MOST_DISTANCES = sql`2048`;

/**
 * The correlation of the series with itself at each distance from 1, as an array. Kusto's detection is not published;
 * this finds the periods of the reference's samples.
 * https://learn.microsoft.com/kusto/query/series-periods-detect-function
 */
function selfCorrelations(numbers: Sql, most: Sql): Sql {
  const head = sql`arraySlice(${numbers}, 1, length(${numbers}) - __g)`;
  const tail = sql`arraySlice(${numbers}, __g + 1)`;
  const correlation = sql`arrayReduce('corrStable', ${head}, ${tail})`;
  return sql`arrayMap(__g -> if(isNaN(${correlation}), 0., ${correlation}), range(1, toUInt64(greatest(${most}, 0)) + 1))`;
}

/** `(period, score)` of the peaks of the self-correlation, the strongest first; of multiples the smallest. */
function peaks(numbers: Sql, smallest: Sql, largest: Sql): Sql {
  const most = sql`least(intDiv(length(${numbers}), 4) + 1, ${MOST_DISTANCES}, ${largest} + 1)`;
  return once(sql`__r`, selfCorrelations(numbers, most), (r) => {
    const before = sql`arrayPopBack(arrayPushFront(${r}, 1.))`;
    const after = sql`arrayPushBack(arrayPopFront(${r}), -1.)`;
    const tops = sql`arrayFilter((__t, __b, __a) -> __t.2 > __b AND __t.2 >= __a AND __t.1 >= greatest(${smallest}, 2) AND __t.1 <= ${largest} AND __t.1 * 4 <= length(${numbers}), arrayZip(arrayEnumerate(${r}), ${r}), ${before}, ${after})`;
    return once(sql`__tops`, tops, (found) => {
      const best = sql`arrayMax(arrayPushBack(tupleElement(${found}, 2), -1.))`;
      return once(
        sql`__best`,
        best,
        (b) =>
          sql`arraySort(__t -> tuple(__t.2 < 0.9 * ${b}, if(__t.2 < 0.9 * ${b}, -__t.2, toFloat64(__t.1))), ${found})`,
      );
    });
  });
}

/** The period to use: the one given, or the strongest whose score reaches the threshold; 0 for none. */
export function periodOf(numbers: Sql, given: Sql, threshold: Sql): Sql {
  const detected = once(
    sql`__q`,
    peaks(numbers, sql`2`, sql`length(${numbers})`),
    (found) => sql`if(notEmpty(${found}) AND ${found}[1].2 >= ${threshold}, toInt64(${found}[1].1), 0)`,
  );
  return sql`multiIf(ifNull(${given}, -1) = -1, ${detected}, ${given} > 0 AND ${given} <= length(${numbers}), toInt64(assumeNotNull(${given})), 0)`;
}

/** The median of each place of the period, repeated to `length`; zeros without a period. */
export function seasonal(numbers: Sql, period: Sql, length: Sql): Sql {
  const place = sql`arrayFilter((__v, __i) -> (__i - 1) % ${period} = __place, ${numbers}, arrayEnumerate(${numbers}))`;
  const medians = sql`arrayMap(__place -> arrayReduce('quantileExactInclusive(0.5)', ${place}), range(toUInt64(${period})))`;
  const repeated = once(
    sql`__med`,
    medians,
    (m) =>
      sql`arrayResize(arrayFlatten(arrayWithConstant(intDiv(${length}, ${period}) + 1, ${m})), ${length})`,
  );
  return sql`if(${period} = 0, arrayWithConstant(${length}, 0.), ${repeated})`;
}

function seriesSeasonal(args: readonly Argument[]): Sql {
  const series = operand(args, 0);
  const given = args[1]?.sql ?? sql`-1`;
  const held = args[2]?.sql ?? sql`0`;
  const result = once(sql`__s`, knownNumbers(series), (s) =>
    once(sql`__train`, sql`arraySlice(${s}, 1, greatest(length(${s}) - ${held}, 0))`, (train) =>
      once(sql`__per`, periodOf(train, given, sql`0.7`), (period) =>
        seasonal(train, period, sql`length(${s})`),
      ),
    ),
  );
  return overSeries([series], printReals(result));
}

function periodsDetect(args: readonly Argument[], part: 1 | 2): Sql {
  const [series, smallest, largest, most] = [0, 1, 2, 3].map((place) => operand(args, place)) as [
    Argument,
    Argument,
    Argument,
    Argument,
  ];
  const result = once(sql`__s`, knownNumbers(series), (s) => {
    const found = peaks(s, smallest.sql, sql`least(${largest.sql}, length(${s}))`);
    // A multiple of a stronger period says nothing new.
    return once(sql`__q`, found, (q) => {
      const first = sql`if(empty(${q}), 0., toFloat64(${q}[1].1))`;
      const own = sql`arrayFilter((__t, __i) -> __i = 1 OR __t.1 % toUInt64(${first}) > 0, ${q}, arrayEnumerate(${q}))`;
      const parts =
        part === 1 ? sql`arrayMap(__t -> toFloat64(__t.1), ${own})` : sql`tupleElement(${own}, 2)`;
      return sql`arrayResize(${parts}, toUInt64(greatest(ifNull(${most.sql}, 0), 0)), 0.)`;
    });
  });
  return overSeries([series], printReals(result));
}

function periodsValidate(args: readonly Argument[], part: 1 | 2): Sql {
  const series = operand(args, 0);
  const periods = args.slice(1).map((period) => sql`ifNull(${period.sql}, 0.)`);
  const listed = periods.reduce((all, period) => sql`${all}, ${period}`);
  if (part === 1) return overSeries([series], printReals(sql`[${listed}]`));
  const result = once(sql`__s`, knownNumbers(series), (s) => {
    const most = sql`least(intDiv(length(${s}), 2), ${MOST_DISTANCES})`;
    return once(sql`__r`, selfCorrelations(s, most), (r) => {
      const at = sql`${r}[toUInt64(round(__g))]`;
      const isPeak = sql`${at} > ${r}[toUInt64(round(__g)) - 1] AND ${at} > ${r}[toUInt64(round(__g)) + 1]`;
      return sql`arrayMap(__g -> if(__g >= 2 AND __g * 2 <= length(${s}) AND ${isPeak}, greatest(${at}, 0.), 0.), [${listed}])`;
    });
  });
  return overSeries([series], printReals(result));
}

/** How far each number lies outside the range of two percentiles, in lengths of that range. */
export function fenceScores(numbers: Sql, train: Sql, low: Sql, high: Sql): Sql {
  return once(sql`__lo`, percentileAt(train, low), (lo) =>
    once(sql`__hi`, percentileAt(train, high), (hi) => {
      const range = sql`greatest(${hi} - ${lo}, 1e-9 * greatest(1., abs(${hi}), abs(${lo})))`;
      return sql`arrayMap(__v -> multiIf(__v > ${hi}, (__v - ${hi}) / ${range}, __v < ${lo}, (__v - ${lo}) / ${range}, 0.), ${numbers})`;
    }),
  );
}

/** With interpolation; 0 of no numbers. */
function percentileAt(numbers: Sql, percentage: Sql): Sql {
  return once(sql`__o`, sql`arraySort(${numbers})`, (o) =>
    once(sql`__at`, sql`${percentage} / 100 * (length(${o}) - 1)`, (at) => {
      const low = sql`${o}[toUInt64(floor(${at})) + 1]`;
      const high = sql`${o}[least(toUInt64(floor(${at})) + 2, length(${o}))]`;
      return sql`if(empty(${o}), 0., ${low} + (${high} - ${low}) * (${at} - floor(${at})))`;
    }),
  );
}

export const seriesSeasons: FunctionFamily = {
  series_seasonal: {
    summary: 'The part of a series that repeats.',
    page: 'series-seasonal-function',
    params: ['dynamic', 'long', 'long'],
    nulls: 'never',
    sql: (args) => shortened(args, seriesSeasonal),
  },
  series_periods_detect: {
    summary: 'The periods after which a series repeats, with scores, as columns.',
    page: 'series-periods-detect-function',
    params: ['dynamic', 'real', 'real', 'long'],
    nulls: 'never',
    sql: (args) =>
      tuple(
        ([1, 2] as const).map((part) => ({
          type: 'dynamic',
          sql: shortened(args, (own) => periodsDetect(own, part)),
        })),
      ),
  },
  series_periods_validate: {
    summary: 'How well a series repeats after the given periods, as columns.',
    page: 'series-periods-validate-function',
    params: ['dynamic', 'real'],
    nulls: 'never',
    sql: (args) =>
      tuple(
        ([1, 2] as const).map((part) => ({
          type: 'dynamic',
          sql: shortened(args, (own) => periodsValidate(own, part)),
        })),
      ),
  },
};
