import { createHash } from 'node:crypto';
import { RequestError } from '../model/request-error.ts';
import type { TickText } from '../model/ticks.ts';
import { alertOfDetection } from '../store/detections.ts';
import { dedupKey, found } from './found.ts';
import { recordFound } from './record-found.ts';
import { CATEGORIES, type Category, type Rule, SEVERITIES, type Severity } from './rule.ts';
import { detectorId } from './rule-desk.ts';
import { allRows } from './rule-query.ts';
import type { RuleRunParts } from './rule-run.ts';

/** An event that somebody wants an alert for. */
export interface AlertReference {
  readonly tenant: string;
  readonly machineId: string;
  readonly eventTime: TickText;
  readonly reportId: string;
  readonly title: string;
  readonly description: string;
  readonly recommendedAction: string;
  readonly severity: string;
  readonly category: string;
}

/** Tables whose events a device and a report id name. */
const TABLES = [
  'DeviceProcessEvents',
  'DeviceNetworkEvents',
  'DeviceFileEvents',
  'DeviceRegistryEvents',
  'DeviceLogonEvents',
  'DeviceImageLoadEvents',
  'DeviceEvents',
];
const MOST_SECONDS = 60;

/**
 * Raises an alert for one event; an open alert of the same device with the same title takes it in. Gives the alert's id.
 * Throws `InvalidInput` (400), and `ResourceNotFound` (404) where there is no such event.
 * Source: https://learn.microsoft.com/defender-endpoint/api/create-alert-by-reference
 */
export function createAlertByReference(parts: RuleRunParts) {
  return async (reference: AlertReference): Promise<string> => {
    const { tenant } = reference;
    const rule = ruleOf(reference);
    const nowMs = parts.nowMs();
    const signal = AbortSignal.timeout(MOST_SECONDS * 1000);
    const rows = await allRows(await parts.query({ tenant, query: rule.query, nowMs, maxRows: 1, signal }));
    const [row] = rows;
    if (row === undefined) {
      throw new RequestError('ResourceNotFound', 404, 'Resource event was not found');
    }
    const devices = await parts.devices(tenant, [reference.machineId], nowMs);
    const item = found(rule, row, devices.get(reference.machineId));
    const counts = { rows: 1, detections: 0, alerts: 0, dropped: 0, suppressed: 0 };
    const identity = { tenant, rule, detector: detectorId(rule.name) };
    return await parts.db.transaction().execute(async (tx) => {
      await recordFound(tx, identity, [item], counts, parts.settings, nowMs);
      const alert = await alertOfDetection(tx, tenant, dedupKey(item.identity));
      if (alert === undefined) throw new Error('a recorded detection is not there');
      return alert;
    });
  };
}

function ruleOf(reference: AlertReference): Rule {
  const { machineId, eventTime, reportId, title } = reference;
  if (!/^\d{1,19}$/.test(reportId)) throw invalid('reportId');
  const severity = nameIn<Severity>(SEVERITIES.slice(1), reference.severity, 'severity');
  const where = `DeviceId == ${JSON.stringify(machineId)} and ReportId == ${reportId}`;
  return {
    // The same event may be referred to under several titles.
    name: `by-reference-${createHash('sha1').update(title).digest('hex').slice(0, 12)}`,
    displayName: title,
    enabled: true,
    description: plain(reference.description),
    query: `union ${TABLES.join(', ')} | where ${where} and Timestamp == datetime(${eventTime})`,
    schedule: { kind: 'continuous' },
    title: plain(title),
    severity,
    category: nameIn<Category>(CATEGORIES, reference.category, 'category'),
    techniques: [],
    recommendedActions: reference.recommendedAction,
    entities: { device: 'DeviceId' },
    customDetails: {},
    deviceGroups: [],
    maxAlerts: undefined,
    suppression: undefined,
    references: [],
    author: '',
  };
}

/** Braces of a caller's text are no template. */
function plain(text: string): string {
  return text.replaceAll('{{', '{ {');
}

function nameIn<Name extends string>(names: readonly Name[], given: string, member: string): Name {
  const name = names.find((known) => known.toLowerCase() === given.toLowerCase());
  if (name === undefined) throw invalid(member);
  return name;
}

function invalid(member: string): RequestError {
  return new RequestError('InvalidInput', 400, `Invalid input: \`${member}\``);
}
