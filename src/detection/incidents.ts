import { alertsOfIncident, moveAlerts } from '../store/alerts.ts';
import type { Tx } from '../store/detections.ts';
import {
  findIncident,
  incidentsOfEntities,
  insertIncident,
  markEntities,
  moveEntities,
  updateIncident,
} from '../store/incidents.ts';
import { SEVERITIES, type Severity } from './rule.ts';

export interface NewAlertOfIncident {
  readonly tenant: string;
  readonly title: string;
  readonly severity: Severity;
  /** The impacted assets. */
  readonly assets: readonly string[];
  readonly now: string;
  /** Entities seen before it no longer tie alerts together. */
  readonly seenAfter: string;
}

/**
 * The incident of a new alert: the oldest open one that shares an impacted asset with it, else a new one. An alert that
 * shares assets with several makes them one: the others' alerts move, and they redirect to it.
 */
export async function incidentFor(tx: Tx, alert: NewAlertOfIncident): Promise<number> {
  const { tenant, assets, now } = alert;
  const [oldest, ...others] = await incidentsOfEntities(tx, tenant, assets, alert.seenAfter);
  const id = oldest ?? (await newIncident(tx, alert));
  for (const other of others) {
    await moveAlerts(tx, tenant, other, id);
    await moveEntities(tx, tenant, other, id);
    await updateIncident(tx, tenant, other, { status: 'Redirected', redirect: id, updated: now });
  }
  await markEntities(tx, tenant, assets, id, now);
  if (oldest !== undefined) {
    const incident = await findIncident(tx, tenant, id);
    const moved = others.length === 0 ? [] : await alertsOfIncident(tx, tenant, id);
    const severities = [incident?.severity, alert.severity, ...moved.map(({ severity }) => severity)];
    await updateIncident(tx, tenant, id, { updated: now, severity: highest(severities) });
  }
  return id;
}

async function newIncident(tx: Tx, { tenant, title, severity, now }: NewAlertOfIncident): Promise<number> {
  return await insertIncident(tx, {
    tenant,
    redirect: null,
    name: title,
    created: now,
    updated: now,
    severity,
    status: 'Active',
    assigned_to: null,
    classification: 'Unknown',
    determination: 'NotAvailable',
    tags: '[]',
    comments: '[]',
  });
}

function highest(severities: readonly (string | undefined)[]): Severity {
  const ranks = severities.map((severity) => SEVERITIES.indexOf(severity as Severity));
  return SEVERITIES[Math.max(0, ...ranks)] ?? 'Informational';
}
