import { createDatabase, tenantDatabase } from '../catalog/ddl.ts';
import type { Database } from '../clickhouse/database.ts';
import { sql, text } from '../clickhouse/sql.ts';

/** What is stored for a tenant at this moment. */
export interface StoredTables {
  readonly database: string;
  /** Names of the tables and views that exist; a documented table that is not among them has no row yet. */
  readonly existing: ReadonlySet<string>;
}

export type TenantTables = (tenant: string) => Promise<StoredTables>;

/**
 * Looks the tables up on each call, for they are made when their first row comes. The tenant's database is made if it
 * is missing, so that a query without tables has a place to run in.
 */
export function createTenantTables(database: Database): TenantTables {
  const made = new Set<string>();
  return async (tenant) => {
    const name = tenantDatabase(tenant);
    const rows = await database.rows<{ name: string }>(
      sql`SELECT name FROM system.tables WHERE database = ${text(name)}`,
    );
    if (rows.length === 0 && !made.has(name)) {
      await database.command(createDatabase(name));
      made.add(name);
    }
    return { database: name, existing: new Set(rows.map((row) => row.name)) };
  };
}
