import { joinSql, sql } from '../../clickhouse/sql.ts';
import { convert } from './coerce.ts';
import type { FunctionFamily } from './registry.ts';
import { tuplePart } from './tuple.ts';

/** Operations that no query names: the lowering makes them. */
export const internal: FunctionFamily = {
  rows_in: {
    summary: 'Whether a row of values is among the rows of a relation. None of them may be null.',
    page: 'in-cs-operator',
    nulls: 'never',
    sql: (args) => {
      const relation = args.at(-1);
      if (!relation?.isRelation) throw new Error('rows_in takes a relation last');
      return sql`(${joinSql(
        args.slice(0, -1).map((arg) => arg.sql),
        ', ',
      )}) IN ${relation.sql}`;
    },
  },
  to_dynamic_value: {
    summary: 'A value as a dynamic that holds it.',
    page: 'scalar-data-types/dynamic',
    sql: ([value]) => {
      if (!value) throw new Error('to_dynamic_value takes a value');
      return convert(value.sql, value.type, 'dynamic');
    },
  },
  tuple_element: {
    summary: 'One column of a function that returns several.',
    page: 'extend-operator',
    nulls: 'maybe',
    sql: ([tuple, place], context) => {
      if (!tuple || typeof place?.constant !== 'bigint')
        throw new Error('tuple_element takes a tuple and a place');
      return tuplePart(tuple.sql, place.constant, context.type);
    },
  },
};
