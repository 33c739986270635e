import { type Sql, sql } from '../../clickhouse/sql.ts';
import { WINDOWS, type WindowColumn, type WindowFunction, type WindowSql } from '../aggregates/windows.ts';
import type { Field, Window } from '../plan/relation.ts';
import { coerced, columnName } from './expression.ts';
import { nullOf } from './literal.ts';
import { type Building, EMPTY, isCut, type OrderKey, orderSql, outputNames, type Select } from './select.ts';

export function windowSelect(relation: Window, building: Building): Select {
  const built = building.build(relation.input);
  const input = isCut(built) || built.aggregated ? building.wrap(built) : built;
  if (relation.within !== undefined) return partitionedSelect(relation, relation.within, input, building);
  const order = orderClause(input.orderBy);
  const place: Place = { position: building.fresh(), neighbours: everyRow(order) };
  const beside = input.orderBy.length > 0 ? neighbourColumns(relation, place, building) : undefined;
  const rows = building.render({ ...input, orderBy: [] }, [
    ...outputNames(input),
    ...(beside ?? [sql`toInt64(row_number() OVER (${order})) AS ${place.position}`]),
  ]);
  return {
    ...EMPTY,
    from: beside ? sql`(${rows})` : sql`(${calculated(relation, rows, place.position, building)})`,
    fields: relation.fields,
    orderBy: [{ sql: place.position, descending: false, nullsFirst: false }],
  };
}

/** `within` of a Window: its rows are in the order of the key, and of their places among the rows with one value of it. */
function partitionedSelect(relation: Window, within: number, input: Select, building: Building): Select {
  const [key, ...rest] = input.orderBy;
  if (key === undefined) throw new Error('a window within a key has no order');
  const value = building.fresh();
  const position = building.fresh();
  const neighbours = everyRow(sql`PARTITION BY ${key.sql} ${orderClause(rest)}`);
  const columns = neighbourColumns(relation, { position, neighbours, key: { id: within, ...key } }, building);
  if (columns === undefined) throw new Error('a window within a key looks at more than neighbours');
  const outputs = [...outputNames(input), sql`${key.sql} AS ${value}`, ...columns];
  return {
    ...EMPTY,
    from: sql`(${building.render({ ...input, orderBy: [] }, outputs)})`,
    fields: relation.fields,
    orderBy: [
      { ...key, sql: value },
      { sql: position, descending: false, nullsFirst: false },
    ],
  };
}

interface Place {
  /** Names the column of the row's place in the input's order. */
  readonly position: Sql;
  /** The window of all rows in that order. */
  readonly neighbours: Sql;
  /** The column that is the same in the whole window, if there is one. */
  readonly key?: { readonly id: number; readonly sql: Sql };
}

/**
 * The calls' columns and the position where they stand beside the input's own, in one SELECT: rows are sorted once, and
 * one window tells all columns, so that rows of equal keys have the same neighbours for each. Undefined where a call
 * looks at more than its row's neighbours.
 */
function neighbourColumns(relation: Window, place: Place, building: Building): Sql[] | undefined {
  if (relation.calls.some((call) => entryOf(call).neighbours !== true)) return undefined;
  const added = addedFields(relation);
  const columns = relation.calls.map((call, i) => {
    const value = before(call, place) ?? printed(call, place, building).sql;
    return sql`${value} AS ${columnName((added[i] as Field).id)}`;
  });
  return [...columns, sql`toInt64(row_number() OVER ${place.neighbours}) AS ${place.position}`];
}

/** The key in the row before is the key itself, but for the first row: no text has to be copied from row to row. */
function before({ name, args: [value], type }: WindowCall, { key, neighbours }: Place): Sql | undefined {
  if (name !== 'prev' || key === undefined || value?.kind !== 'column' || value.id !== key.id)
    return undefined;
  return sql`if(row_number() OVER ${neighbours} > 1, ${key.sql}, ${nullOf(type)})`;
}

/**
 * `SELECT` of all columns of `rows`, which has the position, and one for each call. Calls share their layers of columns:
 * none of them sees another's result.
 */
function calculated(relation: Window, rows: Sql, position: Sql, building: Building): Sql {
  const place = { position, neighbours: everyRow(sql`ORDER BY ${position}`) };
  const added = addedFields(relation);
  const layers: WindowColumn[][] = [];
  const results = relation.calls.map((call, i) => {
    const window = printed(call, place, building);
    window.layers.forEach((columns, depth) => {
      layers[depth] = [...(layers[depth] ?? []), ...columns];
    });
    return { name: columnName((added[i] as Field).id), sql: window.sql };
  });
  const below = layers.reduce((from, columns) => sql`(${withColumns(from, columns)})`, sql`(${rows})`);
  return withColumns(below, results);
}

type WindowCall = Window['calls'][number];

function addedFields({ calls, fields }: Window): readonly Field[] {
  return fields.slice(fields.length - calls.length);
}

function entryOf({ name }: WindowCall): WindowFunction {
  const entry = WINDOWS[name];
  if (!entry) throw new Error(`no registry entry for the window function \`${name}\``);
  return entry;
}

function printed(call: WindowCall, place: Place, building: Building): WindowSql {
  const entry = entryOf(call);
  const args = call.args.map((arg, i) => coerced(arg, entry.params, i, building));
  const column = (): Sql => building.fresh();
  return entry.sql(args, { type: call.type, nowTicks: building.nowTicks, ...place, column });
}

function orderClause(keys: readonly OrderKey[]): Sql {
  return keys.length > 0 ? sql`ORDER BY ${orderSql(keys)}` : sql``;
}

function everyRow(order: Sql): Sql {
  return sql`(${order} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)`;
}

function withColumns(from: Sql, columns: readonly WindowColumn[]): Sql {
  const added = columns.map((column) => sql`, ${column.sql} AS ${column.name}`);
  return sql`SELECT *${added.reduce((all, one) => sql`${all}${one}`, sql``)} FROM ${from}`;
}
