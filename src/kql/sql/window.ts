import { type Sql, sql } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { WINDOWS, type WindowColumn } from '../aggregates/windows.ts';
import type { Expression } from '../plan/expression.ts';
import { coerced, columnName, type Printing } from './expression.ts';

export interface WindowCall {
  readonly id: number;
  readonly name: string;
  readonly args: readonly Expression[];
  readonly type: KqlType;
}

/**
 * `SELECT` of all columns of `input` and one for each call. Calls share their layers of columns: none of them sees
 * another's result.
 */
export function printWindow(
  input: Sql,
  calls: readonly WindowCall[],
  position: Sql,
  printing: Printing,
  alias: () => Sql,
): Sql {
  const layers: WindowColumn[][] = [];
  const results = calls.map(({ id, name, args: given, type }) => {
    const entry = WINDOWS[name];
    if (!entry) throw new Error(`no registry entry for the window function \`${name}\``);
    const args = given.map((arg, i) => coerced(arg, entry.params, i, printing));
    const window = entry.sql(args, { type, nowTicks: printing.nowTicks, position, column: alias });
    window.layers.forEach((columns, depth) => {
      layers[depth] = [...(layers[depth] ?? []), ...columns];
    });
    return { name: columnName(id), sql: window.sql };
  });
  const below = layers.reduce((from, columns) => sql`(${withColumns(from, columns)})`, input);
  return withColumns(below, results);
}

function withColumns(from: Sql, columns: readonly WindowColumn[]): Sql {
  const added = columns.map((column) => sql`, ${column.sql} AS ${column.name}`);
  return sql`SELECT *${added.reduce((all, one) => sql`${all}${one}`, sql``)} FROM ${from}`;
}
