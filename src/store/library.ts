import type { Kysely, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

export interface SavedFunctionTable {
  readonly tenant: string;
  readonly name: string;
  readonly parameters: string;
  readonly body: string;
  readonly folder: string;
  readonly docstring: string;
  /** JSON array of names of saved functions that the body calls. */
  readonly calls: string;
  readonly updated_at: string;
}

export interface WatchlistTable {
  readonly tenant: string;
  /** The alias in lower case. */
  readonly alias_key: string;
  readonly alias: string;
  readonly name: string;
  readonly search_key: string;
  /** JSON array of texts. */
  readonly columns: string;
  readonly table_name: string;
  readonly rows: number;
  readonly updated_at: string;
}

/** Grows with every change of a tenant's functions or watchlists. */
export interface LibraryVersionTable {
  readonly tenant: string;
  readonly version: number;
}

export interface FunctionRecord {
  readonly name: string;
  readonly parameters: string;
  readonly body: string;
  readonly folder: string;
  readonly docstring: string;
  /** Saved functions that the body calls. */
  readonly calls: readonly string[];
  /** ISO 8601, UTC. */
  readonly updatedAt: string;
}

export interface WatchlistRecord {
  readonly alias: string;
  readonly name: string;
  readonly searchKey: string;
  readonly columns: readonly string[];
  readonly table: string;
  readonly rows: number;
  /** ISO 8601, UTC. */
  readonly updatedAt: string;
}

/** 0 for a tenant that never had any. */
export async function libraryVersion(db: Kysely<Tables>, tenant: string): Promise<number> {
  const row = await db
    .selectFrom('library_versions')
    .select('version')
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  return row?.version ?? 0;
}

/** By name. */
export async function listFunctions(db: Kysely<Tables>, tenant: string): Promise<FunctionRecord[]> {
  const rows = await db
    .selectFrom('saved_functions')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('name')
    .execute();
  return rows.map(({ tenant: _tenant, updated_at: updatedAt, calls, ...rest }) => ({
    ...rest,
    calls: JSON.parse(calls) as readonly string[],
    updatedAt,
  }));
}

export async function putFunction(db: Kysely<Tables>, tenant: string, saved: FunctionRecord): Promise<void> {
  const { name, updatedAt, calls, ...rest } = saved;
  const columns = { ...rest, calls: JSON.stringify(calls), updated_at: updatedAt };
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('saved_functions')
      .values({ tenant, name, ...columns })
      .onConflict((conflict) => conflict.columns(['tenant', 'name']).doUpdateSet(columns))
      .execute();
    await bump(tx, tenant);
  });
}

/** False where there is none. */
export async function deleteFunction(db: Kysely<Tables>, tenant: string, name: string): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const result = await tx
      .deleteFrom('saved_functions')
      .where('tenant', '=', tenant)
      .where('name', '=', name)
      .executeTakeFirst();
    if (result.numDeletedRows === 0n) return false;
    await bump(tx, tenant);
    return true;
  });
}

/** By alias. */
export async function listWatchlists(db: Kysely<Tables>, tenant: string): Promise<WatchlistRecord[]> {
  const rows = await db
    .selectFrom('watchlists')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('alias_key')
    .execute();
  return rows.map((row) => ({
    alias: row.alias,
    name: row.name,
    searchKey: row.search_key,
    columns: JSON.parse(row.columns) as readonly string[],
    table: row.table_name,
    rows: row.rows,
    updatedAt: row.updated_at,
  }));
}

export async function putWatchlist(
  db: Kysely<Tables>,
  tenant: string,
  watchlist: WatchlistRecord,
): Promise<void> {
  const columns = {
    alias: watchlist.alias,
    name: watchlist.name,
    search_key: watchlist.searchKey,
    columns: JSON.stringify(watchlist.columns),
    table_name: watchlist.table,
    rows: watchlist.rows,
    updated_at: watchlist.updatedAt,
  };
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('watchlists')
      .values({ tenant, alias_key: watchlist.alias.toLowerCase(), ...columns })
      .onConflict((conflict) => conflict.columns(['tenant', 'alias_key']).doUpdateSet(columns))
      .execute();
    await bump(tx, tenant);
  });
}

/** False where there is none. The table of its items is the caller's to drop. */
export async function deleteWatchlist(db: Kysely<Tables>, tenant: string, alias: string): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const result = await tx
      .deleteFrom('watchlists')
      .where('tenant', '=', tenant)
      .where('alias_key', '=', alias.toLowerCase())
      .executeTakeFirst();
    if (result.numDeletedRows === 0n) return false;
    await bump(tx, tenant);
    return true;
  });
}

async function bump(tx: Transaction<Tables>, tenant: string): Promise<void> {
  await tx
    .insertInto('library_versions')
    .values({ tenant, version: 1 })
    .onConflict((conflict) =>
      conflict.column('tenant').doUpdateSet((eb) => ({ version: eb('library_versions.version', '+', 1) })),
    )
    .execute();
}
