import { createHash, randomUUID } from 'node:crypto';
import type { CatalogTable } from '../catalog/catalog.ts';
import type { Clock } from '../model/clock.ts';
import type { IngestCounts } from '../model/ingest-counts.ts';
import { RequestError } from '../model/request-error.ts';
import {
  committedBatches,
  dropFile,
  findFiles,
  finishFile,
  type IngestFile,
  startFile,
} from '../store/ingest-journal.ts';
import type { Store } from '../store/store.ts';
import { type Batch, BatchBuilder } from './batch.ts';
import { asDuplicate, Tally } from './counts.ts';
import { damageMark, identify, keyedName, readIdentity } from './file-identity.ts';
import type { Member } from './formats/archive.ts';
import { createKeyedLock } from './keyed-lock.ts';
import { DAMAGED_ARCHIVE, readMember } from './read-member.ts';
import type { Rejects } from './rejects.ts';
import type { IngestFormat, RouteOptions, Router } from './route.ts';
import { cancelled } from './spool.ts';
import type { Writer } from './writer.ts';

/** How far the file that is being read has come. */
export interface FileProgress {
  readonly file: string;
  /** Of the unpacked content. */
  readonly bytes: number;
  readonly events: number;
}

export interface FileDelivery {
  readonly tenant: string;
  readonly format: IngestFormat;
  readonly table: CatalogTable | undefined;
  readonly idempotencyKey: string | undefined;
  readonly member: Member;
  /** Place of the file in its delivery, from 0. */
  readonly place: number;
  readonly rebase: boolean;
  readonly rejects: Rejects;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FileProgress) => void;
}

export interface FileIngest {
  /** Stores one file; what an earlier attempt stored of it is not stored again. */
  ingest(delivery: FileDelivery): Promise<IngestCounts>;
}

export interface FileIngestOptions {
  readonly db: Store['db'];
  readonly writer: Writer;
  readonly routing: (options: RouteOptions) => Router;
  readonly clock: Clock;
}

