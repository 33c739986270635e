import { tenantDatabase } from '../catalog/ddl.ts';
import type { Database } from '../clickhouse/database.ts';
import type { Clock } from '../model/clock.ts';
import { RequestError } from '../model/request-error.ts';
import {
  commitBatches,
  dropBatch,
  isCommitted,
  nextArrival,
  type PendingBatch,
  pendingBatches,
  reserveBatches,
} from '../store/ingest-journal.ts';
import type { Store } from '../store/store.ts';
import type { Batch, Waiting } from './batch.ts';
import { printTime } from './event-time.ts';
import { countHeld, deleteHeld, highestArrival } from './held-rows.ts';
import { createKeyedLock } from './keyed-lock.ts';
import { placeRows, tableRanges } from './placement.ts';
import { diskFailure } from './spool.ts';
import type { StoredTables } from './stored-tables.ts';

/** Moments of a write at which a test can cut the power. */
export type WriteStep = 'reserved' | 'inserting' | 'inserted' | 'verified' | 'committed';

export interface WriterOptions {
  readonly engine: Database;
  readonly db: Store['db'];
  readonly tables: StoredTables;
  readonly clock: Clock;
  readonly fsync: boolean;
  /** Asked before every write; rejects with `DiskFull` where there is none. */
  readonly room: () => Promise<void>;
  readonly at?: ((step: WriteStep, batch: PendingBatch) => Promise<void>) | undefined;
}

/**
 * Writes batches exactly once. One write at a time per tenant, so that arrival numbers grow as rows appear; batches
 * that wait for it are written together, because an insert costs as much for ten rows as for thousands.
 */
export interface Writer {
  /** Resolves when the engine holds exactly the rows of the batch and the journal says so. */
  write(tenant: string, file: string, batch: Batch, shiftMs: number): Promise<void>;
  /** Mends what a killed server or a failed write left: keeps batches that are whole, takes back those that are not. */
  recover(): Promise<void>;
}

interface Promised extends Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** An engine that died is waited for and asked again this often before the delivery fails. */
const ATTEMPTS = 3;
const MAX_GROUP_ROWS = 60_000;

export function createWriter(options: WriterOptions): Writer {
  const { engine, db, tables, clock } = options;
  const lock = createKeyedLock();
  const waiting = new Map<string, Promised[]>();
  /** Tenants with a batch that may be written in part. */
  const unsettled = new Set<string>();

  async function settle(tenant: string): Promise<void> {
    for (const batch of await pendingBatches(db, tenant)) await settleBatch(batch);
    unsettled.delete(tenant);
  }

  async function settleBatch(batch: PendingBatch): Promise<void> {
    const database = tenantDatabase(batch.tenant);
    const existing = await tables.existing(database);
    const ranges = tableRanges(batch);
    const present = ranges.filter((range) => existing.has(range.table));
    const held = await countHeld(engine, database, present);
    const whole =
      present.length === ranges.length &&
      ranges.every((range, i) => held[i] === range.last - range.first + 1);
    if (whole) {
      await commitBatches(db, [batch]);
      return;
    }
    for (const [i, range] of present.entries()) {
      if ((held[i] ?? 0) > 0) await deleteHeld(engine, database, range);
    }
    await dropBatch(db, batch);
  }

  async function reach(step: WriteStep, batches: readonly PendingBatch[]): Promise<void> {
    if (options.at !== undefined) for (const batch of batches) await options.at(step, batch);
  }

  async function attempt(tenant: string, group: readonly Waiting[]): Promise<void> {
    const database = tenantDatabase(tenant);
    await options.room();
    if (unsettled.has(tenant)) await settle(tenant);
    for (const { batch } of group) {
      for (const block of batch.blocks) await tables.ensure(database, block.layout.table);
    }
    const start = await firstArrival(tenant, database);
    unsettled.add(tenant);
    const asked = group.map(({ file, batch: { seq, rowsByTable, digest } }) => ({
      file,
      seq,
      rowsByTable,
      digest,
    }));
    const pending = await reserveBatches(db, tenant, asked, start);
    await reach('reserved', pending);
    const ingested = printTime({ ms: clock.nowMs(), ticks: 0 }, 0);
    const { inserts, ranges } = placeRows(group, pending, ingested);
    // Every insert has ended before anything is mended: one that came later would double its rows.
    const ends = await Promise.allSettled(
      inserts.map(async (insert, i) => {
        await engine.insert({ database, fsync: options.fsync, ...insert });
        if (i === 0) await reach('inserting', pending);
      }),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    await reach('inserted', pending);
    const held = await countHeld(engine, database, ranges);
    const short = ranges.findIndex((range, i) => held[i] !== range.rows);
    if (short !== -1) {
      throw new RequestError('IngestInterrupted', 503, 'the events could not be stored: send them again', {
        detail: `${ranges[short]?.table}: ${held[short]} of ${ranges[short]?.rows} rows`,
        retryAfterSeconds: 5,
      });
    }
    await reach('verified', pending);
    await commitBatches(db, pending);
    unsettled.delete(tenant);
    await reach('committed', pending);
  }

  /** Where a tenant begins whose journal is new: behind whatever its tables already hold. */
  async function firstArrival(tenant: string, database: string): Promise<number> {
    const next = await nextArrival(db, tenant);
    if (next !== undefined) return next;
    let highest = 0;
    for (const table of await tables.existing(database)) {
      highest = Math.max(highest, await highestArrival(engine, database, table));
    }
    return highest + 1;
  }

  async function writeGroup(tenant: string, group: readonly Promised[]): Promise<void> {
    let left = group;
    for (let attempts = ATTEMPTS; left.length > 0; attempts--) {
      try {
        await attempt(tenant, left);
        for (const { resolve } of left) resolve();
        return;
      } catch (error) {
        if (attempts === 1 || !mayPass(error)) throw error;
        // Some of the batches may be stored after all.
        await settle(tenant);
        const missing: Promised[] = [];
        for (const each of left) {
          if (await isCommitted(db, each.file, each.batch.seq)) each.resolve();
          else missing.push(each);
        }
        left = missing;
      }
    }
  }

  /** Writes whatever waits by now, up to the size of a group. */
  async function writeWaiting(tenant: string): Promise<void> {
    const queue = waiting.get(tenant) ?? [];
    const group: Promised[] = [];
    for (let rows = 0; ; ) {
      const next = queue[0];
      if (next === undefined || (group.length > 0 && rows + next.batch.rows > MAX_GROUP_ROWS)) break;
      rows += next.batch.rows;
      group.push(next);
      queue.shift();
    }
    if (queue.length === 0) waiting.delete(tenant);
    if (group.length === 0) return;
    try {
      await writeGroup(tenant, group);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  return {
    write: (tenant, file, batch, shiftMs) =>
      new Promise<void>((resolve, reject) => {
        const queue = waiting.get(tenant) ?? [];
        queue.push({ file, batch, shiftMs, resolve, reject });
        waiting.set(tenant, queue);
        // One turn per batch: turns whose batch went with an earlier one find nothing to do.
        void lock(tenant, () => writeWaiting(tenant));
      }).catch(diskFailure),
    async recover() {
      const tenants = new Set((await pendingBatches(db)).map((batch) => batch.tenant));
      for (const tenant of tenants) {
        unsettled.add(tenant);
        await lock(tenant, () => settle(tenant));
      }
    },
  };
}

/** An engine that was restarted, or a write that it lost. A full disk does not pass by asking again. */
function mayPass(error: unknown): boolean {
  return (
    error instanceof RequestError &&
    (error.code === 'EngineUnavailable' || error.code === 'IngestInterrupted')
  );
}
