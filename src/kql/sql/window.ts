import { type Sql, sql } from '../../clickhouse/sql.ts';
import { WINDOWS, type WindowColumn } from '../aggregates/windows.ts';
import type { Field, Window } from '../plan/relation.ts';
import { coerced, columnName } from './expression.ts';
import { type Building, EMPTY, isCut, orderSql, outputNames, type Select } from './select.ts';

export function windowSelect(relation: Window, building: Building): Select {
  const built = building.build(relation.input);
  const input = isCut(built) || built.aggregated ? building.wrap(built) : built;
  const position = building.fresh();
  const order = input.orderBy.length > 0 ? sql`ORDER BY ${orderSql(input.orderBy)}` : sql``;
  const numbered = building.render({ ...input, orderBy: [] }, [
    ...outputNames(input),
    sql`toInt64(row_number() OVER (${order})) AS ${position}`,
  ]);
  return {
    ...EMPTY,
    from: sql`(${calculated(relation, sql`(${numbered})`, position, building)})`,
    fields: relation.fields,
    orderBy: [{ sql: position, descending: false, nullsFirst: false }],
  };
}

/**
 * `SELECT` of all columns of `input` and one for each call. Calls share their layers of columns: none of them sees
 * another's result.
 */
function calculated({ calls, fields }: Window, input: Sql, position: Sql, building: Building): Sql {
  const added = fields.slice(fields.length - calls.length);
  const layers: WindowColumn[][] = [];
  const results = calls.map(({ name, args: given, type }, i) => {
    const entry = WINDOWS[name];
    if (!entry) throw new Error(`no registry entry for the window function \`${name}\``);
    const args = given.map((arg, j) => coerced(arg, entry.params, j, building));
    const column = (): Sql => building.fresh();
    const window = entry.sql(args, { type, nowTicks: building.nowTicks, position, column });
    window.layers.forEach((columns, depth) => {
      layers[depth] = [...(layers[depth] ?? []), ...columns];
    });
    return { name: columnName((added[i] as Field).id), sql: window.sql };
  });
  const below = layers.reduce((from, columns) => sql`(${withColumns(from, columns)})`, input);
  return withColumns(below, results);
}

function withColumns(from: Sql, columns: readonly WindowColumn[]): Sql {
  const added = columns.map((column) => sql`, ${column.sql} AS ${column.name}`);
  return sql`SELECT *${added.reduce((all, one) => sql`${all}${one}`, sql``)} FROM ${from}`;
}
