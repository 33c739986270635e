import { type Kysely, sql, type Transaction } from 'kysely';
import { processedAfter } from '../model/ticks.ts';
import type { Tables } from './tables.ts';

/** What was given last in a tenant. */
export interface DetectionCursorTable {
  readonly tenant: string;
  readonly last_seq: number;
  /** As `processed`; '' before the first. */
  readonly last_processed: string;
  readonly last_incident: number;
  readonly last_rule: number;
}

/** A detection. Never changed once it is there. */
export interface DetectionTable {
  readonly tenant: string;
  /** 1, 2, 3 ... in the order of commit. */
  readonly seq: number;
  /** `2020-09-30T14:11:44.0779765Z`: fixed width, so that its order as text is the order in time. */
  readonly processed: string;
  /** Unique in a tenant; null where nothing tells a repeat. */
  readonly dedup_key: string | null;
  readonly alert: string;
  /** Null for a detection from outside. */
  readonly rule: string | null;
  /** Lower case, as the tags: filters are compared without regard to case. */
  readonly machine_group: string;
  /** `;a;b;`, '' without any. */
  readonly device_tags: string;
  readonly cloud_tags: string;
  /** The JSON text of the answer's member. U+0001 stands for the server's public URL. */
  readonly body: string;
}

/** A batch from outside that came with a key. */
export interface DetectionRequestTable {
  readonly tenant: string;
  readonly key: string;
  readonly digest: string;
  readonly members: number;
}

type Db = Kysely<Tables>;
export type Tx = Transaction<Tables>;

export interface NewDetection {
  readonly dedupKey: string | undefined;
  readonly alert: string;
  readonly rule: string | undefined;
  readonly machineGroup: string;
  readonly deviceTags: readonly string[];
  readonly cloudTags: readonly string[];
  /** The body, once the time of commit is known. */
  body(processed: string): string;
}

/** Which of these keys a tenant has already. */
export async function knownDetections(
  db: Db,
  tenant: string,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for (let at = 0; at < keys.length; at += MOST_KEYS) {
    const rows = await db
      .selectFrom('detections')
      .select('dedup_key')
      .where('tenant', '=', tenant)
      .where('dedup_key', 'in', keys.slice(at, at + MOST_KEYS))
      .execute();
    for (const { dedup_key } of rows) if (dedup_key !== null) known.add(dedup_key);
  }
  return known;
}

/** The alert that a detection belongs to. */
export async function alertOfDetection(db: Db, tenant: string, key: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('detections')
    .select('alert')
    .where('tenant', '=', tenant)
    .where('dedup_key', '=', key)
    .executeTakeFirst();
  return row?.alert;
}

const MOST_KEYS = 500;
const MOST_ROWS = 100;

/**
 * Appends detections in their order and gives each its time of commit: later than every one before it in the tenant,
 * and later than any moment at which somebody could have read without it. The caller has left out what is known.
 */
export async function appendDetections(
  tx: Tx,
  tenant: string,
  items: readonly NewDetection[],
  nowMs: number,
): Promise<void> {
  if (items.length === 0) return;
  const cursor = await detectionCursor(tx, tenant);
  let { last_seq, last_processed } = cursor;
  const rows = items.map((item): DetectionTable => {
    last_seq += 1;
    last_processed = processedAfter(last_processed, nowMs);
    return {
      tenant,
      seq: last_seq,
      processed: last_processed,
      dedup_key: item.dedupKey ?? null,
      alert: item.alert,
      rule: item.rule ?? null,
      machine_group: item.machineGroup.toLowerCase(),
      device_tags: tagText(item.deviceTags),
      cloud_tags: tagText(item.cloudTags),
      body: item.body(last_processed),
    };
  });
  for (let at = 0; at < rows.length; at += MOST_ROWS) {
    await tx
      .insertInto('detections')
      .values(rows.slice(at, at + MOST_ROWS))
      .execute();
  }
  await tx
    .updateTable('detection_cursors')
    .set({ last_seq, last_processed })
    .where('tenant', '=', tenant)
    .execute();
}

