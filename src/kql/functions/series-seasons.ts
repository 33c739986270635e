import { type Sql, sql } from '../../clickhouse/sql.ts';
import { operand } from './operand.ts';
import type { Argument, FunctionFamily } from './registry.ts';
import { knownNumbers } from './series-filters.ts';
import { once, overSeries, printReals, shortened } from './series-numbers.ts';
import { tuple } from './tuple.ts';

/** Distances beyond this one are not looked at. */
const MOST_DISTANCES = sql`4096`;

/** A shorter period is not looked for: "too short to be detected" is said of 3, while 5 is found. */
const SHORTEST = sql`4`;

/** The least score of a period that is worth telling. */
const LEAST_SCORE = sql`0.6`;

/**
 * The correlation of the series with itself at each distance from 1, as an array. `arrayFold` does not copy the series
 * for all distances at once, as `arrayMap` would.
 */
function selfCorrelations(numbers: Sql): Sql {
  const most = sql`least(intDiv(length(${numbers}), 2), ${MOST_DISTANCES})`;
  const about = sql`arrayMap((__v, __mean) -> __v - __mean, ${numbers}, arrayWithConstant(length(${numbers}), arrayAvg(${numbers})))`;
  const folded = once(sql`__dev`, about, (d) =>
    once(sql`__var`, sql`arraySum(__v -> __v * __v, ${d})`, (variance) => {
      const product = sql`arraySum((__a, __b) -> __a * __b, arraySlice(${d}, 1, length(${d}) - __g), arraySlice(${d}, __g + 1))`;
      const correlation = sql`if(${variance} = 0, 0., ${product} / ${variance} * length(${d}) / (length(${d}) - __g))`;
      return sql`arrayFold((__acc, __g) -> arrayPushBack(__acc, ${correlation}), range(1, toUInt64(${most}) + 1), CAST([], 'Array(Float64)'))`;
    }),
  );
  return sql`if(length(${numbers}) < 8, CAST([], 'Array(Float64)'), ${folded})`;
}

/**
 * `(period, score)` where the self-correlation has a peak and the series holds at least four periods; the score is the
 * lower one of one and of two periods. Kusto's own way is not published; this finds what the samples of the reference
 * find, with their scores.
 * https://learn.microsoft.com/kusto/query/series-periods-detect-function
 */
function peaks(numbers: Sql): Sql {
  return once(sql`__r`, selfCorrelations(numbers), (r) => {
    const before = sql`arrayPopBack(arrayPushFront(${r}, 1.))`;
    const after = sql`arrayPushBack(arrayPopFront(${r}), -1.)`;
    const twice = sql`arrayResize(arrayFilter((__v, __i) -> __i % 2 = 0, ${r}, arrayEnumerate(${r})), length(${r}), -1.)`;
    const all = sql`arrayMap((__v, __i, __b, __a, __w) -> tuple(__i, if(__v > __b AND __v >= __a, least(__v, __w), -1.)), ${r}, arrayEnumerate(${r}), ${before}, ${after}, ${twice})`;
    return sql`if(empty(${r}), CAST([], 'Array(Tuple(UInt32, Float64))'), arrayFilter(__t -> __t.2 > 0, ${all}))`;
  });
}

/** The strongest first; of nearly equal ones, such as multiples, the shortest. */
function strongestFirst(found: Sql): Sql {
  return once(
    sql`__best`,
    sql`arrayMax(arrayPushBack(tupleElement(${found}, 2), -1.))`,
    (b) =>
      sql`arraySort(__t -> if(__t.2 < 0.9 * ${b}, tuple(1, -__t.2), tuple(0, toFloat64(__t.1))), ${found})`,
  );
}

/** The period to use: the one given, or the strongest whose score reaches the threshold; 0 for none. */
export function periodOf(numbers: Sql, given: Sql, threshold: Sql): Sql {
  const candidates = sql`arrayFilter(__t -> __t.1 >= ${SHORTEST}, ${peaks(numbers)})`;
  const detected = once(sql`__c`, candidates, (found) =>
    once(
      sql`__q`,
      strongestFirst(found),
      (q) => sql`if(notEmpty(${q}) AND ${q}[1].2 >= ${threshold}, toInt64(${q}[1].1), 0)`,
    ),
  );
  return sql`multiIf(ifNull(${given}, -1) = -1, ${detected}, ${given} > 0 AND ${given} <= length(${numbers}), toInt64(assumeNotNull(${given})), 0)`;
}

/** The median of each place of the period, repeated to `length`; zeros without a period. */
export function seasonal(numbers: Sql, period: Sql, length: Sql): Sql {
  const place = sql`arrayFilter((__v, __i) -> (__i - 1) % ${period} = __place, ${numbers}, arrayEnumerate(${numbers}))`;
  const medians = sql`arrayFold((__acc, __place) -> arrayPushBack(__acc, arrayReduce('quantileExactInclusive(0.5)', ${place})), range(toUInt64(${period})), CAST([], 'Array(Float64)'))`;
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
    const within = sql`__t.1 >= greatest(${smallest.sql}, ${SHORTEST}) AND __t.1 <= ${largest.sql} AND __t.2 >= ${LEAST_SCORE}`;
    const candidates = sql`arrayFilter(__t -> ifNull(${within}, false), ${peaks(s)})`;
    return once(sql`__c`, candidates, (found) =>
      once(sql`__q`, strongestFirst(found), (q) => {
        // A multiple of a stronger period says nothing new.
        const own = sql`arrayFilter((__t, __i, __first) -> __i = 1 OR __t.1 % __first > 0, ${q}, arrayEnumerate(${q}), arrayWithConstant(length(${q}), ${q}[1].1))`;
        const parts =
          part === 1 ? sql`arrayMap(__t -> toFloat64(__t.1), ${own})` : sql`tupleElement(${own}, 2)`;
        return sql`arrayResize(if(empty(${q}), CAST([], 'Array(Float64)'), ${parts}), toUInt64(greatest(ifNull(${most.sql}, 0), 0)), 0.)`;
      }),
    );
  });
  return overSeries([series], printReals(result));
}

function periodsValidate(args: readonly Argument[], part: 1 | 2): Sql {
  const series = operand(args, 0);
  const periods = args.slice(1).map((period) => sql`ifNull(${period.sql}, 0.)`);
  const listed = periods.reduce((all, period) => sql`${all}, ${period}`);
  if (part === 1) return overSeries([series], printReals(sql`[${listed}]`));
  const result = once(
    sql`__c`,
    once(sql`__s`, knownNumbers(series), peaks),
    (found) =>
      sql`arrayMap(__g -> greatest(arrayFirst(__t -> __t.1 = round(__g) AND __t.2 >= ${LEAST_SCORE}, ${found}).2, 0.), [${listed}])`,
  );
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
