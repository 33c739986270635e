import { ident, joinSql, type Sql, sql, text } from './sql.ts';

/** Tables of this prefix hold the items of a watchlist. No query can name one but by `_GetWatchlist`. */
export const WATCHLIST_PREFIX = '_watchlist_';

/** `columns` hold text; `times` hold times. In the order given. */
export function createWatchlistTable(
  database: string,
  table: string,
  columns: readonly { readonly name: string; readonly type: 'string' | 'datetime' }[],
): Sql {
  const definitions = columns.map(({ name, type }) =>
    type === 'string' ? sql`${ident(name)} String` : sql`${ident(name)} DateTime64(7, 'UTC')`,
  );
  const name = sql`${ident(database)}.${ident(table)}`;
  return sql`CREATE TABLE ${name} (${joinSql(definitions, ', ')}) ENGINE = MergeTree ORDER BY tuple()`;
}

export function dropWatchlistTable(database: string, table: string): Sql {
  return sql`DROP TABLE IF EXISTS ${ident(database)}.${ident(table)}`;
}

/** Names of a tenant's watchlist tables that nothing has changed for an hour: a broken upload leaves one behind. */
export function listOldWatchlistTables(database: string): Sql {
  return sql`SELECT name FROM system.tables WHERE database = ${text(database)}
    AND startsWith(name, ${text(WATCHLIST_PREFIX)}) AND metadata_modification_time < now() - toIntervalHour(1)`;
}

export function countWatchlistRows(database: string, table: string): Sql {
  return sql`SELECT count() AS rows FROM ${ident(database)}.${ident(table)}`;
}
