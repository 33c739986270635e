import { count, joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from '../functions/bind.ts';
import { arrayElements, bagMembers } from '../functions/dynamic-path.ts';
import type { Expression } from '../plan/expression.ts';

/**
 * What a dynamic expands to, as `Array(String)` of JSON texts: the elements of an array, one bag per member of a bag,
 * the value itself otherwise. Null is one null; `[]` and `{}` are nothing.
 * Source: https://learn.microsoft.com/kusto/query/mv-expand-operator
 */
export function elements(dynamic: Sql): Sql {
  return bind(sql`__x`, dynamic, (json) => {
    const members = sql`arrayMap(__m -> concat('{', toJSONString(__m.1), ':', __m.2, '}'), ${bagMembers(json)})`;
    return sql`multiIf(${json} = '', ['null'], startsWith(${json}, '['), ${arrayElements(json)}, startsWith(${json}, '{'), ${members}, [${json}])`;
  });
}

/** The arrays brought to the length of the longest, then cut: what is joined to the row side by side. */
export function zipped(arrays: readonly Sql[], limit: number | undefined): Sql[] {
  const lengths = arrays.map((array) => sql`length(${array})`);
  const padded = arrays.map((array) =>
    arrays.length === 1 ? array : sql`arrayResize(${array}, greatest(${joinSql(lengths, ', ')}), 'null')`,
  );
  return limit === undefined ? padded : padded.map((array) => sql`arraySlice(${array}, 1, ${count(limit)})`);
}

/** Whether the expression is an array of the engine already, not the JSON text of one: what `scan` yields. */
export function isNative(array: Expression | undefined): boolean {
  return array?.kind === 'call' && array.name === 'scan_matches';
}