export function createFileIngest({ db, writer, routing, clock }: FileIngestOptions): FileIngest {
  const lock = createKeyedLock();

  /** The file as the journal knows it, and its content's hash where that had to be read. */
  async function find(
    delivery: FileDelivery,
    quick: string,
    content: string | undefined,
  ): Promise<{ readonly file: IngestFile | undefined; readonly content: string | undefined }> {
    const candidates = await findFiles(db, delivery.tenant, quick);
    if (delivery.idempotencyKey !== undefined) return { file: candidates[0], content: undefined };
    if (candidates.length === 0) return { file: undefined, content };
    const known = content ?? (await readIdentity(delivery.member, delivery.rebase)).content;
    const same = candidates.find((candidate) => candidate.content === known);
    return { file: same ?? candidates.find((candidate) => candidate.content === undefined), content: known };
  }

  async function store(
    delivery: FileDelivery,
    quick: string,
    content: string | undefined,
  ): Promise<IngestCounts> {
    const found = await find(delivery, quick, content);
    if (found.file?.counts !== undefined) return asDuplicate(JSON.parse(found.file.counts) as IngestCounts);
    if (found.file !== undefined) {
      try {
        return await write(delivery, found.file, found.content);
      } catch (error) {
        if (!(error instanceof OtherContent)) throw error;
        if (delivery.idempotencyKey !== undefined) {
          throw new RequestError(
            'IdempotencyKeyReused',
            409,
            'a delivery with other content was begun under this `Idempotency-Key`',
          );
        }
      }
    }
    const shiftMs = delivery.rebase ? await rebaseShift(delivery, routing, clock) : 0;
    const id = randomUUID();
    const { tenant, member } = delivery;
    await startFile(
      db,
      { id, tenant, name: member.name, quick, content: found.content, shiftMs },
      new Date(clock.nowMs()),
    );
    return await write(delivery, { id, content: found.content, shiftMs, counts: undefined }, found.content);
  }

  /** Reads and writes at the same time: one batch is written while the next is read. */
  async function write(
    delivery: FileDelivery,
    file: IngestFile,
    knownContent: string | undefined,
  ): Promise<IngestCounts> {
    const { tenant, format, table, member, rejects, signal } = delivery;
    const shiftMs = file.shiftMs ?? 0;
    const before = await committedBatches(db, file.id);
    const builder = new BatchBuilder();
    const tally = new Tally();
    const hash = knownContent === undefined ? createHash('sha256') : undefined;
    const tables: Record<string, number> = {};
    let stored = 0;
    let held = 0;
    let bytes = 0;
    let writing: Promise<void> | undefined;
    let failure: { readonly error: unknown } | undefined;

    const put = async (batch: Batch): Promise<void> => {
      const known = before.get(batch.seq);
      if (known !== undefined) {
        if (known.digest !== batch.digest) throw new OtherContent();
        held += batch.rows;
        return;
      }
      await writer.write(tenant, file.id, batch, shiftMs);
      stored += batch.rows;
      for (const [name, rows] of Object.entries(batch.rowsByTable)) {
        tables[name] = (tables[name] ?? 0) + rows;
      }
    };
    const drain = async (): Promise<void> => {
      if (signal.aborted) throw cancelled();
      for (const batch of builder.take()) {
        await writing;
        if (failure !== undefined) throw failure.error;
        writing = put(batch).catch((error: unknown) => {
          failure = { error };
        });
      }
      delivery.onProgress?.({
        file: member.name,
        bytes,
        events: tally.rows + tally.skipped + tally.rejected,
      });
    };

    try {
      await readMember(member, format, routing({ format, table, shiftMs }), {
        event(outcome, text, line) {
          if (outcome.kind === 'row') {
            tally.rows++;
            builder.add(outcome.row);
          } else if (outcome.kind === 'skipped') tally.skip(outcome.reason);
          else {
            tally.reject(outcome.reason);
            rejects.add(member.name, line, outcome.reason, text);
          }
        },
        fault(reason, text, line) {
          tally.reject(reason);
          if (reason === DAMAGED_ARCHIVE) hash?.update(damageMark(text));
          rejects.add(member.name, line, reason, text);
        },
        content(chunk) {
          hash?.update(chunk);
          bytes += chunk.length;
        },
        wait: drain,
      });
      builder.seal();
      await drain();
    } finally {
      await writing;
    }
    if (failure !== undefined) throw failure.error;
    const counts = tally.counts(stored, tables);
    if (tally.rows === 0) await dropFile(db, file.id);
    else {
      // What a repeat is answered counts what an earlier attempt stored, too.
      const whole = { ...counts, stored: stored + held, duplicates: 0 };
      await finishFile(db, file.id, hash?.digest('hex') ?? knownContent ?? '', JSON.stringify(whole));
    }
    return counts;
  }

  return {
    async ingest(delivery) {
      const { tenant, idempotencyKey, member, place, rebase } = delivery;
      const identity =
        idempotencyKey === undefined
          ? await identify(member, rebase)
          : { quick: keyedName(idempotencyKey, place), content: undefined };
      // The same file twice at the same time: the second waits and finds the first one stored.
      return await lock(`${tenant}\n${identity.quick}`, () =>
        store(delivery, identity.quick, identity.content),
      );
    },
  };
}

/** What an earlier attempt wrote of a file that looked the same is not how this one begins. */
class OtherContent extends Error {}

/** What must be added to the times of a file, so that its last event is now; 0 for a file without times. */
async function rebaseShift(
  { member, format, table, signal }: FileDelivery,
  routing: FileIngestOptions['routing'],
  clock: Clock,
): Promise<number> {
  let last: number | undefined;
  await readMember(member, format, routing({ format, table, shiftMs: 0 }), {
    event(outcome) {
      const ms = outcome.kind === 'row' ? outcome.row.time?.ms : undefined;
      if (ms !== undefined) last = last === undefined ? ms : Math.max(last, ms);
    },
    fault() {},
    content() {},
    wait() {
      if (signal.aborted) throw cancelled();
      return undefined;
    },
  });
  return last === undefined ? 0 : clock.nowMs() - last;
}
