import { int64, type Sql, sql } from '../../clickhouse/sql.ts';
import type { Argument } from '../functions/registry.ts';
import { type AggregationSql, argumentAt, both, engineAggregate, overAll, overSome } from './filtered.ts';
import type { Aggregation, AggregationFamily } from './registry.ts';

/**
 * One argument: any value, a non-empty one if there is one. Several arguments: the first one's value in a row that is
 * the same for every call of one summarize; the others only say that the row matters.
 */
const anyValue: AggregationSql = (args, where) => {
  const value = argumentAt(args, 0);
  const text = value.type === 'string' || value.type === 'dynamic';
  if (args.length > 1) {
    if (text) return engineAggregate('any', [], [value.sql], where);
    return sql`tupleElement(${engineAggregate('any', [], [sql`tuple(toNullable(${value.sql}))`], where)}, 1)`;
  }
  if (text) return engineAggregate('any', [], [value.sql], both(where, sql`(${value.sql} != '')`));
  return engineAggregate('anyOrNull', [], [value.sql], where);
};

/**
 * The value of args[0] in the row whose args[1] is largest or smallest. All calls with one key choose the same row,
 * ties and null keys included: each is the bare `argMax` over one and the same key expression, and never skips a row
 * because its value is null. Null keys lose; where all are null the first row is taken.
 */
function atExtreme(side: 'max' | 'min'): Aggregation['sql'] {
  const name = side === 'max' ? 'argMax' : 'argMin';
  return (args) => {
    const value = argumentAt(args, 0);
    const key = orderedKey(argumentAt(args, 1), side);
    const at = (expression: Sql) => engineAggregate(name, [], [expression, key], undefined);
    if (value.type === 'string' || value.type === 'dynamic') return at(value.sql);
    if (!value.nullable) return sql`if(count() = 0, NULL, ${at(value.sql)})`;
    // Half as slow as one call over a tuple that holds the null.
    return sql`if(${at(sql`isNotNull(${value.sql})`)}, ${at(sql`assumeNotNull(${value.sql})`)}, NULL)`;
  };
}

/** The key such that null is the worst one. */
function orderedKey(key: Argument, side: 'max' | 'min'): Sql {
  if (!key.nullable) return key.sql;
  const worst = side === 'max' ? int64(-(2n ** 63n)) : int64(2n ** 63n - 1n);
  switch (key.type) {
    case 'int':
      return sql`ifNull(toInt64(${key.sql}), ${worst})`;
    case 'long':
    case 'timespan':
      return sql`ifNull(${key.sql}, ${worst})`;
    case 'datetime':
      return sql`ifNull(reinterpretAsInt64(${key.sql}), ${worst})`;
    default:
      return side === 'max'
        ? sql`tuple(isNotNull(${key.sql}), ${key.sql})`
        : sql`tuple(isNull(${key.sql}), ${key.sql})`;
  }
}

const takeAny: Aggregation = {
  summary: 'A value of any row, one that is not empty if there is one.',
  page: 'take-any-aggregation-function',
  nulls: 'maybe',
  sql: overAll(anyValue),
};

const takeAnyIf: Aggregation = {
  summary: 'A value of any row for which the predicate is true.',
  page: 'take-anyif-aggregation-function',
  params: ['any', 'bool'],
  nulls: 'maybe',
  sql: overSome(anyValue, 1),
};

const argMax: Aggregation = {
  summary: 'The value in the row whose key is largest.',
  page: 'arg-max-aggregation-function',
  nulls: 'maybe',
  sql: atExtreme('max'),
};

const argMin: Aggregation = {
  summary: 'The value in the row whose key is smallest.',
  page: 'arg-min-aggregation-function',
  nulls: 'maybe',
  sql: atExtreme('min'),
};

export const anyAndArg: AggregationFamily = {
  take_any: takeAny,
  any: takeAny,
  take_anyif: takeAnyIf,
  anyif: takeAnyIf,
  arg_max: argMax,
  argmax: argMax,
  arg_min: argMin,
  argmin: argMin,
};
