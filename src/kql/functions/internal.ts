import { convert } from './coerce.ts';
import type { FunctionFamily } from './registry.ts';
import { tuplePart } from './tuple.ts';

/** Operations that no query names: the lowering makes them. */
export const internal: FunctionFamily = {
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
