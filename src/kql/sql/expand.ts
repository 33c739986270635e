import { count, joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from '../functions/bind.ts';
import { arrayElements, bagMembers } from '../functions/dynamic-path.ts';
import type { Expression } from '../plan/expression.ts';
import type { Expand, Field } from '../plan/relation.ts';
import { printExpression } from './expression.ts';
import { type Building, carriedOrder, EMPTY, isCut, outputNames, type Select } from './select.ts';

export function expandSelect(relation: Expand, building: Building): Select {
  const input = building.build(relation.input);
  const order = carriedOrder(input, building);
  const lists = relation.arrays.map((array) => {
    const list = printExpression(array, building).sql;
    return { sql: isNative(array) ? list : elements(list), alias: building.fresh() };
  });
  // The order goes on outside; a limit inside needs it too.
  const inner = building.render(isCut(input) ? input : { ...input, orderBy: [] }, [
    ...outputNames(input),
    ...order.outputs,
    ...lists.map((list) => sql`${list.sql} AS ${list.alias}`),
  ]);
  const joined = zipped(
    lists.map((list) => list.alias),
    relation.limit,
  ).map((list) => ({ list, element: building.fresh() }));
  const added = relation.fields.slice(relation.fields.length - joined.length - (relation.withIndex ? 1 : 0));
  const definitions = new Map(
    joined.map(({ element }, i) => [
      (added[i] as Field).id,
      isNative(relation.arrays[i]) ? element : sql`if(${element} = 'null', '', ${element})`,
    ]),
  );
  const arrayJoin = joined.map(({ list, element }) => sql`${list} AS ${element}`);
  const orderBy = [...order.keys];
  if (relation.withIndex || orderBy.length > 0) {
    const position = building.fresh();
    arrayJoin.push(sql`arrayEnumerate(${(joined[0] as { list: Sql }).list}) AS ${position}`);
    if (relation.withIndex)
      definitions.set((added[joined.length] as Field).id, sql`(toInt64(${position}) - 1)`);
    if (orderBy.length > 0) orderBy.push({ sql: position, descending: false, nullsFirst: false });
  }
  return { ...EMPTY, from: sql`(${inner})`, arrayJoin, definitions, fields: relation.fields, orderBy };
}

/**
 * What a dynamic expands to, as `Array(String)` of JSON texts: the elements of an array, one bag per member of a bag,
 * the value itself otherwise. Null is one null; `[]` and `{}` are nothing.
 * Source: https://learn.microsoft.com/kusto/query/mv-expand-operator
 */
function elements(dynamic: Sql): Sql {
  return bind(sql`__x`, dynamic, (json) => {
    const members = sql`arrayMap(__m -> concat('{', toJSONString(__m.1), ':', __m.2, '}'), ${bagMembers(json)})`;
    return sql`multiIf(${json} = '', ['null'], startsWith(${json}, '['), ${arrayElements(json)}, startsWith(${json}, '{'), ${members}, [${json}])`;
  });
}

/** The arrays brought to the length of the longest, then cut: what is joined to the row side by side. */
function zipped(arrays: readonly Sql[], limit: number | undefined): Sql[] {
  const lengths = arrays.map((array) => sql`length(${array})`);
  const padded = arrays.map((array) =>
    arrays.length === 1 ? array : sql`arrayResize(${array}, greatest(${joinSql(lengths, ', ')}), 'null')`,
  );
  return limit === undefined ? padded : padded.map((array) => sql`arraySlice(${array}, 1, ${count(limit)})`);
}

/** Whether the expression is an array of the engine already, not the JSON text of one: what `scan` yields. */
function isNative(array: Expression | undefined): boolean {
  return array?.kind === 'call' && array.name === 'scan_matches';
}
