import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** The next arrival number of a tenant's rows. */
export interface IngestCursorTable {
  readonly tenant: string;
  readonly next_arrival: number;
}

/** A delivery with an idempotency key that is stored entirely. `counts` is its answer, as JSON. */
export interface IngestRequestTable {
  readonly tenant: string;
  readonly key: string;
  readonly counts: string;
  readonly created_at: string;
}

/** A file (or member of an archive) that is stored entirely (`counts` is set) or in part. */
export interface IngestFileTable {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  /** What can be told without reading the content: files with different ones are different. */
  readonly quick: string;
  /** SHA-256 of the content in hexadecimal; null until it is known. */
  readonly content: string | null;
  /** What was added to its times; null: not decided yet. Kept, so that a second attempt makes the same rows. */
  readonly shift_ms: number | null;
  readonly counts: string | null;
  readonly created_at: string;
}

/** Rows of one file that are written together. */
export interface IngestBatchTable {
  readonly file: string;
  /** Place in the file, from 0. */
  readonly seq: number;
  readonly tenant: string;
  /** Arrival numbers of the rows, both included: tables in the order of `rows_by_table`. */
  readonly first_arrival: number;
  readonly last_arrival: number;
  /** JSON: `{"DeviceEvents": 120}`. */
  readonly rows_by_table: string;
  /** SHA-1 of the rows, to know the same batch again. */
  readonly digest: string;
  /** 0: reserved, perhaps written; 1: the engine was seen to hold exactly these rows. */
  readonly committed: number;
}

export interface PendingBatch {
  readonly file: string;
  readonly seq: number;
  readonly tenant: string;
  readonly firstArrival: number;
  readonly lastArrival: number;
  readonly rowsByTable: Readonly<Record<string, number>>;
}

export interface IngestFile {
  readonly id: string;
  readonly content: string | undefined;
  readonly shiftMs: number | undefined;
  /** JSON; undefined while the file is not stored entirely. */
  readonly counts: string | undefined;
}

type Db = Kysely<Tables>;

export async function findRequest(db: Db, tenant: string, key: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('ingest_requests')
    .select('counts')
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.counts;
}

export async function finishRequest(
  db: Db,
  tenant: string,
  key: string,
  counts: string,
  now: Date,
): Promise<void> {
  await db
    .insertInto('ingest_requests')
    .values({ tenant, key, counts, created_at: now.toISOString() })
    .onConflict((conflict) => conflict.columns(['tenant', 'key']).doNothing())
    .execute();
}

/** Files that may be the same, oldest first. */
export async function findFiles(db: Db, tenant: string, quick: string): Promise<IngestFile[]> {
  const rows = await db
    .selectFrom('ingest_files')
    .select(['id', 'content', 'shift_ms', 'counts'])
    .where('tenant', '=', tenant)
    .where('quick', '=', quick)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    content: row.content ?? undefined,
    shiftMs: row.shift_ms === null ? undefined : Number(row.shift_ms),
    counts: row.counts ?? undefined,
  }));
}

export async function startFile(
  db: Db,
  file: {
    readonly id: string;
    readonly tenant: string;
    readonly name: string;
    readonly quick: string;
    readonly content: string | undefined;
    readonly shiftMs: number;
  },
  now: Date,
): Promise<void> {
  await db
    .insertInto('ingest_files')
    .values({
      id: file.id,
      tenant: file.tenant,
      name: file.name,
      quick: file.quick,
      content: file.content ?? null,
      shift_ms: file.shiftMs,
      counts: null,
      created_at: now.toISOString(),
    })
    .execute();
}

/** Ends a file: its batches need not be told apart any more. */
export async function finishFile(db: Db, id: string, content: string, counts: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.updateTable('ingest_files').set({ content, counts }).where('id', '=', id).execute();
    await tx.deleteFrom('ingest_batches').where('file', '=', id).execute();
  });
}

/** Forgets a file of which nothing is stored. */
export async function dropFile(db: Db, id: string): Promise<void> {
  await db.deleteFrom('ingest_files').where('id', '=', id).execute();
}

