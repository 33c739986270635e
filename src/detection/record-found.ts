import { randomUUID } from 'node:crypto';
import { type TickText, tickText } from '../model/ticks.ts';
import {
  type Alert,
  addEvidence,
  insertAlert,
  openAlert,
  queueAlertRows,
  updateAlert,
} from '../store/alerts.ts';
import { appendDetections, knownDetections, type NewDetection, type Tx } from '../store/detections.ts';
import { isSuppressed, suppress } from '../store/rules.ts';
import { type AlertFacts, alertRecords } from './alert-records.ts';
import { type Evidence, evidenceOfRow } from './evidence.ts';
import { dedupKey, detectionOf, type Found, suppressionKey } from './found.ts';
import { incidentFor } from './incidents.ts';
import { rowFacts } from './row-facts.ts';
import type { Rule } from './rule.ts';

/** The counts of a run; grows with each batch of it. */
export interface RunCounts {
  rows: number;
  /** New detections. */
  detections: number;
  /** New alerts. */
  alerts: number;
  /** Rows left out, for the run had raised as many alerts as it may. */
  dropped: number;
  suppressed: number;
}

export interface RecordSettings {
  /** Most new alerts of a run, where the rule says nothing. */
  readonly maxAlerts: number;
  readonly mergeMs: number;
  readonly correlateMs: number;
}

export interface RuleIdentity {
  readonly tenant: string;
  readonly rule: Rule;
  readonly detector: string;
}

const MOST_EVIDENCE_DETECTIONS = 1000;

/**
 * Turns rows into detections, alerts and incidents, in the caller's transaction. What is known already is passed over,
 * so that the same rows can be recorded again after a run that did not end.
 */
export async function recordFound(
  tx: Tx,
  identity: RuleIdentity,
  items: readonly Found[],
  counts: RunCounts,
  settings: RecordSettings,
  nowMs: number,
): Promise<void> {
  const { tenant, rule, detector } = identity;
  const now = tickText(nowMs);
  const known = await knownDetections(
    tx,
    tenant,
    items.map((item) => dedupKey(item.identity)),
  );
  const seen = new Set(known);
  const open = new Map<string, OpenAlert>();
  const detections: NewDetection[] = [];
  const maxAlerts = rule.maxAlerts ?? settings.maxAlerts;
  for (const item of items) {
    const key = dedupKey(item.identity);
    if (seen.has(key)) continue;
    seen.add(key);
    const quiet =
      rule.suppression === undefined ? undefined : suppressionKey(rule, item.row, rule.suppression.by);
    if (quiet !== undefined && (await isSuppressed(tx, tenant, quiet, now))) {
      counts.suppressed++;
      continue;
    }
    let target = open.get(item.mergeKey) ?? (await findOpen(tx, tenant, item, settings, nowMs));
    if (target === undefined) {
      if (counts.alerts >= maxAlerts) {
        counts.dropped++;
        continue;
      }
      target = {
        alert: await newAlert(tx, identity, item, settings, nowMs),
        isNew: true,
        evidence: new Map(),
      };
      counts.alerts++;
      if (quiet !== undefined && rule.suppression !== undefined) {
        const until = tickText(nowMs + rule.suppression.forMs);
        await suppress(tx, { tenant, key: quiet, until }, now);
      }
    }
    open.set(item.mergeKey, target);
    target.alert = grown(target.alert, item, now);
    if (target.alert.detections <= MOST_EVIDENCE_DETECTIONS) {
      for (const each of evidenceOfRow(rule, item.row, now)) target.evidence.set(each.key, each.evidence);
    }
    detections.push(detectionOf(rule, detector, item, target.alert.id));
  }
  await appendDetections(tx, tenant, detections, nowMs);
  counts.detections += detections.length;
  await keepAlerts(tx, tenant, [...open.values()], now);
}

interface OpenAlert {
  alert: Alert;
  readonly isNew: boolean;
  readonly evidence: Map<string, Evidence>;
}

