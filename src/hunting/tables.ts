import { createDatabase, tenantDatabase } from '../catalog/ddl.ts';
import type { Database } from '../clickhouse/database.ts';
import { sql, text } from '../clickhouse/sql.ts';
import type { Library } from '../model/library.ts';

/** What is stored for a tenant at this moment. */
export interface StoredTables {
  readonly database: string;
  /** Names of the tables and views that exist; a documented table that is not among them has no row yet. */
  readonly existing: ReadonlySet<string>;
  /** The tenant's own functions and watchlists. */
  readonly library?: Library | undefined;
}

export interface TenantTables {
  (tenant: string): Promise<StoredTables>;
  /** To be called once a table was made: the next look-up asks the engine. */
  forget(): void;
}

/** Other servers on the same engine make tables too: what was found is believed only so long. */
const BELIEVED_OF_SHARED_MS = 1000;

export interface TenantTablesParts {
  readonly database: Database;
  readonly library?: (tenant: string) => Promise<Library | undefined>;
  /** True where others than this server make tables in the engine. */
  readonly shared: boolean;
}

/**
 * Looks the tables up, for they are made when their first row comes. The tenant's database is made if it is missing, so
 * that a query without tables has a place to run in.
 */
export function createTenantTables({
  database,
  library = async () => undefined,
  shared,
}: TenantTablesParts): TenantTables {
  const believedMs = shared ? BELIEVED_OF_SHARED_MS : Number.POSITIVE_INFINITY;
  const made = new Set<string>();
  let known = new Map<string, { readonly tables: StoredTables; readonly untilMs: number }>();

  async function lookUp(name: string): Promise<StoredTables> {
    const rows = await database.rows<{ name: string }>(
      sql`SELECT name FROM system.tables WHERE database = ${text(name)}`,
    );
    if (rows.length === 0 && !made.has(name)) {
      await database.command(createDatabase(name));
      made.add(name);
    }
    return { database: name, existing: new Set(rows.map((row) => row.name)) };
  }

  async function tables(tenant: string): Promise<StoredTables> {
    // First: a watchlist that it names is stored by then.
    const own = await library(tenant);
    const stored = await storedTables(tenant);
    return own === undefined ? stored : { ...stored, library: own };
  }

  async function storedTables(tenant: string): Promise<StoredTables> {
    const name = tenantDatabase(tenant);
    const found = known.get(name);
    if (found && performance.now() < found.untilMs) return found.tables;
    // A table made during the look-up replaces the map: what was found then is not kept.
    const keep = known;
    const stored = await lookUp(name);
    keep.set(name, { tables: stored, untilMs: performance.now() + believedMs });
    return stored;
  }

  return Object.assign(tables, {
    forget() {
      known = new Map();
    },
  });
}