/** The digests of the batches of a file that are stored, by their place. */
export async function committedBatches(
  db: Db,
  file: string,
): Promise<ReadonlyMap<number, { readonly digest: string; readonly rowsByTable: Record<string, number> }>> {
  const rows = await db
    .selectFrom('ingest_batches')
    .select(['seq', 'digest', 'rows_by_table'])
    .where('file', '=', file)
    .where('committed', '=', 1)
    .execute();
  return new Map(
    rows.map((row) => [
      row.seq,
      { digest: row.digest, rowsByTable: JSON.parse(row.rows_by_table) as Record<string, number> },
    ]),
  );
}

/** The arrival number that the next batch of a tenant will start with; undefined before its first. */
export async function nextArrival(db: Db, tenant: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('ingest_cursors')
    .select('next_arrival')
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  return row === undefined ? undefined : Number(row.next_arrival);
}

/** A batch that asks for arrival numbers. */
export interface NewBatch {
  readonly file: string;
  readonly seq: number;
  readonly rowsByTable: Readonly<Record<string, number>>;
  readonly digest: string;
}

/**
 * Takes the next arrival numbers of a tenant for batches, in their order. `start` is where a tenant without a cursor
 * begins. Numbers once taken are never given again, whatever becomes of the batch.
 */
export async function reserveBatches(
  db: Db,
  tenant: string,
  batches: readonly NewBatch[],
  start: number,
): Promise<PendingBatch[]> {
  return await db.transaction().execute(async (tx) => {
    let next_arrival = (await nextArrival(tx, tenant)) ?? start;
    const pending: PendingBatch[] = [];
    for (const { file, seq, rowsByTable, digest } of batches) {
      const firstArrival = next_arrival;
      for (const rows of Object.values(rowsByTable)) next_arrival += rows;
      const lastArrival = next_arrival - 1;
      pending.push({ file, seq, tenant, rowsByTable, firstArrival, lastArrival });
      await tx
        .insertInto('ingest_batches')
        .values({
          file,
          seq,
          tenant,
          first_arrival: firstArrival,
          last_arrival: lastArrival,
          rows_by_table: JSON.stringify(rowsByTable),
          digest,
          committed: 0,
        })
        .execute();
    }
    await tx
      .insertInto('ingest_cursors')
      .values({ tenant, next_arrival })
      .onConflict((conflict) => conflict.column('tenant').doUpdateSet({ next_arrival }))
      .execute();
    return pending;
  });
}

export async function commitBatches(db: Db, batches: readonly PendingBatch[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const { file, seq } of batches) {
      await tx
        .updateTable('ingest_batches')
        .set({ committed: 1 })
        .where('file', '=', file)
        .where('seq', '=', seq)
        .execute();
    }
  });
}

export async function isCommitted(db: Db, file: string, seq: number): Promise<boolean> {
  const row = await db
    .selectFrom('ingest_batches')
    .select('committed')
    .where('file', '=', file)
    .where('seq', '=', seq)
    .executeTakeFirst();
  return row?.committed === 1;
}

/** Forgets a batch of which no row is left in the engine. */
export async function dropBatch(db: Db, batch: PendingBatch): Promise<void> {
  await db
    .deleteFrom('ingest_batches')
    .where('file', '=', batch.file)
    .where('seq', '=', batch.seq)
    .where('committed', '=', 0)
    .execute();
}

/** Batches that were reserved and never seen to be stored, of one tenant or of all. */
export async function pendingBatches(db: Db, tenant?: string): Promise<PendingBatch[]> {
  let query = db.selectFrom('ingest_batches').selectAll().where('committed', '=', 0);
  if (tenant !== undefined) query = query.where('tenant', '=', tenant);
  const rows = await query.orderBy('tenant').orderBy('first_arrival').execute();
  return rows.map((row) => ({
    file: row.file,
    seq: row.seq,
    tenant: row.tenant,
    firstArrival: Number(row.first_arrival),
    lastArrival: Number(row.last_arrival),
    rowsByTable: JSON.parse(row.rows_by_table) as Record<string, number>,
  }));
}

/**
 * The highest arrival number up to which every row of the tenant is stored: what follows may still be written, or
 * be taken back. 0 before the first.
 */
export async function committedArrival(db: Db, tenant: string): Promise<number> {
  const next = await nextArrival(db, tenant);
  if (next === undefined) return 0;
  const [oldest] = await pendingBatches(db, tenant);
  return (oldest === undefined ? next : oldest.firstArrival) - 1;
}
