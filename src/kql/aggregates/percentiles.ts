import { float64, type Sql, sql } from '../../clickhouse/sql.ts';
import { toJson } from '../functions/coerce.ts';
import { type Argument, ArgumentFault } from '../functions/registry.ts';
import { argumentAt, countOf, engineAggregate } from './filtered.ts';
import type { Aggregation, AggregationFamily } from './registry.ts';

/**
 * The smallest value such that at least `percentage` % of the values are no larger, exactly.
 * https://learn.microsoft.com/kusto/query/percentiles-aggregation-function
 */
function percentile(value: Argument, percentage: Argument): Sql {
  const share = shareOf(percentage.constant);
  if (value.type === 'string' || value.type === 'guid') return percentileOfText(value, share);
  return engineAggregate('quantileExactOrNull', [level(share)], [value.sql], undefined);
}

/** Kinds of values that the engine has no quantile of. */
function percentileOfText(value: Argument, share: number): Sql {
  const sorted = sql`arraySort(groupArray(${value.sql}))`;
  const rank = sql`greatest(1, toUInt64(ceil(${level(share)} * ${countOf(value, undefined)})))`;
  if (value.type === 'string') return sql`arrayElement(${sorted}, ${rank})`;
  return sql`arrayElementOrNull(${sorted}, ${rank})`;
}

/** The same where each value stands for as many as its weight says. Rows without a positive weight do not count. */
function weighted(value: Argument, weight: Argument, percentage: Argument): Sql {
  return engineAggregate(
    'quantileExactWeightedOrNull',
    [level(shareOf(percentage.constant))],
    [value.sql, sql`toUInt64(greatest(ifNull(${weight.sql}, 0), 0))`],
    hasWeight(weight),
  );
}

function several(value: Argument, percentages: readonly Argument[]): Sql {
  const levels = sharesOf(percentages).map(level);
  const all = engineAggregate('quantilesExact', levels, [value.sql], undefined);
  return asArray(all, value, countOf(value, undefined));
}

function severalWeighted(value: Argument, weight: Argument, percentages: readonly Argument[]): Sql {
  const levels = sharesOf(percentages).map(level);
  const weights = sql`toUInt64(greatest(ifNull(${weight.sql}, 0), 0))`;
  const all = engineAggregate('quantilesExactWeighted', levels, [value.sql, weights], hasWeight(weight));
  return asArray(all, value, countOf(value, hasWeight(weight)));
}

function asArray(values: Sql, value: Argument, rows: Sql): Sql {
  const texts = sql`arrayMap(__p -> ${toJson(sql`__p`, value.type)}, ${values})`;
  return sql`if(${rows} = 0, '', concat('[', arrayStringConcat(${texts}, ','), ']'))`;
}

function hasWeight(weight: Argument): Sql {
  return sql`(ifNull(${weight.sql}, 0) > 0)`;
}

/**
 * The engine takes the element at floor(level * n), counted from 0; the nearest rank is ceil(share * n), counted
 * from 1. They differ only where share * n is whole, so the level is a hair lower. The weighted form rounds
 * share * n up, and the hair absorbs what the multiplication puts on top (0.07 * 100 is more than 7).
 */
function level(share: number): Sql {
  return float64(share * (1 - 1e-12));
}

function shareOf(percentage: Argument['constant']): number {
  const share = Number(percentage) / 100;
  if (percentage === undefined || percentage === null || !(share >= 0 && share <= 1)) {
    throw new ArgumentFault('a percentage is a constant from 0 to 100');
  }
  return share;
}

/** Percentages one by one, or one constant dynamic array of them. */
function sharesOf(percentages: readonly Argument[]): readonly number[] {
  const [first] = percentages;
  if (first?.type !== 'dynamic') return percentages.map((percentage) => shareOf(percentage.constant));
  const listed: unknown = typeof first.constant === 'string' ? JSON.parse(first.constant) : undefined;
  if (!Array.isArray(listed) || listed.length === 0) {
    throw new ArgumentFault('percentages are a constant array');
  }
  return listed.map((percentage: unknown) =>
    shareOf(typeof percentage === 'number' ? percentage : undefined),
  );
}

const one: Aggregation = {
  summary: 'Nearest-rank percentile of the values.',
  page: 'percentiles-aggregation-function',
  nulls: 'maybe',
  sql: (args) => percentile(argumentAt(args, 0), argumentAt(args, 1)),
};

const oneWeighted: Aggregation = {
  summary: 'Nearest-rank percentile of weighted values.',
  page: 'percentilesw-aggregation-function',
  params: ['any', 'long', 'any'],
  nulls: 'maybe',
  sql: (args) => weighted(argumentAt(args, 0), argumentAt(args, 1), argumentAt(args, 2)),
};

/** `percentiles` and `percentilesw` have a column for each percentage: each is a call of its own. */
export const percentiles: AggregationFamily = {
  percentile: one,
  percentiles: one,
  percentilew: oneWeighted,
  percentilesw: oneWeighted,
  percentiles_array: {
    summary: 'Nearest-rank percentiles of the values, as an array.',
    page: 'percentiles-aggregation-function',
    nulls: 'never',
    sql: (args) => several(argumentAt(args, 0), args.slice(1)),
  },
  percentilesw_array: {
    summary: 'Nearest-rank percentiles of weighted values, as an array.',
    page: 'percentilesw-aggregation-function',
    params: ['any', 'long', 'any'],
    nulls: 'never',
    sql: (args) => severalWeighted(argumentAt(args, 0), argumentAt(args, 1), args.slice(2)),
  },
};
