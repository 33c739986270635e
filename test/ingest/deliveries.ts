import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { tenantDatabase } from '../../src/catalog/ddl.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import type { Database } from '../../src/clickhouse/database.ts';
import { ident, sql } from '../../src/clickhouse/sql.ts';
import {
  createIngest,
  type Ingest,
  type IngestOptions,
  type IngestRequest,
} from '../../src/ingest/ingest.ts';
import { openStore, type Store } from '../../src/store/store.ts';

export const catalog: Catalog = loadCatalog();

/** A server's ingestion in a folder of its own; `restart` is what a killed server's successor does. */
export interface Intake {
  readonly dataDir: string;
  readonly store: Store;
  ingest(): Ingest;
  restart(at?: IngestOptions['at']): Promise<void>;
  stop(): Promise<void>;
}

export async function startIntake(database: Database, at?: IngestOptions['at']): Promise<Intake> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'spoor-ingest-'));
  let store = await openStore(dataDir);
  const make = (hook: IngestOptions['at']) =>
    createIngest({ database, catalog, store, dataDir, ...(hook === undefined ? {} : { at: hook }) });
  let ingest = make(at);
  return {
    dataDir,
    get store() {
      return store;
    },
    ingest: () => ingest,
    async restart(hook) {
      await store.close();
      store = await openStore(dataDir);
      ingest = make(hook);
      await ingest.recover();
    },
    async stop() {
      await store.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export function delivery(
  content: string | Buffer,
  options: Partial<IngestRequest> & { readonly tenant: string },
): IngestRequest {
  return {
    format: 'auto',
    table: undefined,
    idempotencyKey: undefined,
    name: 'events.json',
    body: Readable.from([typeof content === 'string' ? Buffer.from(content) : content]),
    rebase: false,
    signal: new AbortController().signal,
    ...options,
  };
}

export function newTenant(): string {
  return randomUUID();
}

/** Rows that the engine holds, by a column's values: `{value: rows}`. */
export async function heldBy(
  database: Database,
  tenant: string,
  table: string,
  column: string,
): Promise<Record<string, number>> {
  const rows = await database.rows<{ value: string; held: string }>(
    sql`SELECT toString(${ident(column)}) AS value, count() AS held FROM ${ident(tenantDatabase(tenant))}.${ident(table)} GROUP BY value ORDER BY value`,
  );
  return Object.fromEntries(rows.map(({ value, held }) => [value, Number(held)]));
}

export async function countRows(database: Database, tenant: string, table: string): Promise<number> {
  const rows = await database.rows<{ held: string }>(
    sql`SELECT count() AS held FROM ${ident(tenantDatabase(tenant))}.${ident(table)}`,
  );
  return Number(rows[0]?.held ?? 0);
}

/** A record of Defender's streaming API. `id` becomes its `ReportId`. */
export function record(id: number, table = 'DeviceProcessEvents', extra: object = {}): object {
  return {
    time: '2024-05-01T10:00:05Z',
    tenantId: 'a',
    category: `AdvancedHunting-${table}`,
    properties: {
      Timestamp: `2024-05-01T10:00:${String(id % 60).padStart(2, '0')}.1234567Z`,
      DeviceId: 'd'.repeat(40),
      DeviceName: 'pc1.contoso.com',
      ReportId: id,
      ...extra,
    },
  };
}

export function ndjson(values: readonly object[]): string {
  return `${values.map((value) => JSON.stringify(value)).join('\n')}\n`;
}
