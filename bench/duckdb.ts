import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tenantDatabase } from '../src/catalog/ddl.ts';
import type { Database } from '../src/clickhouse/database.ts';
import { ident, sql, text } from '../src/clickhouse/sql.ts';

/** DuckDB over the same rows: what another engine takes for the same question, beside the two that are compared. */
export interface DuckDb {
  run(query: string): Promise<void>;
  close(): void;
}

interface Connection {
  runAndReadAll(query: string): Promise<{ getRowsJson(): unknown }>;
  closeSync(): void;
}

interface DuckDbPackage {
  readonly DuckDBInstance: {
    create(path: string): Promise<{ connect(): Promise<Connection>; closeSync(): void }>;
  };
}

/**
 * Undefined where the package is not installed (`npm ci --prefix bench/duckdb`): it is large, and only the benchmark
 * asks for it.
 */
export async function openDuckDb(
  database: Database,
  tenant: string,
  root: string,
): Promise<DuckDb | undefined> {
  const required = createRequire(join(root, 'bench', 'duckdb', 'package.json'));
  let duckdb: DuckDbPackage;
  try {
    duckdb = required('@duckdb/node-api') as DuckDbPackage;
  } catch {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'spoor-duckdb-'));
  const instance = await duckdb.DuckDBInstance.create(join(folder, 'bench.duckdb'));
  const connection = await instance.connect();
  await connection.runAndReadAll("SET TimeZone = 'UTC'");
  for (const [name, table] of [
    ['process', 'DeviceProcessEvents'],
    ['network', 'DeviceNetworkEvents'],
  ] as const) {
    const file = join(folder, `${name}.parquet`);
    await database.command(
      sql`SELECT * EXCEPT (_arrival, _ingested, _extra) REPLACE (toDateTime64(Timestamp, 6, 'UTC') AS Timestamp) FROM ${ident(tenantDatabase(tenant))}.${ident(table)} INTO OUTFILE ${text(file)} FORMAT Parquet`,
    );
    await connection.runAndReadAll(
      `CREATE TABLE ${name} AS SELECT * REPLACE (Timestamp::TIMESTAMP AS Timestamp) FROM '${file}' ORDER BY DeviceId, Timestamp`,
    );
    rmSync(file);
  }
  return {
    async run(query) {
      (await connection.runAndReadAll(query)).getRowsJson();
    },
    close() {
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
