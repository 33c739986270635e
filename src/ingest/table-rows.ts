import { type CatalogTable, storedColumn } from '../catalog/catalog.ts';
import { insertColumns } from '../catalog/physical.ts';
import { printExact } from '../model/exact-json.ts';
import type { KqlType } from '../model/kql-type.ts';
import { cell, EMPTY, quote } from './cell.ts';
import { type EventTime, parseTime } from './event-time.ts';
import type { Layout, Outcome } from './row.ts';

/** Makes a row of an object whose members are the columns of a table. */
export type TableRows = (members: Readonly<Record<string, unknown>>, shiftMs: number) => Outcome;

/**
 * Rows of one table. A member that is no column, or whose value does not fit its column, is kept in `_extra`.
 * `view` is the table that the names belong to, `storage` the one that holds its rows.
 */
export function tableRows(view: CatalogTable, storage: CatalogTable): TableRows {
  const columns = insertColumns(storage).filter((name) => name !== '_arrival' && name !== '_ingested');
  const layout: Layout = { table: storage, columns };
  const types = new Map(storage.columns.map((column) => [column.name, column.type]));
  const empty = columns.map((name) => EMPTY[types.get(name) ?? 'string']);
  const places = new Map(columns.map((name, place) => [name, place]));
  const extraAt = columns.indexOf('_extra');
  const timeColumn = storage.timeColumn;
  const find = (member: string): string | undefined => {
    const name = storedColumn(view, member);
    if (name !== undefined) return name;
    const bare = withoutTypeSuffix(member);
    return bare === undefined ? undefined : storedColumn(view, bare);
  };
  const known = new Map<string, string | undefined>();
  return (members, shiftMs) => {
    const cells = empty.slice();
    const extra: string[] = [];
    let time: EventTime | undefined;
    for (const [member, value] of Object.entries(members)) {
      if (value === null || value === undefined || value === '') continue;
      let column = known.get(member);
      if (column === undefined && !known.has(member)) {
        column = find(member);
        if (known.size < 10_000) known.set(member, column);
      }
      const place = column === undefined ? undefined : places.get(column);
      const token =
        column === undefined || place === undefined
          ? undefined
          : cell(types.get(column) as KqlType, value, shiftMs);
      if (token === undefined || place === undefined || column === undefined) {
        extra.push(`${JSON.stringify(member)}:${printExact(value)}`);
        continue;
      }
      cells[place] = token;
      if (column === timeColumn) time = parseTime(String(value));
    }
    if (timeColumn !== undefined && time === undefined) {
      return { kind: 'rejected', reason: `no valid ${timeColumn}` };
    }
    if (extra.length > 0) cells[extraAt] = quote(`{${extra.join(',')}}`);
    return { kind: 'row', row: { layout, cells: cells.join(','), time } };
  };
}

/** `union` over tables whose columns differ in type adds the type to the name: `ReportId_long`. */
export function withoutTypeSuffix(member: string): string | undefined {
  return /^(.+)_(?:string|long|int|real|decimal|bool|datetime|timespan|guid|dynamic)$/.exec(member)?.[1];
}
