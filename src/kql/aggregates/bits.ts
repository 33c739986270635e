import { type Sql, sql } from '../../clickhouse/sql.ts';
import { ArgumentFault } from '../functions/registry.ts';
import { argumentAt } from './filtered.ts';
import type { Aggregation, AggregationFamily } from './registry.ts';

/** Null over no values. */
function bitwise(combine: (bits: Sql) => Sql, word: string): Aggregation {
  return {
    summary: `All values joined by a bitwise ${word}.`,
    page: `binary-all-${word.toLowerCase()}-aggregation-function`,
    nulls: 'maybe',
    sql: (args) => {
      const value = argumentAt(args, 0);
      switch (value.type) {
        case 'int':
          return sql`toInt32(${combine(value.sql)})`;
        case 'long':
        case 'timespan':
          return combine(value.sql);
        default:
          throw new ArgumentFault('a bitwise aggregation takes whole numbers');
      }
    },
  };
}

export const bits: AggregationFamily = {
  binary_all_and: bitwise((value) => sql`groupBitAndOrNull(${value})`, 'AND'),
  binary_all_or: bitwise((value) => sql`groupBitOrOrNull(${value})`, 'OR'),
  binary_all_xor: bitwise((value) => sql`groupBitXorOrNull(${value})`, 'XOR'),
};
