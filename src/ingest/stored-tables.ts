import type { Catalog, CatalogTable } from '../catalog/catalog.ts';
import { changedRetention, createDatabase, createStatements, missingColumns } from '../catalog/ddl.ts';
import type { Database } from '../clickhouse/database.ts';
import { sql, text } from '../clickhouse/sql.ts';

/** Makes a tenant's tables when their first row comes, and brings those of an earlier release or setting up to date. */
export interface StoredTables {
  ensure(database: string, table: CatalogTable): Promise<void>;
  /** Names of the tables that a tenant's database has. */
  existing(database: string): Promise<ReadonlySet<string>>;
}

export function createStoredTables(
  engine: Database,
  catalog: Catalog,
  retentionDays: number | undefined,
): StoredTables {
  const ready = new Map<string, Promise<void>>();
  const make = async (database: string, table: CatalogTable): Promise<void> => {
    await engine.command(createDatabase(database));
    for (const statement of createStatements(catalog, database, table, retentionDays)) {
      await engine.command(statement);
    }
    const [made] = await engine.rows<{ definition: string }>(
      sql`SELECT engine_full AS definition FROM system.tables WHERE database = ${text(database)} AND name = ${text(table.name)}`,
    );
    const columns = await engine.rows<{ name: string }>(
      sql`SELECT name FROM system.columns WHERE database = ${text(database)} AND table = ${text(table.name)}
UNION ALL SELECT name FROM system.data_skipping_indices WHERE database = ${text(database)} AND table = ${text(table.name)}`,
    );
    for (const statement of [
      ...missingColumns(database, table, new Set(columns.map(({ name }) => name))),
      ...changedRetention(database, table, made?.definition ?? '', retentionDays),
    ]) {
      await engine.command(statement);
    }
  };
  return {
    ensure(database, table) {
      const key = `${database}.${table.name}`;
      let made = ready.get(key);
      if (made === undefined) {
        made = make(database, table);
        ready.set(key, made);
        made.catch(() => ready.delete(key));
      }
      return made;
    },
    async existing(database) {
      const rows = await engine.rows<{ name: string }>(
        sql`SELECT name FROM system.tables WHERE database = ${text(database)} AND engine = 'MergeTree'`,
      );
      return new Set(rows.map(({ name }) => name));
    },
  };
}
