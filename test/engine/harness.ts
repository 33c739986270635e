import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type ConnectOptions, connectDatabase } from '../../src/clickhouse/client.ts';
import type { Database, HuntResult, HuntStatement } from '../../src/clickhouse/database.ts';
import type { EngineOptions } from '../../src/clickhouse/embedded/options.ts';
import { type EmbeddedEngine, startEmbeddedEngine } from '../../src/clickhouse/embedded/supervisor.ts';
import type { Sql } from '../../src/clickhouse/sql.ts';
import { buildEngineEntry } from './build-entry.ts';

/** A real embedded engine in a temporary folder, for tests. Starts in about a second; one per test file is enough. */
export interface TestEngine {
  readonly database: Database;
  readonly engine: EmbeddedEngine;
  readonly dataDir: string;
  /** Stops the engine and removes the folder. */
  stop(): Promise<void>;
}

/**
 * Starts the engine process and connects to it. In a test file:
 * `let test: TestEngine; beforeAll(async () => { test = await startTestEngine(); }); afterAll(() => test.stop());`
 * Code under test that starts its own engine finds the built engine process by `SPOOR_ENGINE_ENTRY`, which is set
 * here (or call `buildEngineEntry()` first).
 */
export async function startTestEngine(
  options: Partial<EngineOptions> & Omit<Partial<ConnectOptions>, 'url' | 'key'> = {},
): Promise<TestEngine> {
  const entry = buildEngineEntry();
  process.env['SPOOR_ENGINE_ENTRY'] = entry;
  const dataDir = options.dataDir ?? mkdtempSync(path.join(os.tmpdir(), 'spoor-engine-'));
  const engine = await startEmbeddedEngine({ memoryBytes: 2 ** 31, ...options, dataDir, entry });
  const database = connectDatabase({
    ...options,
    url: engine.url,
    key: engine.key,
    ready: () => engine.ready(),
  });
  return {
    database,
    engine,
    dataDir,
    async stop() {
      await database.close();
      await engine.stop();
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs a hunting statement to its end: all rows as raw JSON tokens. */
export async function huntRows(
  database: Database,
  statement: Sql,
  options: Partial<HuntStatement> = {},
): Promise<string[][]> {
  const result = await database.hunt({
    database: 'tenant_a',
    queryId: randomUUID(),
    timeoutMs: 30_000,
    ...options,
    statement,
  });
  return await allRows(result);
}

export async function allRows(result: HuntResult): Promise<string[][]> {
  const rows: string[][] = [];
  for await (const batch of result.rows) for (const row of batch) rows.push([...row]);
  return rows;
}
