import type { Kysely } from 'kysely';
import { tenantDatabase } from '../catalog/ddl.ts';
import type { Database } from '../clickhouse/database.ts';
import type { Clock } from '../model/clock.ts';
import { RequestError } from '../model/request-error.ts';
import {
  commitBatch,
  dropBatch,
  nextArrival,
  type PendingBatch,
  pendingBatches,
  reserveBatch,
} from '../store/ingest-journal.ts';
import type { Tables } from '../store/tables.ts';
import type { Batch, Block } from './batch.ts';
import { printTime } from './event-time.ts';
import { type ArrivalRange, countHeld, deleteHeld, highestArrival } from './held-rows.ts';
import { diskFailure } from './spool.ts';
import type { StoredTables } from './stored-tables.ts';

/** Moments of a write at which a test can cut the power. */
export type WriteStep = 'reserved' | 'inserting' | 'inserted' | 'verified' | 'committed';

export interface WriterOptions {
  readonly engine: Database;
  readonly db: Kysely<Tables>;
  readonly tables: StoredTables;
  readonly clock: Clock;
  readonly fsync: boolean;
  readonly at?: ((step: WriteStep, batch: PendingBatch) => Promise<void>) | undefined;
}

/** Writes batches exactly once. One write at a time per tenant, so that arrival numbers grow as rows appear. */
export interface Writer {
  /** Resolves when the engine holds exactly the rows of the batch and the journal says so. */
  write(tenant: string, file: string, batch: Batch, shiftMs: number): Promise<void>;
  /** Mends what a killed server or a failed write left: keeps batches that are whole, takes back those that are not. */
  recover(): Promise<void>;
}

/** An engine that died is waited for and asked again this often before the delivery fails. */
const ATTEMPTS = 3;

export function createWriter(options: WriterOptions): Writer {
  const { engine, db, tables, clock } = options;
  const queues = new Map<string, Promise<unknown>>();
  /** Tenants with a batch that may be written in part. */
  const unsettled = new Set<string>();

  /** One after another per tenant, in the order of the calls. */
  function inTurn<Result>(tenant: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (queues.get(tenant) ?? Promise.resolve()).then(work, work);
    queues.set(tenant, turn);
    const leave = () => {
      if (queues.get(tenant) === turn) queues.delete(tenant);
    };
    turn.then(leave, leave);
    return turn;
  }

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
      await commitBatch(db, batch);
      return;
    }
    for (const [i, range] of present.entries()) {
      if ((held[i] ?? 0) > 0) await deleteHeld(engine, database, range);
    }
    await dropBatch(db, batch);
  }

  async function attempt(tenant: string, file: string, batch: Batch, shiftMs: number): Promise<void> {
    const database = tenantDatabase(tenant);
    if (unsettled.has(tenant)) await settle(tenant);
    for (const block of batch.blocks) await tables.ensure(database, block.layout.table);
    const start = await firstArrival(tenant, database);
    const { rowsByTable, digest, seq } = batch;
    unsettled.add(tenant);
    const pending = await reserveBatch(db, { tenant, file, seq, rowsByTable, digest }, start);
    await options.at?.('reserved', pending);
    const ingested = printTime({ ms: clock.nowMs(), ticks: 0 }, 0);
    const ranges = tableRanges(pending);
    const placed = placeBlocks(batch.blocks, ranges, shiftMs);
    // Every insert has ended before anything is mended: one that came later would double its rows.
    const inserts = await Promise.allSettled(
      placed.map(async ({ block, range }, i) => {
        await engine.insert({
          database,
          table: range.table,
          columns: [...block.layout.columns, '_ingested', '_arrival'],
          body: blockBody(block, ingested, range.first),
          fsync: options.fsync,
        });
        if (i === 0) await options.at?.('inserting', pending);
      }),
    );
    for (const insert of inserts) if (insert.status === 'rejected') throw insert.reason;
    await options.at?.('inserted', pending);
    const held = await countHeld(
      engine,
      database,
      placed.map(({ range }) => range),
    );
    const short = placed.findIndex(({ block }, i) => held[i] !== block.cells.length);
    if (short !== -1) {
      throw new RequestError('IngestInterrupted', 503, 'the events could not be stored: send them again', {
        detail: `${placed[short]?.range.table}: ${held[short]} of ${placed[short]?.block.cells.length} rows`,
        retryAfterSeconds: 5,
      });
    }
    await options.at?.('verified', pending);
    await commitBatch(db, pending);
    unsettled.delete(tenant);
    await options.at?.('committed', pending);
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

  /** True once a batch that failed half-way turns out to be stored after all. */
  async function isCommitted(tenant: string, file: string, batch: Batch): Promise<boolean> {
    await settle(tenant);
    const row = await db
      .selectFrom('ingest_batches')
      .select('committed')
      .where('file', '=', file)
      .where('seq', '=', batch.seq)
      .executeTakeFirst();
    return row?.committed === 1;
  }

  return {
    write: (tenant, file, batch, shiftMs) =>
      inTurn(tenant, async () => {
        for (let left = ATTEMPTS; ; left--) {
          try {
            await attempt(tenant, file, batch, shiftMs);
            return;
          } catch (error) {
            if (left === 1 || !mayPass(error)) diskFailure(error);
            if (await isCommitted(tenant, file, batch)) return;
          }
        }
      }),
    async recover() {
      const tenants = new Set((await pendingBatches(db)).map((batch) => batch.tenant));
      for (const tenant of tenants) {
        unsettled.add(tenant);
        await inTurn(tenant, () => settle(tenant));
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

/** The arrival numbers of each table of a batch, in the order of its record. */
function tableRanges(batch: PendingBatch): ArrivalRange[] {
  let first = batch.firstArrival;
  return Object.entries(batch.rowsByTable).map(([table, rows]) => {
    const range = { table, first, last: first + rows - 1 };
    first += rows;
    return range;
  });
}

/** Gives each block its share of its table's numbers: a table can have blocks with different columns. */
function placeBlocks(
  blocks: readonly Block[],
  ranges: readonly ArrivalRange[],
  shiftMs: number,
): { readonly block: Block; readonly range: ArrivalRange }[] {
  const next = new Map(ranges.map((range) => [range.table, range.first]));
  return blocks.map((block) => {
    const { name, timeColumn } = block.layout.table;
    const first = next.get(name) ?? 0;
    next.set(name, first + block.cells.length);
    const time =
      block.times === undefined || timeColumn === undefined
        ? undefined
        : {
            column: timeColumn,
            minMs: block.times.minMs + shiftMs,
            maxMs: block.times.maxMs + shiftMs,
          };
    return { block, range: { table: name, first, last: first + block.cells.length - 1, time } };
  });
}

function blockBody(block: Block, ingested: string, first: number): Buffer {
  const tail = `,"${ingested}",`;
  const lines: string[] = [];
  for (const [i, cells] of block.cells.entries()) lines.push(`[${cells}${tail}${first + i}]`);
  return Buffer.from(`${lines.join('\n')}\n`);
}
