import { type Sql, sql } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { WINDOWS, type WindowColumn } from '../aggregates/windows.ts';
import { unsupported } from '../diagnostics.ts';
import { coerce } from '../functions/coerce.ts';
import type { Argument } from '../functions/registry.ts';
import { columnName } from './expression.ts';

export interface WindowCall {
  readonly id: number;
  readonly name: string;
  readonly args: readonly Argument[];
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
  context: { nowTicks: bigint; alias: () => Sql },
): Sql {
  const layers: WindowColumn[][] = [];
  const results = calls.map((windowCall) => {
    const entry = WINDOWS[windowCall.name];
    if (!entry) throw unsupported(`the window function \`${windowCall.name}\``, { start: 0, length: 0 });
    const args = windowCall.args.map((arg, i) => {
      const kind = entry.params?.[Math.min(i, entry.params.length - 1)] ?? 'any';
      return kind === 'any' ? arg : coerce(arg, kind);
    });
    const { nowTicks, alias } = context;
    const window = entry.sql(args, { type: windowCall.type, nowTicks, position, column: alias });
    window.layers.forEach((columns, depth) => {
      layers[depth] = [...(layers[depth] ?? []), ...columns];
    });
    return { name: columnName(windowCall.id), sql: window.sql };
  });
  const below = layers.reduce((from, columns) => sql`(${withColumns(from, columns)})`, input);
  return withColumns(below, results);
}

function withColumns(from: Sql, columns: readonly WindowColumn[]): Sql {
  const added = columns.map((column) => sql`, ${column.sql} AS ${column.name}`);
  return sql`SELECT *${added.reduce((all, one) => sql`${all}${one}`, sql``)} FROM ${from}`;
}