/** The cursor of a tenant, made where it has none. */
export async function detectionCursor(tx: Tx, tenant: string): Promise<DetectionCursorTable> {
  const first = { tenant, last_seq: 0, last_processed: '', last_incident: 0, last_rule: 0 };
  await tx
    .insertInto('detection_cursors')
    .values(first)
    .onConflict((conflict) => conflict.column('tenant').doNothing())
    .execute();
  const row = await tx
    .selectFrom('detection_cursors')
    .selectAll()
    .where('tenant', '=', tenant)
    .executeTakeFirstOrThrow();
  return {
    ...row,
    last_seq: Number(row.last_seq),
    last_incident: Number(row.last_incident),
    last_rule: Number(row.last_rule),
  };
}

function tagText(tags: readonly string[]): string {
  return tags.length === 0 ? '' : `;${tags.map((tag) => tag.trim().toLowerCase()).join(';')};`;
}

/** An interval on the time of commit. A bound that is left out is open. */
export interface ProcessedBounds {
  readonly since: string | undefined;
  readonly sinceInclusive: boolean;
  readonly until: string | undefined;
  readonly untilInclusive: boolean;
}

/** The numbers of the detections in an interval, both included; undefined where there is none. */
export async function detectionRange(
  db: Db,
  tenant: string,
  bounds: ProcessedBounds,
): Promise<{ readonly first: number; readonly last: number } | undefined> {
  let query = db.selectFrom('detections').select(['seq', 'processed']).where('tenant', '=', tenant);
  if (bounds.since !== undefined) {
    query = query.where('processed', bounds.sinceInclusive ? '>=' : '>', bounds.since);
  }
  if (bounds.until !== undefined) {
    query = query.where('processed', bounds.untilInclusive ? '<=' : '<', bounds.until);
  }
  const first = await query.orderBy('processed').limit(1).executeTakeFirst();
  const last = await query.orderBy('processed', 'desc').limit(1).executeTakeFirst();
  return first === undefined || last === undefined
    ? undefined
    : { first: Number(first.seq), last: Number(last.seq) };
}

export interface DetectionFilter {
  /** Any of them; empty: all. */
  readonly machineGroups: readonly string[];
  readonly deviceTag: string | undefined;
  readonly cloudTag: string | undefined;
}

/** Bodies of the detections numbered `first` to `last`, both included, newest first. */
export async function detectionBodies(
  db: Db,
  tenant: string,
  range: { readonly first: number; readonly last: number },
  filter: DetectionFilter,
  limit: number,
): Promise<string[]> {
  let query = db
    .selectFrom('detections')
    .select('body')
    .where('tenant', '=', tenant)
    .where('seq', '>=', range.first)
    .where('seq', '<=', range.last);
  if (filter.machineGroups.length > 0) {
    const groups = filter.machineGroups.map((group) => group.toLowerCase());
    query = query.where('machine_group', 'in', groups);
  }
  if (filter.deviceTag !== undefined) query = query.where(hasTag('device_tags', filter.deviceTag));
  if (filter.cloudTag !== undefined) query = query.where(hasTag('cloud_tags', filter.cloudTag));
  const rows = await query.orderBy('seq', 'desc').limit(limit).execute();
  return rows.map(({ body }) => body);
}

function hasTag(column: 'device_tags' | 'cloud_tags', tag: string) {
  const pattern = `%;${tag
    .trim()
    .toLowerCase()
    .replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)};%`;
  return sql<boolean>`${sql.ref(column)} like ${pattern} escape '\\'`;
}

/** What was answered to a batch with this key. */
export async function findDetectionRequest(
  db: Db,
  tenant: string,
  key: string,
): Promise<{ readonly digest: string; readonly members: number } | undefined> {
  return await db
    .selectFrom('detection_requests')
    .select(['digest', 'members'])
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .executeTakeFirst();
}

export async function keepDetectionRequest(tx: Tx, request: DetectionRequestTable): Promise<void> {
  await tx.insertInto('detection_requests').values(request).execute();
}
