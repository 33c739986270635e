import { createHash } from 'node:crypto';
import type { NewDetection } from '../store/detections.ts';
import { type DetectionValues, printDetection } from './detection-fields.ts';
import type { DeviceRecord } from './devices.ts';
import type { EventRow } from './event-row.ts';
import { rowFacts } from './row-facts.ts';
import { ASSET_KINDS, type EntityKind, type Rule, renderTemplate } from './rule.ts';

/** A row of a rule, with what names it and what it belongs to. */
export interface Found {
  readonly row: EventRow;
  readonly device: DeviceRecord | undefined;
  /** The same for the same event, whenever the rule finds it: 40 hexadecimal digits. */
  readonly identity: string;
  /** Detections with the same one make one alert. */
  readonly mergeKey: string;
  /** Values of the impacted assets: `device:3c1f…`. */
  readonly assets: readonly string[];
  readonly title: string;
  readonly description: string;
}

/** A row is the event that `Timestamp` and its identity columns name, once for each combination of entities. */
export function found(rule: Rule, row: EventRow, device: DeviceRecord | undefined): Found {
  const entities = Object.entries(rule.entities).map(([kind, column]) => `${kind}:${row.text(column)}`);
  const names = IDENTITY_COLUMNS.map((column) => row.text(column));
  const assets = assetsOf(rule, row);
  const title = renderTemplate(rule.title, (column) => row.text(column)).trim();
  return {
    row,
    device,
    identity: digest('sha1', [rule.name, ...names, ...entities]).toString('hex'),
    mergeKey: digest('sha1', [rule.name, title, ...assets]).toString('hex'),
    assets,
    title,
    description: renderTemplate(rule.description, (column) => row.text(column)).trim(),
  };
}

const IDENTITY_COLUMNS = ['Timestamp', 'DeviceId', 'ReportId', 'ObservationId', 'AlertId'];

function assetsOf(rule: Rule, row: EventRow): readonly string[] {
  return ASSET_KINDS.flatMap((kind) => {
    const value = kind === 'device' ? deviceOf(rule, row) : entityValue(rule, row, kind);
    return value === '' ? [] : [`${kind}:${value.toLowerCase()}`];
  });
}

/** The id of the row's own device, also where the rule maps its name: one device is one asset to all rules. */
function deviceOf(rule: Rule, row: EventRow): string {
  const mapped = entityValue(rule, row, 'device');
  const id = row.text('DeviceId');
  const name = row.text('DeviceName').toLowerCase();
  const isOwn = mapped !== '' && [name, name.split('.')[0]].includes(mapped.toLowerCase());
  return isOwn && id !== '' ? id : mapped;
}

/** The value of the column that the rule maps; '' where it maps none. */
export function entityValue(rule: Rule, row: EventRow, kind: EntityKind): string {
  const column = rule.entities[kind];
  return column === undefined ? '' : row.text(column);
}

/** What suppression goes by. */
export function suppressionKey(rule: Rule, row: EventRow, by: readonly EntityKind[]): string {
  const values = by.map((kind) => `${kind}:${entityValue(rule, row, kind).toLowerCase()}`);
  return digest('sha1', [rule.name, ...values]).toString('hex');
}

function digest(algorithm: 'sha1' | 'sha256', parts: readonly string[]): Buffer {
  return createHash(algorithm).update(JSON.stringify(parts)).digest();
}

/** A detection id is unique over rules: the identity holds the rule's name. */
export function dedupKey(identity: string): string {
  return `rule:${identity}`;
}

/** The detection of a row, part of an alert. `detector` is the rule's GUID. */
export function detectionOf(rule: Rule, detector: string, item: Found, alertId: string): NewDetection {
  const { device } = item;
  return {
    dedupKey: dedupKey(item.identity),
    alert: alertId,
    rule: rule.name,
    machineGroup: device?.machineGroup ?? '',
    deviceTags: device?.deviceTags ?? [],
    cloudTags: device?.cloudTags ?? [],
    body: (processed) =>
      printDetection({ ...valuesOf(rule, detector, item, alertId), LastProcessedTimeUtc: processed }),
  };
}

function valuesOf(rule: Rule, detector: string, item: Found, alertId: string): DetectionValues {
  const { row, device } = item;
  const facts = rowFacts(row);
  const iocUniqueId = digest('sha256', [item.identity]).toString('base64');
  const dnsName = device?.name || facts.deviceName;
  const dot = dnsName.indexOf('.');
  const link = `/alert/${alertId}`;
  const incidentLink = `/incidents/byalert?alertId=${alertId}&source=SIEM`;
  return {
    AlertTime: facts.time,
    ComputerDnsName: dnsName,
    AlertTitle: item.title,
    Category: rule.category,
    Severity: rule.severity,
    AlertId: alertId,
    LinkToWDATP: { path: link },
    Sha1: facts.sha1,
    FileName: facts.fileName,
    FilePath: facts.folder,
    IpAddress: facts.remoteIp,
    Url: facts.url,
    IoaDefinitionId: detector,
    UserName: facts.userName,
    FullId: `${alertId}:${iocUniqueId}`,
    ...antivirus(row),
    Source: row.text('ActionType').startsWith('Antivirus') ? 'Antivirus' : 'EDR',
    Md5: facts.md5,
    Sha256: facts.sha256,
    UserDomain: facts.userDomain,
    LogOnUsers: device?.loggedOnUsers ?? '',
    MachineDomain: dot === -1 ? '' : dnsName.slice(dot + 1),
    MachineName: dot === -1 ? dnsName : dnsName.slice(0, dot),
    InternalIPv4List: (device?.ipv4 ?? []).join(';'),
    InternalIPv6List: (device?.ipv6 ?? []).join(';'),
    FileHash: facts.sha1,
    DeviceID: facts.deviceId,
    MachineGroup: device?.machineGroup ?? '',
    Description: item.description,
    DeviceCreatedMachineTags: (device?.deviceTags ?? []).join(';'),
    CloudCreatedMachineTags: (device?.cloudTags ?? []).join(';'),
    CommandLine: facts.commandLine,
    IncidentLinkToWDATP: { path: incidentLink },
    ReportID: reportId(row.text('ReportId')),
    LinkToMTP: { path: link },
    IncidentLinkToMTP: { path: incidentLink },
    ExternalId: item.identity.toUpperCase(),
    IocUniqueId: iocUniqueId,
  };
}

/** What Defender's antivirus says in the details of its events. */
function antivirus(row: EventRow): DetectionValues {
  if (!row.text('ActionType').startsWith('Antivirus')) return {};
  let details: Readonly<Record<string, unknown>>;
  try {
    const parsed: unknown = JSON.parse(row.text('AdditionalFields'));
    details = typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
  const text = (name: string) => (typeof details[name] === 'string' ? (details[name] as string) : '');
  const flag = (name: string) => (typeof details[name] === 'boolean' ? (details[name] as boolean) : null);
  const name = text('ThreatName');
  // Microsoft's names begin with the category: `Trojan:Win32/Family.A`.
  const [, category = '', family = ''] = /^(\w+):[^/]*\/([^.!]+)/.exec(name) ?? [];
  return {
    ThreatName: name,
    ThreatCategory: category,
    ThreatFamily: family,
    RemediationAction: text('Action'),
    RemediationIsSuccess: flag('WasRemediated'),
    WasExecutingWhileDetected: flag('WasExecutingWhileDetected'),
  };
}

/** A whole number that JSON readers keep; 0 for ids that are no such number. */
function reportId(text: string): number {
  const number = Number(text);
  return text !== '' && Number.isSafeInteger(number) ? number : 0;
}
