import type { Kysely } from 'kysely';
import type { Tx } from './detections.ts';
import type { Tables } from './tables.ts';

/** Similar detections, with what analysts say of them. Times as `2020-09-30T14:11:44.0779765Z`. */
export interface AlertTable {
  readonly tenant: string;
  readonly id: string;
  readonly incident: number;
  readonly rule: string;
  /** Detections with the same one belong together. */
  readonly merge_key: string;
  readonly created: string;
  readonly updated: string;
  readonly first_event: string;
  readonly last_event: string;
  readonly resolved: string | null;
  readonly severity: string;
  readonly category: string;
  readonly status: string;
  readonly assigned_to: string | null;
  readonly classification: string | null;
  readonly determination: string | null;
  /** DeviceId; '' where none is impacted. */
  readonly device: string;
  readonly detections: number;
  /** JSON of what never changes. */
  readonly facts: string;
  /** JSON array of `{comment, createdBy, createdTime}`. */
  readonly comments: string;
}

export interface AlertEvidenceTable {
  readonly tenant: string;
  readonly alert: string;
  /** The same evidence has the same one. */
  readonly key: string;
  readonly created: string;
  readonly body: string;
}

/** Records of the hunting tables AlertInfo and AlertEvidence on their way into the engine. */
export interface AlertRowsTable {
  readonly id: string;
  readonly tenant: string;
  readonly created: string;
  /** One JSON record a line. */
  readonly records: string;
}

type Db = Kysely<Tables>;
export type Alert = AlertTable;

/** The newest open alert with this key that was made after a moment. */
export async function openAlert(
  db: Db,
  tenant: string,
  mergeKey: string,
  createdAfter: string,
): Promise<Alert | undefined> {
  const row = await db
    .selectFrom('alerts')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('merge_key', '=', mergeKey)
    .where('created', '>', createdAfter)
    .where('status', '!=', 'Resolved')
    .orderBy('created', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : plain(row);
}

export async function insertAlert(tx: Tx, alert: Alert): Promise<void> {
  await tx.insertInto('alerts').values(alert).execute();
}

export async function updateAlert(
  db: Db,
  tenant: string,
  id: string,
  change: Partial<Omit<Alert, 'tenant' | 'id'>>,
): Promise<void> {
  await db.updateTable('alerts').set(change).where('tenant', '=', tenant).where('id', '=', id).execute();
}

export async function findAlert(db: Db, tenant: string, id: string): Promise<Alert | undefined> {
  const row = await db
    .selectFrom('alerts')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : plain(row);
}

/** A page of a tenant's alerts before a place, newest first. */
export async function alertPage(
  db: Db,
  tenant: string,
  before: { readonly created: string; readonly id: string } | undefined,
  limit: number,
): Promise<Alert[]> {
  let query = db.selectFrom('alerts').selectAll().where('tenant', '=', tenant);
  if (before !== undefined) {
    query = query.where((where) =>
      where.or([
        where('created', '<', before.created),
        where.and([where('created', '=', before.created), where('id', '<', before.id)]),
      ]),
    );
  }
  const rows = await query.orderBy('created', 'desc').orderBy('id', 'desc').limit(limit).execute();
  return rows.map(plain);
}

export async function alertsOfIncident(db: Db, tenant: string, incident: number): Promise<Alert[]> {
  const rows = await db
    .selectFrom('alerts')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('incident', '=', incident)
    .orderBy('created')
    .execute();
  return rows.map(plain);
}

export async function moveAlerts(tx: Tx, tenant: string, from: number, to: number): Promise<void> {
  await tx
    .updateTable('alerts')
    .set({ incident: to })
    .where('tenant', '=', tenant)
    .where('incident', '=', from)
    .execute();
}

/** Adds what is new of this evidence; gives the keys that were. */
export async function addEvidence(
  tx: Tx,
  tenant: string,
  alert: string,
  items: readonly { readonly key: string; readonly body: string }[],
  created: string,
): Promise<ReadonlySet<string>> {
  const added = new Set<string>();
  for (const { key, body } of items) {
    const result = await tx
      .insertInto('alert_evidence')
      .values({ tenant, alert, key, created, body })
      .onConflict((conflict) => conflict.columns(['tenant', 'alert', 'key']).doNothing())
      .executeTakeFirst();
    if (result.numInsertedOrUpdatedRows === 1n) added.add(key);
  }
  return added;
}

/** Bodies of an alert's evidence, oldest first. */
export async function evidenceOf(db: Db, tenant: string, alert: string): Promise<string[]> {
  const rows = await db
    .selectFrom('alert_evidence')
    .select('body')
    .where('tenant', '=', tenant)
    .where('alert', '=', alert)
    .orderBy('created')
    .orderBy('key')
    .execute();
  return rows.map(({ body }) => body);
}

export async function queueAlertRows(tx: Tx, rows: AlertRowsTable): Promise<void> {
  await tx.insertInto('alert_rows').values(rows).execute();
}

/** The oldest records that wait, of any tenant. */
export async function queuedAlertRows(db: Db, limit: number): Promise<AlertRowsTable[]> {
  return await db
    .selectFrom('alert_rows')
    .selectAll()
    .orderBy('created')
    .orderBy('id')
    .limit(limit)
    .execute();
}

export async function dropAlertRows(db: Db, id: string): Promise<void> {
  await db.deleteFrom('alert_rows').where('id', '=', id).execute();
}

function plain(row: Alert): Alert {
  return { ...row, incident: Number(row.incident) };
}