async function findOpen(
  tx: Tx,
  tenant: string,
  item: Found,
  settings: RecordSettings,
  nowMs: number,
): Promise<OpenAlert | undefined> {
  const alert = await openAlert(tx, tenant, item.mergeKey, tickText(nowMs - settings.mergeMs));
  return alert === undefined ? undefined : { alert, isNew: false, evidence: new Map() };
}

function grown(alert: Alert, { row }: Found, now: TickText): Alert {
  const time = row.text('Timestamp');
  return {
    ...alert,
    updated: now,
    detections: alert.detections + 1,
    first_event: earliest(time, alert.first_event),
    last_event: latest(time, alert.last_event),
  };
}

function earliest(...times: readonly TickText[]): TickText {
  return [...times].sort()[0] ?? '';
}

function latest(...times: readonly TickText[]): TickText {
  return [...times].sort().at(-1) ?? '';
}

/** Writes what the batch changed, and queues the rows of the hunting tables. */
async function keepAlerts(tx: Tx, tenant: string, open: readonly OpenAlert[], now: TickText): Promise<void> {
  const records: string[] = [];
  for (const { alert, isNew, evidence } of open) {
    const { updated, detections, first_event, last_event } = alert;
    await updateAlert(tx, tenant, alert.id, { updated, detections, first_event, last_event });
    const items = [...evidence].map(([key, item]) => ({ key, body: JSON.stringify(item) }));
    const added = await addEvidence(tx, tenant, alert.id, items, now);
    const fresh = [...evidence].filter(([key]) => added.has(key)).map(([, item]) => item);
    records.push(...alertRecords(alert, isNew, fresh));
  }
  if (records.length === 0) return;
  await queueAlertRows(tx, { id: randomUUID(), tenant, created: now, records: records.join('\n') });
}

/** 100 ns ticks between the years 1 and 1970. */
const EPOCH_TICKS = 621_355_968_000_000_000n;

async function newAlert(
  tx: Tx,
  { tenant, rule, detector }: RuleIdentity,
  item: Found,
  settings: RecordSettings,
  nowMs: number,
): Promise<Alert> {
  const { row, device } = item;
  const facts = rowFacts(row);
  const now = tickText(nowMs);
  const incident = await incidentFor(tx, {
    tenant,
    title: item.title,
    severity: rule.severity,
    assets: item.assets,
    now,
    seenAfter: tickText(nowMs - settings.correlateMs),
  });
  const kept: AlertFacts = {
    title: item.title,
    description: item.description,
    recommendedActions: rule.recommendedActions,
    techniques: rule.techniques,
    detectorId: detector,
    detectionSource: 'CustomDetection',
    serviceSource: 'MicrosoftDefenderATP',
    computerDnsName: device?.name || facts.deviceName,
    machineGroup: device?.machineGroup ?? '',
    userName: facts.userName,
    userDomain: facts.userDomain,
    threatName: '',
    threatFamily: '',
    customDetails: Object.fromEntries(
      Object.entries(rule.customDetails).map(([name, column]) => [name, row.text(column)]),
    ),
    osPlatform: device?.osPlatform ?? '',
    osVersion: device?.osVersion ?? '',
    osBuild: device?.osBuild ?? '',
    aadDeviceId: device?.aadDeviceId ?? '',
  };
  const alert: Alert = {
    tenant,
    id: alertId(item.identity, nowMs),
    incident,
    rule: rule.name,
    merge_key: item.mergeKey,
    created: now,
    updated: now,
    first_event: facts.time,
    last_event: facts.time,
    resolved: null,
    severity: rule.severity,
    category: rule.category,
    status: 'New',
    assigned_to: null,
    classification: null,
    determination: null,
    device: facts.deviceId,
    detections: 0,
    facts: JSON.stringify(kept),
    comments: '[]',
  };
  await insertAlert(tx, alert);
  return alert;
}

/** `da`, the moment in ticks since the year 1, and a number that tells alerts of one moment apart. */
function alertId(identity: string, nowMs: number): string {
  const ticks = BigInt(Math.trunc(nowMs)) * 10_000n + (BigInt(`0x${identity.slice(0, 8)}`) % 10_000n);
  const number = Number.parseInt(identity.slice(8, 16), 16) | 0;
  return `da${ticks + EPOCH_TICKS}_${number}`;
}
