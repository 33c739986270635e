import type { Kysely } from 'kysely';
import type { Tx } from './detections.ts';
import { detectionCursor } from './detections.ts';
import type { Tables } from './tables.ts';

/** Alerts that belong together. Times as `2020-09-30T14:11:44.0779765Z`. */
export interface IncidentTable {
  readonly tenant: string;
  readonly id: number;
  /** The incident that took its alerts over. */
  readonly redirect: number | null;
  readonly name: string;
  readonly created: string;
  readonly updated: string;
  readonly severity: string;
  readonly status: string;
  readonly assigned_to: string | null;
  readonly classification: string;
  readonly determination: string;
  /** JSON array of texts. */
  readonly tags: string;
  readonly comments: string;
}

/** The incident that an entity was last seen in. */
export interface IncidentEntityTable {
  readonly tenant: string;
  /** Kind and value: `device:3c1f…`. */
  readonly entity: string;
  readonly incident: number;
  readonly seen: string;
}

type Db = Kysely<Tables>;
export type Incident = IncidentTable;

/** Open incidents in which one of these entities was seen after a moment, oldest first. */
export async function incidentsOfEntities(
  db: Db,
  tenant: string,
  entities: readonly string[],
  seenAfter: string,
): Promise<number[]> {
  if (entities.length === 0) return [];
  const rows = await db
    .selectFrom('incident_entities')
    .innerJoin('incidents', (join) =>
      join
        .onRef('incidents.tenant', '=', 'incident_entities.tenant')
        .onRef('incidents.id', '=', 'incident_entities.incident'),
    )
    .select('incidents.id as id')
    .distinct()
    .where('incident_entities.tenant', '=', tenant)
    .where('incident_entities.entity', 'in', entities)
    .where('incident_entities.seen', '>', seenAfter)
    .where('incidents.status', 'in', ['Active', 'InProgress'])
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => Number(id));
}

export async function markEntities(
  tx: Tx,
  tenant: string,
  entities: readonly string[],
  incident: number,
  seen: string,
): Promise<void> {
  for (const entity of entities) {
    await tx
      .insertInto('incident_entities')
      .values({ tenant, entity, incident, seen })
      .onConflict((conflict) => conflict.columns(['tenant', 'entity']).doUpdateSet({ incident, seen }))
      .execute();
  }
}

/** Adds an incident under the tenant's next number. */
export async function insertIncident(tx: Tx, incident: Omit<Incident, 'id'>): Promise<number> {
  const { last_incident } = await detectionCursor(tx, incident.tenant);
  const id = last_incident + 1;
  await tx
    .updateTable('detection_cursors')
    .set({ last_incident: id })
    .where('tenant', '=', incident.tenant)
    .execute();
  await tx
    .insertInto('incidents')
    .values({ ...incident, id })
    .execute();
  return id;
}

export async function updateIncident(
  db: Db,
  tenant: string,
  id: number,
  change: Partial<Omit<Incident, 'tenant' | 'id'>>,
): Promise<void> {
  await db.updateTable('incidents').set(change).where('tenant', '=', tenant).where('id', '=', id).execute();
}

/** Points the entities of one incident at another. */
export async function moveEntities(tx: Tx, tenant: string, from: number, to: number): Promise<void> {
  await tx
    .updateTable('incident_entities')
    .set({ incident: to })
    .where('tenant', '=', tenant)
    .where('incident', '=', from)
    .execute();
}

export async function findIncident(db: Db, tenant: string, id: number): Promise<Incident | undefined> {
  const row = await db
    .selectFrom('incidents')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : plain(row);
}

/** A page of a tenant's incidents below a number, newest first. */
export async function incidentPage(
  db: Db,
  tenant: string,
  below: number | undefined,
  limit: number,
): Promise<Incident[]> {
  let query = db.selectFrom('incidents').selectAll().where('tenant', '=', tenant);
  if (below !== undefined) query = query.where('id', '<', below);
  return (await query.orderBy('id', 'desc').limit(limit).execute()).map(plain);
}

function plain(row: Incident): Incident {
  return { ...row, id: Number(row.id), redirect: row.redirect === null ? null : Number(row.redirect) };
}
