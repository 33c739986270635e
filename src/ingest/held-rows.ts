import type { Database } from '../clickhouse/database.ts';
import { ident, joinSql, type Sql, sql, text } from '../clickhouse/sql.ts';

/** Arrival numbers, both included, and the table they were given in. */
export interface ArrivalRange {
  readonly table: string;
  readonly first: number;
  readonly last: number;
  /** Where the rows' times lie, which spares reading the rest of the table; undefined: anywhere. */
  readonly time?: { readonly column: string; readonly minMs: number; readonly maxMs: number } | undefined;
}

/** How many rows the engine holds in each range, in their order. */
export async function countHeld(
  engine: Database,
  database: string,
  ranges: readonly ArrivalRange[],
): Promise<number[]> {
  if (ranges.length === 0) return [];
  const counts = ranges.map(
    (range, place) =>
      sql`SELECT ${text(String(place))} AS place, count() AS held FROM ${ident(database)}.${ident(range.table)} WHERE ${within(range)}`,
  );
  const rows = await engine.rows<{ place: string; held: string }>(joinSql(counts, ' UNION ALL '));
  const held = new Map(rows.map((row) => [Number(row.place), Number(row.held)]));
  return ranges.map((_range, place) => held.get(place) ?? 0);
}

/** Deletes the rows of a range; resolves when they are gone. */
export async function deleteHeld(engine: Database, database: string, range: ArrivalRange): Promise<void> {
  await engine.command(
    sql`ALTER TABLE ${ident(database)}.${ident(range.table)} DELETE WHERE ${within(range)} SETTINGS mutations_sync = 2`,
  );
}

/** The highest arrival number in a table; 0 if it is empty. */
export async function highestArrival(engine: Database, database: string, table: string): Promise<number> {
  const rows = await engine.rows<{ highest: string }>(
    sql`SELECT max(_arrival) AS highest FROM ${ident(database)}.${ident(table)}`,
  );
  return Number(rows[0]?.highest ?? 0);
}

function within({ first, last, time }: ArrivalRange): Sql {
  const arrivals = sql`_arrival BETWEEN ${unsigned(first)} AND ${unsigned(last)}`;
  if (time === undefined) return arrivals;
  const column = ident(time.column);
  return sql`${column} >= ${moment(time.minMs)} AND ${column} < ${moment(time.maxMs + 1)} AND ${arrivals}`;
}

function unsigned(value: number): Sql {
  return sql`toUInt64(${text(String(value))})`;
}

function moment(ms: number): Sql {
  return sql`toDateTime64(${text(new Date(ms).toISOString().slice(0, 23).replace('T', ' '))}, 7, 'UTC')`;
}
