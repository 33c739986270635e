import { joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { arrayElements } from './dynamic-path.ts';
import { toElement } from './json.ts';
import type { Argument } from './registry.ts';

/** Longest array that `range`, `repeat` and their kin make. https://learn.microsoft.com/kusto/query/range-function */
export const MAX_MADE_ELEMENTS = 1_048_576;

/** The array of JSON texts as a dynamic. */
export function printArray(elements: Sql): Sql {
  return sql`concat('[', arrayStringConcat(${elements}, ','), ']')`;
}

/** The `Array(Tuple(String, String))` of keys and JSON texts as a dynamic. */
export function printBag(members: Sql): Sql {
  return sql`concat('{', arrayStringConcat(arrayMap(__m -> concat(toJSONString(__m.1), ':', __m.2), ${members}), ','), '}')`;
}

export function isArray(dynamic: Sql): Sql {
  return sql`startsWith(${dynamic}, '[')`;
}

export function isBag(dynamic: Sql): Sql {
  return sql`startsWith(${dynamic}, '{')`;
}

/** `body` of the elements as `Array(String)` of JSON texts; `otherwise` where the dynamic is no array. */
export function overArray(dynamic: Sql, body: (elements: Sql) => Sql, otherwise: Sql = sql`''`): Sql {
  return bind(
    sql`__a`,
    dynamic,
    (array) => sql`if(${isArray(array)}, ${body(arrayElements(array))}, ${otherwise})`,
  );
}

/** The JSON text of an argument as an element in the form in which the engine reads elements back: `2.0` is `2`. */
export function comparableElement(argument: Argument): Sql {
  const element = toElement(argument.sql, argument.type);
  const plain = ['int', 'long', 'bool', 'datetime', 'timespan', 'guid'].includes(argument.type);
  return plain ? element : sql`JSONExtractRaw(${element})`;
}

/** `a, b, c` */
export function commaList(values: readonly Sql[]): Sql {
  return joinSql(values, ', ');
}
