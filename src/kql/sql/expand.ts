import { count, joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import { expanded } from '../functions/expanded.ts';
import type { Expression } from '../plan/expression.ts';
import type { Expand, Field } from '../plan/relation.ts';
import { printExpression } from './expression.ts';
import { type Building, carriedOrder, EMPTY, isCut, outputNames, type Select } from './select.ts';

export function expandSelect(relation: Expand, building: Building): Select {
  const input = building.build(relation.input);
  const order = carriedOrder(input, building);
  const lists = relation.arrays.map((array) => {
    const native = isNative(array);
    const list = printExpression(array, building).sql;
    return { native, sql: native ? list : expanded(list), alias: building.fresh() };
  });
  // The order goes on outside; a limit inside needs it too.
  const inner = building.render(isCut(input) ? input : { ...input, orderBy: [] }, [
    ...outputNames(input),
    ...order.outputs,
    ...lists.map((list) => sql`${list.sql} AS ${list.alias}`),
  ]);
  const joined = zipped(lists, relation.limit).map((list, i) => ({
    list,
    element: building.fresh(),
    native: lists[i]?.native === true,
  }));
  const added = relation.fields.slice(relation.fields.length - joined.length - (relation.withIndex ? 1 : 0));
  const definitions = new Map(
    joined.map(({ element, native }, i) => [
      (added[i] as Field).id,
      native ? element : sql`if(${element} = 'null', '', ${element})`,
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

/** An array beside others; `native` as `isNative` tells. */
interface List {
  readonly alias: Sql;
  readonly native: boolean;
}

/** The arrays brought to the length of the longest, then cut: what is joined to the row side by side. */
function zipped(lists: readonly List[], limit: number | undefined): Sql[] {
  const lengths = lists.map(({ alias }) => sql`length(${alias})`);
  const padded = lists.map(({ alias, native }) =>
    lists.length === 1
      ? alias
      : sql`arrayResize(${alias}, greatest(${joinSql(lengths, ', ')}), ${native ? sql`''` : sql`'null'`})`,
  );
  return limit === undefined ? padded : padded.map((array) => sql`arraySlice(${array}, 1, ${count(limit)})`);
}

/** Whether the expression is an array of the engine already, not the JSON text of one; its elements are texts. */
function isNative(array: Expression): boolean {
  return array.kind === 'call' && NATIVE.has(array.name);
}

const NATIVE: ReadonlySet<string> = new Set(['scan_matches', 'element_texts']);
