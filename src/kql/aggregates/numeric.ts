import { type Sql, sql } from '../../clickhouse/sql.ts';
import type { Argument } from '../functions/registry.ts';
import { datetimeAt, ticksOf } from '../functions/ticks.ts';
import { type AggregationSql, argumentAt, countOf, engineAggregate, overAll, overSome } from './filtered.ts';
import type { AggregationFamily } from './registry.ts';

/** 0 over no values. Whole numbers wrap around as they do in Kusto. */
const sum: AggregationSql = (args, where) => {
  const value = argumentAt(args, 0);
  const total = engineAggregate('sum', [], [value.sql], where);
  return value.nullable ? sql`ifNull(${total}, ${zeroOf(value)})` : total;
};

function zeroOf(value: Argument): Sql {
  return value.type === 'decimal' ? sql`toDecimal256(0, 28)` : value.type === 'real' ? sql`0.` : sql`0`;
}

/** NaN over no numbers, null over no decimals, timespans or datetimes. */
const average: AggregationSql = (args, where) => {
  const value = argumentAt(args, 0);
  switch (value.type) {
    case 'decimal': {
      const total = engineAggregate('sum', [], [value.sql], where);
      return unlessEmpty(value, where, sql`${total} / ${countOf(value, where)}`);
    }
    case 'timespan':
      return unlessEmpty(value, where, sql`toInt64(${meanTicks(value, value.sql, where)})`);
    case 'datetime': {
      const ticks = ticksOf(value.sql);
      const mean = sql`toInt64(ifNull(${meanTicks(value, ticks, where)}, 0))`;
      return unlessEmpty(value, where, datetimeAt(mean));
    }
    default: {
      return sql`ifNull(${engineAggregate('avgOrNull', [], [value.sql], where)}, nan)`;
    }
  }
};

/** The sum of a few dozen datetimes is beyond 64 bits. */
function meanTicks(value: Argument, ticks: Sql, where: Sql | undefined): Sql {
  const total = engineAggregate('sum', [], [sql`toInt128(${ticks})`], where);
  return sql`intDiv(${total}, greatest(${countOf(value, where)}, 1))`;
}

function unlessEmpty(value: Argument, where: Sql | undefined, result: Sql): Sql {
  return sql`if(${countOf(value, where)} = 0, NULL, ${result})`;
}

const smallest: AggregationSql = (args, where) => extreme('min', argumentAt(args, 0), where);
const largest: AggregationSql = (args, where) => extreme('max', argumentAt(args, 0), where);

/** Null over no values, also where the column is a constant that cannot be null; a string '' instead. */
function extreme(side: 'min' | 'max', value: Argument, where: Sql | undefined): Sql {
  const text = value.type === 'string' || value.type === 'dynamic';
  const name = text ? side : `${side}OrNull`;
  return engineAggregate(name, [], [value.sql], where);
}

export const numeric: AggregationFamily = {
  sum: {
    summary: 'Sum of the values that are not null.',
    page: 'sum-aggregation-function',
    nulls: 'never',
    sql: overAll(sum),
  },
  sumif: {
    summary: 'Sum of the values in the rows for which the predicate is true.',
    page: 'sumif-aggregation-function',
    params: ['any', 'bool'],
    nulls: 'never',
    sql: overSome(sum, 1),
  },
  avg: {
    summary: 'Average of the values that are not null.',
    page: 'avg-aggregation-function',
    nulls: 'maybe',
    sql: overAll(average),
  },
  avgif: {
    summary: 'Average of the values in the rows for which the predicate is true.',
    page: 'avgif-aggregation-function',
    params: ['any', 'bool'],
    nulls: 'maybe',
    sql: overSome(average, 1),
  },
  min: {
    summary: 'Smallest value.',
    page: 'min-aggregation-function',
    nulls: 'maybe',
    sql: overAll(smallest),
  },
  minif: {
    summary: 'Smallest value in the rows for which the predicate is true.',
    page: 'minif-aggregation-function',
    params: ['any', 'bool'],
    nulls: 'maybe',
    sql: overSome(smallest, 1),
  },
  max: {
    summary: 'Largest value.',
    page: 'max-aggregation-function',
    nulls: 'maybe',
    sql: overAll(largest),
  },
  maxif: {
    summary: 'Largest value in the rows for which the predicate is true.',
    page: 'maxif-aggregation-function',
    params: ['any', 'bool'],
    nulls: 'maybe',
    sql: overSome(largest, 1),
  },
};
