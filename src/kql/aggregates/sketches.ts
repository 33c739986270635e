import { count, type Sql, sql } from '../../clickhouse/sql.ts';
import type { Argument } from '../functions/registry.ts';
import {
  cellOf,
  digestState,
  fewest,
  hllState,
  mergedDigest,
  mergedHll,
  rankOf,
} from '../functions/sketch-states.ts';
import { accuracyLevel } from './counting.ts';
import { type AggregationSql, argumentAt, both, engineAggregate, overAll, overSome } from './filtered.ts';
import type { Aggregation, AggregationFamily } from './registry.ts';

/** Cells by accuracy level, as powers of two. */
const POWERS = [12, 14, 16, 17, 18] as const;

/** Beyond so many values a digest is made from a sample of them. */
const MOST_SAMPLED = 1_000_000;

const hll: AggregationSql = (args, where) => {
  const value = argumentAt(args, 0);
  const power = POWERS[accuracyLevel(args[1])] ?? 14;
  const hash = hashOf(value);
  const kept = both(where, value.nullable ? sql`isNotNull(${value.sql})` : undefined);
  const hashes = engineAggregate('groupUniqArray', [count(fewest(power) + 1)], [hash], kept);
  const pair = [sql`[${cellOf(hash, count(power))}]`, sql`[${rankOf(hash)}]`];
  return hllState(power, hashes, engineAggregate('maxMap', [], pair, kept));
};

/** Equal whole numbers of all types have one hash. Never NULL. */
function hashOf(value: Argument): Sql {
  switch (value.type) {
    case 'int':
    case 'long':
    case 'timespan':
    case 'bool':
      return sql`sipHash64(toInt64(${value.nullable ? sql`assumeNotNull(${value.sql})` : value.sql}))`;
    default:
      return sql`sipHash64(${value.nullable ? sql`assumeNotNull(${value.sql})` : value.sql})`;
  }
}

const tdigest: AggregationSql = (args, where) => {
  const value = argumentAt(args, 0);
  const weight = args[1];
  const own = weight === undefined ? sql`toFloat64(1)` : sql`toFloat64(assumeNotNull(${weight.sql}))`;
  const pair = sql`tuple(toFloat64(assumeNotNull(${value.sql})), ${own})`;
  const present = value.nullable ? sql`isNotNull(${value.sql})` : undefined;
  const weighty = weight === undefined ? undefined : sql`(ifNull(${weight.sql}, 0) > 0)`;
  const sampled = engineAggregate(
    'groupArraySample',
    [count(MOST_SAMPLED), count(1)],
    [pair],
    both(where, both(present, weighty)),
  );
  return digestState(sampled);
};

function states(args: readonly Argument[]): Sql {
  const { sql: state } = argumentAt(args, 0);
  return sql`groupArrayIf(${state}, ${state} != '')`;
}

const mergeDigests: Aggregation = {
  summary: 'All tdigest states as one.',
  page: 'tdigest-merge-aggregation-function',
  params: ['dynamic'],
  nulls: 'never',
  sql: (args) => mergedDigest(states(args)),
};

export const sketches: AggregationFamily = {
  hll: {
    summary: 'State from which `dcount_hll` estimates how many different values there are.',
    page: 'hll-aggregation-function',
    nulls: 'never',
    sql: overAll(hll),
  },
  hll_if: {
    summary: 'The same over the rows for which the predicate is true.',
    page: 'hll-if-aggregation-function',
    params: ['any', 'bool', 'any'],
    nulls: 'never',
    sql: overSome(hll, 1),
  },
  hll_merge: {
    summary: 'All hll states as one.',
    page: 'hll-merge-aggregation-function',
    params: ['dynamic'],
    nulls: 'never',
    sql: (args) => mergedHll(states(args)),
  },
  tdigest: {
    summary: 'State from which `percentile_tdigest` reads percentiles.',
    page: 'tdigest-aggregation-function',
    params: ['any', 'long'],
    nulls: 'never',
    sql: overAll(tdigest),
  },
  tdigest_merge: mergeDigests,
  merge_tdigest: mergeDigests,
};
