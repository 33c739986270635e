import { type Sql, sql } from '../../clickhouse/sql.ts';
import type { Argument } from '../functions/registry.ts';
import {
  type AggregationSql,
  argumentAt,
  both,
  countOf,
  engineAggregate,
  overAll,
  overSome,
} from './filtered.ts';
import type { Aggregation, AggregationFamily } from './registry.ts';

/** How far the values of one column lie apart; 0 where there are fewer values than the measure needs. */
function spread(engineName: string, fewest: 1 | 2): AggregationSql {
  return (args, where) => {
    const value = argumentAt(args, 0);
    const result = engineAggregate(engineName, [], [asReal(value)], where);
    return orZero(countOf(value, where), fewest, result);
  };
}

/** How two columns vary together; rows in which one of them is null do not count. */
function together(engineName: string, fewest: 1 | 2): AggregationSql {
  return (args, where) => {
    const pair = [argumentAt(args, 0), argumentAt(args, 1)];
    const missing = pair.filter((value) => value.nullable).map((value) => sql`isNotNull(${value.sql})`);
    const pairs = engineAggregate('count', [], [], missing.reduce<Sql | undefined>(both, where));
    return orZero(pairs, fewest, engineAggregate(engineName, [], pair.map(asReal), where));
  };
}

function orZero(rows: Sql, fewest: 1 | 2, result: Sql): Sql {
  const enough = fewest === 1 ? sql`${rows} > 0` : sql`${rows} > 1`;
  return sql`if(${enough}, assumeNotNull(${result}), 0.)`;
}

function asReal(value: Argument): Sql {
  return value.type === 'real' ? value.sql : sql`toFloat64(${value.sql})`;
}

/** The plain form and the `...if` form of one measure. */
function family(name: string, summary: string, make: AggregationSql, columns: 1 | 2): AggregationFamily {
  const page = `${name}-aggregation-function`;
  const values = columns === 1 ? (['any'] as const) : (['any', 'any'] as const);
  const plain: Aggregation = { summary, page, nulls: 'never', sql: overAll(make) };
  const filtered: Aggregation = {
    summary: `${summary.slice(0, -1)}, in the rows for which the predicate is true.`,
    page: `${name}if-aggregation-function`,
    params: [...values, 'bool'],
    nulls: 'never',
    sql: overSome(make, columns),
  };
  return { [name]: plain, [`${name}if`]: filtered };
}

/** The engine's numerically stable forms (Welford's method), after the page of each measure. */
export const statistics: AggregationFamily = {
  ...family('stdev', 'Standard deviation of a sample.', spread('stddevSampStable', 2), 1),
  ...family('stdevp', 'Standard deviation of a population.', spread('stddevPopStable', 1), 1),
  ...family('variance', 'Variance of a sample.', spread('varSampStable', 2), 1),
  ...family('variancep', 'Variance of a population.', spread('varPopStable', 1), 1),
  ...family('covariance', 'Covariance of two columns of a sample.', together('covarSampStable', 2), 2),
  ...family('covariancep', 'Covariance of two columns of a population.', together('covarPopStable', 1), 2),
};
