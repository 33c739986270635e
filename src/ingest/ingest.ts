import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { type Catalog, type CatalogTable, findTable } from '../catalog/catalog.ts';
import { tenantDatabase } from '../catalog/ddl.ts';
import type { Database } from '../clickhouse/database.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import { addCounts, type IngestCounts, NO_COUNTS } from '../model/ingest-counts.ts';
import { RequestError } from '../model/request-error.ts';
import { findRequest, finishRequest, type PendingBatch } from '../store/ingest-journal.ts';
import type { Store } from '../store/store.ts';
import { asDuplicate } from './counts.ts';
import { requireRoom } from './disk-room.ts';
import { createFileIngest, type FileProgress } from './file-ingest.ts';
import { ArchiveFault, type Member, openArchive } from './formats/archive.ts';
import { createKeyedLock } from './keyed-lock.ts';
import { createRejects } from './rejects.ts';
import { createRouting, type IngestFormat } from './route.ts';
import { prepareSpool, spoolBody } from './spool.ts';
import { createStoredTables } from './stored-tables.ts';
import { createWriter, type WriteStep } from './writer.ts';

export interface IngestOptions {
  readonly database: Database;
  readonly catalog: Catalog;
  readonly store: Store;
  /** Holds `ingest-spool/` and `rejects/`, both private. */
  readonly dataDir: string;
  /** An acknowledgement survives power loss too, not only a kill. */
  readonly fsync?: boolean;
  /** Rows are dropped so many days after their arrival; undefined: never. */
  readonly retentionDays?: number | undefined;
  readonly clock?: Clock;
  /** Called between the steps of every write; for tests that cut the power there. */
  readonly at?: (step: WriteStep, batch: PendingBatch) => Promise<void>;
}

export interface IngestRequest {
  readonly tenant: string;
  readonly format: IngestFormat;
  /** The table of rows that do not name theirs. */
  readonly table: string | undefined;
  /** A delivery under a key that is stored stores nothing more. Without one, the content of each file counts. */
  readonly idempotencyKey: string | undefined;
  /** Named in rejects: a file's name, or the request's id. */
  readonly name: string;
  readonly body: Readable;
  /** Shifts the times of each file, so that its last event is now. */
  readonly rebase: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FileProgress) => void;
}

export interface Ingest {
  /**
   * Takes a delivery: a file of events in any of the formats, plain, `.gz` or `.zip`. Resolves when every event is
   * durable. Fails with a `RequestError`: `UnknownTable` and `IdempotencyKeyReused` (400 and 409), `DiskFull`,
   * `EngineUnavailable` and `IngestInterrupted` (503), `RequestCancelled` (499). After a failure the same delivery
   * can be sent again and goes on where it stopped.
   */
  ingestStream(request: IngestRequest): Promise<IngestCounts>;
  /** To be called before the first delivery: mends what a killed server left. */
  recover(): Promise<void>;
}

export function createIngest(options: IngestOptions): Ingest {
  const clock = options.clock ?? systemClock;
  const { catalog, database: engine, store } = options;
  const room = () => requireRoom(options.dataDir);
  const writer = createWriter({
    room,
    engine,
    db: store.db,
    tables: createStoredTables(engine, catalog, options.retentionDays),
    clock,
    fsync: options.fsync ?? false,
    at: options.at,
  });
  const files = createFileIngest({ db: store.db, writer, routing: createRouting(catalog), clock });
  const spoolFolder = prepareSpool(options.dataDir);
  const lock = createKeyedLock();

  async function deliver(request: IngestRequest, table: CatalogTable | undefined): Promise<IngestCounts> {
    const id = randomUUID();
    const spool = await spoolBody(spoolFolder, request.body, request.signal, room);
    const rejects = createRejects(options.dataDir, request.tenant, id);
    try {
      const { tenant, idempotencyKey } = request;
      const stored =
        idempotencyKey === undefined ? undefined : await findRequest(store.db, tenant, idempotencyKey);
      if (stored !== undefined) return asDuplicate(JSON.parse(stored) as IngestCounts);
      let total: IngestCounts = NO_COUNTS;
      for (const [place, member] of (await membersOf(spool.path, request.name)).entries()) {
        const counts = await files.ingest({ ...request, table, member, place, rejects });
        total = addCounts(total, counts);
      }
      if (idempotencyKey !== undefined) {
        await finishRequest(store.db, tenant, idempotencyKey, JSON.stringify(total), new Date(clock.nowMs()));
      }
      return total;
    } finally {
      rejects.close();
      await spool.dispose();
    }
  }

  return {
    async ingestStream(request) {
      const tenant = request.tenant.toLowerCase();
      tenantDatabase(tenant);
      const table = tableOf(catalog, request.table);
      const own = { ...request, tenant };
      // Two deliveries under one key at the same time: the second waits and finds the first one stored.
      return request.idempotencyKey === undefined
        ? await deliver(own, table)
        : await lock(`${tenant}\n${request.idempotencyKey}`, () => deliver(own, table));
    },
    recover: () => writer.recover(),
  };
}

function tableOf(catalog: Catalog, name: string | undefined): CatalogTable | undefined {
  if (name === undefined) return undefined;
  const table = findTable(catalog, name);
  if (table === undefined) {
    throw new RequestError('UnknownTable', 400, `the table \`${name.slice(0, 100)}\` is not known`);
  }
  return table;
}

/** An archive that cannot be opened is one file that cannot be read. */
async function membersOf(path: string, name: string): Promise<readonly Member[]> {
  try {
    return (await openArchive(path, name)).members;
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error;
    const { message } = error;
    return [
      {
        name,
        declared: undefined,
        // biome-ignore lint/correctness/useYield: it fails before anything can be given
        async *open() {
          throw new ArchiveFault(message);
        },
      },
    ];
  }
}
