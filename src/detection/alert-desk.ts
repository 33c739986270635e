import { RequestError } from '../model/request-error.ts';
import { tickText } from '../model/ticks.ts';
import {
  type Alert,
  alertPage,
  alertsOfIncident,
  evidenceOf,
  findAlert,
  updateAlert,
} from '../store/alerts.ts';
import { findIncident, type Incident, incidentPage, updateIncident } from '../store/incidents.ts';
import type { Store } from '../store/store.ts';
import type { AlertChange } from './alert-change.ts';
import type { AlertFacts } from './alert-records.ts';
import { alertView, incidentView, type View } from './alert-views.ts';
import type { Evidence } from './evidence.ts';
import type { SeenDevice, Sees } from './visible.ts';

/** Alerts and incidents as their APIs show them, newest first. */
export interface AlertDesk {
  /** Without evidence. */
  alerts(tenant: string, sees: Sees): AsyncGenerator<View>;
  /** With evidence. */
  alert(tenant: string, id: string, sees: Sees): Promise<View | undefined>;
  /** Throws `ResourceNotFound` (404). */
  changeAlert(tenant: string, id: string, change: AlertChange, by: string, sees: Sees): Promise<View>;
  /** Those with an alert that is seen, and in them only such alerts. */
  incidents(tenant: string, sees: Sees): AsyncGenerator<IncidentEntry>;
  incident(tenant: string, id: number, sees: Sees): Promise<View | undefined>;
  /** Throws `ResourceNotFound` (404). */
  changeIncident(tenant: string, id: number, change: AlertChange, by: string, sees: Sees): Promise<View>;
}

export interface IncidentEntry {
  /** What filters see: the incident without its alerts. */
  readonly head: View;
  /** Undefined where no alert of it is seen. */
  whole(): Promise<View | undefined>;
}

const PAGE = 500;

export function createAlertDesk({ db }: Store, nowMs: () => number): AlertDesk {
  async function evidence(alert: Alert): Promise<Evidence[]> {
    const bodies = await evidenceOf(db, alert.tenant, alert.id);
    return bodies.map((body) => JSON.parse(body) as Evidence);
  }

  async function wholeIncident(incident: Incident, sees: Sees): Promise<View | undefined> {
    const all = await alertsOfIncident(db, incident.tenant, incident.id);
    const alerts = all.filter((each) => sees(deviceOf(each)));
    if (alerts.length === 0 && all.length > 0) return undefined;
    return incidentView(
      incident,
      await Promise.all(alerts.map(async (alert) => ({ alert, evidence: await evidence(alert) }))),
    );
  }

  async function seenAlert(tenant: string, id: string, sees: Sees): Promise<Alert | undefined> {
    const found = await findAlert(db, tenant, id);
    return found !== undefined && sees(deviceOf(found)) ? found : undefined;
  }

  async function alert(tenant: string, id: string, sees: Sees): Promise<View | undefined> {
    const found = await seenAlert(tenant, id, sees);
    return found === undefined ? undefined : alertView(found, await evidence(found));
  }

  async function incident(tenant: string, id: number, sees: Sees): Promise<View | undefined> {
    const found = await findIncident(db, tenant, id);
    return found === undefined ? undefined : await wholeIncident(found, sees);
  }

  return {
    alert,
    incident,
    async *alerts(tenant, sees) {
      let last: Alert | undefined;
      for (;;) {
        const page = await alertPage(db, tenant, last, PAGE);
        for (const each of page) if (sees(deviceOf(each))) yield alertView(each, []);
        last = page.at(-1);
        if (page.length < PAGE) return;
      }
    },
    async changeAlert(tenant, id, change, by, sees) {
      const before = await seenAlert(tenant, id, sees);
      if (before === undefined) throw notFound(id);
      const now = tickText(nowMs());
      await updateAlert(db, tenant, id, {
        updated: now,
        ...given('status', change.status),
        ...given('assigned_to', change.assignedTo),
        ...given('classification', change.classification),
        ...given('determination', change.determination),
        ...given('comments', withComment(before.comments, change.comment, by, now)),
        ...(change.status === undefined ? {} : { resolved: change.status === 'Resolved' ? now : null }),
      });
      return (await alert(tenant, id, sees)) ?? {};
    },
    async *incidents(tenant, sees) {
      let below: number | undefined;
      for (;;) {
        const page = await incidentPage(db, tenant, below, PAGE);
        for (const each of page) {
          yield { head: incidentView(each, []), whole: () => wholeIncident(each, sees) };
        }
        below = page.at(-1)?.id;
        if (page.length < PAGE) return;
      }
    },
    async changeIncident(tenant, id, change, by, sees) {
      const before = await findIncident(db, tenant, id);
      if (before === undefined || (await wholeIncident(before, sees)) === undefined) {
        throw notFound(String(id));
      }
      const now = tickText(nowMs());
      await updateIncident(db, tenant, id, {
        updated: now,
        ...given('status', change.status),
        ...given('assigned_to', change.assignedTo),
        ...given('classification', change.classification),
        ...given('determination', change.determination),
        ...given('tags', change.tags === undefined ? undefined : JSON.stringify(change.tags)),
        ...given('comments', withComment(before.comments, change.comment, by, now)),
      });
      return (await incident(tenant, id, sees)) ?? {};
    },
  };
}

function deviceOf(alert: Alert): SeenDevice {
  const { computerDnsName, osPlatform } = JSON.parse(alert.facts) as AlertFacts;
  return { id: alert.device, name: computerDnsName, osPlatform };
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}

function withComment(
  comments: string,
  comment: string | undefined,
  createdBy: string,
  createdTime: string,
): string | undefined {
  if (comment === undefined || comment === '') return undefined;
  const before = JSON.parse(comments) as readonly object[];
  return JSON.stringify([...before, { comment, createdBy, createdTime }]);
}

function notFound(id: string): RequestError {
  return new RequestError('ResourceNotFound', 404, `Resource ${id.slice(0, 60)} was not found`);
}
