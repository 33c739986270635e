import { parseDocument } from 'yaml';
import { type Conversion, nameOfTitle, plainTemplate } from './converted.ts';
import { durationMs } from './duration.ts';
import {
  CATEGORIES,
  type Category,
  defaultLookbackMs,
  type Entities,
  type EntityKind,
  LEAST_EVERY_MS,
  MOST_EVERY_MS,
  MOST_LOOKBACK_MS,
  type Rule,
  type Severity,
} from './rule.ts';

/**
 * Converts an analytics rule of Microsoft Sentinel, or a hunting query, from the YAML in which both are shared.
 * Source: https://github.com/Azure/Azure-Sentinel/wiki/Query-Style-Guide
 * Never throws on any text.
 */
export function convertSentinel(text: string): readonly Conversion[] {
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined)
    return [refused('', 'yaml', `the file is no YAML: ${error.message.split('\n')[0]}`)];
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (!isObject(value)) return [refused('', 'rule', 'a rule is a mapping of members')];
  const title = textOf(value['name']);
  const query = textOf(value['query']).trim();
  if (title === '') return [refused('', 'name', 'the rule has no `name`')];
  if (query === '') return [refused(title, 'query', 'the rule has no `query`')];
  const kind = textOf(value['kind']);
  if (kind !== '' && !/^(scheduled|nrt)$/i.test(kind))
    return [refused(title, 'kind', `rules of the kind \`${kind}\` hold no query that is run here`)];
  const threshold = thresholdOf(value);
  if (threshold !== undefined) return [refused(title, 'triggerThreshold', threshold)];
  const schedule = scheduleOf(value, kind);
  if (typeof schedule === 'string') return [refused(title, 'queryFrequency', schedule)];
  return [{ ok: true, title, query, rule: ruleOf(value, title, query, schedule) }];
}

function refused(title: string, construct: string, reason: string): Conversion {
  return { ok: false, title, construct, reason };
}

/** A rule raises an alert for each row: only "more than none" means the same. */
function thresholdOf(value: Readonly<Record<string, unknown>>): string | undefined {
  const operator = textOf(value['triggerOperator']).toLowerCase();
  const threshold = Number(textOf(value['triggerThreshold']) || '0');
  if ((operator === '' || operator === 'gt' || operator === 'greaterthan') && threshold === 0)
    return undefined;
  if ((operator === 'ne' || operator === 'notequal') && threshold === 0) return undefined;
  return `alerts are raised by row: write the threshold (${operator} ${threshold}) into the query`;
}

function scheduleOf(value: Readonly<Record<string, unknown>>, kind: string): Rule['schedule'] | string {
  if (/^nrt$/i.test(kind)) return { kind: 'continuous' };
  const every = periodMs(textOf(value['queryFrequency']) || '1d');
  if (every === undefined) return `\`${textOf(value['queryFrequency'])}\` is no period such as \`1h\``;
  const everyMs = Math.min(Math.max(every, LEAST_EVERY_MS), MOST_EVERY_MS);
  const lookback = periodMs(textOf(value['queryPeriod'])) ?? defaultLookbackMs(everyMs);
  return { kind: 'every', everyMs, lookbackMs: Math.min(Math.max(lookback, everyMs), MOST_LOOKBACK_MS) };
}

/** `1h`, or `PT1H` as exported rules have it. */
function periodMs(text: string): number | undefined {
  const iso = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/i.exec(text);
  if (iso === null) return durationMs(text.toLowerCase());
  const [days, hours, minutes] = iso.slice(1).map((part) => Number(part ?? 0));
  const ms = (days ?? 0) * 86_400_000 + (hours ?? 0) * 3_600_000 + (minutes ?? 0) * 60_000;
  return ms === 0 ? undefined : ms;
}

const SEVERITY: Readonly<Record<string, Severity>> = {
  informational: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
};

function ruleOf(
  value: Readonly<Record<string, unknown>>,
  title: string,
  query: string,
  schedule: Rule['schedule'],
): Rule {
  const tactics = textsOf(value['tactics']).map((tactic) => tactic.replaceAll(/\s/g, '').toLowerCase());
  return {
    name: nameOfTitle(title, 'sentinel-rule'),
    displayName: title.slice(0, 256),
    enabled: true,
    description: plainTemplate(textOf(value['description']).trim().replaceAll(/^'|'$/g, ''), 8000),
    query,
    schedule,
    title: plainTemplate(title, 256),
    severity: SEVERITY[textOf(value['severity']).toLowerCase()] ?? 'Medium',
    category:
      CATEGORIES.find((category): category is Category => tactics.includes(category.toLowerCase())) ??
      'SuspiciousActivity',
    techniques: textsOf(value['relevantTechniques']).filter((id) => /^T\d{4}(\.\d{3})?$/.test(id)),
    recommendedActions: '',
    entities: entitiesOf(value['entityMappings']),
    customDetails: customDetails(value['customDetails']),
    deviceGroups: [],
    maxAlerts: undefined,
    suppression: undefined,
    references: [],
    author: '',
  };
}

/** Which identifier of an entity says most, the best first. */
const ENTITY_IDENTIFIERS: Readonly<Record<string, readonly [EntityKind, readonly string[]]>> = {
  Host: ['device', ['AzureID', 'FullName', 'HostName', 'NetBiosName']],
  Account: ['user', ['Sid', 'FullName', 'UPNSuffix', 'Name', 'AadUserId']],
  Mailbox: ['mailbox', ['MailboxPrimaryAddress', 'Upn']],
  IP: ['ip', ['Address']],
  URL: ['url', ['Url']],
  FileHash: ['file', ['Value']],
  File: ['file', ['Name', 'Directory']],
  Process: ['process', ['ProcessId', 'CommandLine']],
  RegistryKey: ['registry', ['Key']],
  CloudApplication: ['oauthApplication', ['AppId', 'Name']],
  AzureResource: ['cloudResource', ['ResourceId']],
};

function entitiesOf(mappings: unknown): Entities {
  const entities: Partial<Record<EntityKind, string>> = {};
  for (const mapping of Array.isArray(mappings) ? mappings : []) {
    if (!isObject(mapping)) continue;
    const [kind, identifiers] = ENTITY_IDENTIFIERS[textOf(mapping['entityType'])] ?? [];
    const fields = Array.isArray(mapping['fieldMappings']) ? mapping['fieldMappings'].filter(isObject) : [];
    if (kind === undefined || identifiers === undefined || entities[kind] !== undefined) continue;
    const best = [...identifiers, ...fields.map((field) => textOf(field['identifier']))]
      .map((identifier) => fields.find((field) => textOf(field['identifier']) === identifier))
      .find((field) => field !== undefined);
    const column = textOf(best?.['columnName']);
    if (column !== '') entities[kind] = column;
  }
  return entities;
}

function customDetails(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, column]) => [name, textOf(column)] as const)
      .filter(([, column]) => column !== '')
      .slice(0, 20),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(textOf).filter((text) => text !== '') : [];
}
