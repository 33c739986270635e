import { sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { coerce } from './coerce.ts';
import { bagMembers } from './dynamic-path.ts';
import { expandedTexts } from './expanded.ts';
import { ArgumentFault, type FunctionFamily } from './registry.ts';

/** What `mv-expand` and `mv-apply` do to values; no query can call these by name. */
export const expansion: FunctionFamily = {
  element_as: {
    summary: 'An element as `to typeof()` casts it: text is no number and no bool.',
    page: 'mv-expand-operator',
    nulls: 'maybe',
    sql: ([element], { type }) => {
      if (element === undefined) throw new ArgumentFault('`to typeof()` needs an element');
      const cast = coerce(element, type).sql;
      if (!['bool', 'int', 'long', 'real', 'decimal'].includes(type)) return cast;
      return sql`if(startsWith(${element.sql}, '"'), NULL, ${cast})`;
    },
  },
  element_texts: {
    summary:
      'What an expansion makes of a dynamic, each as `tostring()` prints it: an array of the engine, no JSON.',
    page: 'mv-expand-operator',
    sql: ([value]) => {
      if (value === undefined) throw new ArgumentFault('`to typeof()` needs an array');
      return expandedTexts(value.sql);
    },
  },
  bag_to_pairs: {
    summary: 'A bag as an array of `[key, value]` pairs; other values as they are.',
    page: 'mv-expand-operator',
    sql: ([bag]) => {
      if (bag === undefined) throw new ArgumentFault('`kind=array` needs a bag');
      return bind(
        sql`__b`,
        bag.sql,
        (json) =>
          sql`if(startsWith(${json}, '{'), concat('[', arrayStringConcat(arrayMap(__m -> concat('[', toJSONString(__m.1), ',', __m.2, ']'), ${bagMembers(json)}), ','), ']'), ${json})`,
      );
    },
  },
};
