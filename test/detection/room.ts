import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { loadCatalog } from '../../src/catalog/load.ts';
import { createDetectionDesk, type DetectionDesk } from '../../src/detection/desk.ts';
import {
  createDetectionRoom,
  type DetectionParts,
  type DetectionRoom,
} from '../../src/detection/detection-room.ts';
import { type RuleOutcome, readRule } from '../../src/detection/rule-form.ts';
import { type RunResult, runRule } from '../../src/detection/rule-run.ts';
import { createBeside } from '../../src/hunting/beside/pool.ts';
import { type Compiler, startCompilePool } from '../../src/hunting/compile-pool.ts';
import { noExternalFiles } from '../../src/hunting/external/files.ts';
import { createInspection } from '../../src/hunting/inspect.ts';
import { quotaLimits } from '../../src/hunting/limits.ts';
import { createQuotas } from '../../src/hunting/quota.ts';
import { createTenantTables } from '../../src/hunting/tables.ts';
import { createIngest, type Ingest } from '../../src/ingest/ingest.ts';
import { NOBODYS_SESSION } from '../../src/model/query-session.ts';
import { findRule } from '../../src/store/rules.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { startTestEngine, type TestEngine } from '../engine/harness.ts';

export const TENANT = '5f0b7c1e-2a44-4c55-9b1d-7c0f3d5a9e21';

/** Detection over a real engine and a real store, with a clock that tests set and no scheduler of its own. */
export interface TestRoom {
  readonly engine: TestEngine;
  readonly store: Store;
  readonly ingest: Ingest;
  readonly room: DetectionRoom;
  readonly desk: DetectionDesk;
  readonly clock: { nowMs(): number; set(ms: number): void };
  /** Stores rows of a hunting table. */
  deliver(table: string, rows: readonly object[], tenant?: string): Promise<void>;
  save(form: object, tenant?: string): Promise<void>;
  run(name: string, tenant?: string): Promise<RunResult>;
  /** All detections, newest first. */
  pulled(tenant?: string): Promise<Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

export async function startRoom(changed: Partial<DetectionParts['settings']> = {}): Promise<TestRoom> {
  const engine = await startTestEngine();
  const compiler: Compiler = await startCompilePool({ threads: 1, timeoutMs: 10_000 });
  const dataDir = mkdtempSync(join(tmpdir(), 'spoor-detection-'));
  const store = await openStore(dataDir);
  let nowMs = Date.now();
  const clock = {
    nowMs: () => nowMs,
    set(ms: number) {
      nowMs = ms;
    },
  };
  const tables = createTenantTables({ database: engine.database, shared: true });
  const limits = quotaLimits({ quotas: 'unlimited', maxRows: 100_000 }, 2);
  const outside = {
    beside: createBeside(1),
    external: noExternalFiles(),
    sessions: async () => NOBODYS_SESSION,
  };
  const inspection = createInspection({
    ...outside,
    database: engine.database,
    compiler,
    tables,
    lookbackDays: undefined,
    requestTimeMs: undefined,
    clock,
  });
  const ingest = createIngest({
    database: {
      ...engine.database,
      command: (...args) => engine.database.command(...args).finally(tables.forget),
    },
    catalog: loadCatalog(),
    store,
    dataDir,
    clock,
  });
  const room = createDetectionRoom({
    store,
    engine: {
      database: engine.database,
      compiler,
      tables,
      limits: async () => limits,
      quotas: createQuotas(clock),
      lookbackDays: undefined,
      clock,
      ...outside,
    },
    inspection,
    ingest,
    settings: { maxAlerts: 150, mergeMs: 86_400_000, runTimeMs: 60_000, slots: 2, ...changed },
    onFailure: (error) => {
      throw error;
    },
  });
  const desk = createDetectionDesk(store, clock);
  const lines = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).join('\n');
  return {
    engine,
    store,
    ingest,
    room,
    desk,
    clock,
    async deliver(table, rows, tenant = TENANT) {
      const records = rows.map((properties) => ({ category: `AdvancedHunting-${table}`, properties }));
      const counts = await ingest.ingestStream({
        tenant,
        format: 'records',
        table: undefined,
        idempotencyKey: undefined,
        name: 'test',
        body: Readable.from([Buffer.from(lines(records))], { objectMode: false }),
        rebase: false,
        signal: new AbortController().signal,
      });
      if (counts.stored + counts.duplicates !== rows.length) throw new Error(JSON.stringify(counts));
    },
    async save(form, tenant = TENANT) {
      const outcome: RuleOutcome = readRule(form);
      if (!outcome.ok) throw new Error(JSON.stringify(outcome.faults));
      await room.rules.save(tenant, outcome.rule, 'test');
    },
    async run(name, tenant = TENANT) {
      const stored = await findRule(store.db, tenant, name);
      if (stored === undefined) throw new Error(`no rule ${name}`);
      return await runRule(room.runParts, stored, new AbortController().signal);
    },
    async pulled(tenant = TENANT) {
      let text = '';
      const bounds = { since: undefined, until: undefined, sinceInclusive: true, untilInclusive: true };
      const filter = { machineGroups: [], deviceTag: undefined, cloudTag: undefined };
      const pull = desk.pull({
        tenant,
        bounds,
        filter,
        sees: undefined,
        limit: undefined,
        publicUrl: 'http://spoor.example',
      });
      for await (const piece of pull) text += piece;
      return JSON.parse(text);
    },
    async close() {
      await room.stop();
      await compiler.close();
      await store.close();
      await engine.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
