/**
 * A detection rule: what it asks, how often, and what its rows become. Plain data; the YAML form is in rule-form.ts.
 * Source: https://learn.microsoft.com/defender-xdr/custom-detection-rules
 */
export interface Rule {
  /** Unique in a tenant, and the name of its folder: lower-case letters, digits and hyphens. */
  readonly name: string;
  readonly displayName: string;
  readonly enabled: boolean;
  readonly description: string;
  /** KQL. Its rows need `Timestamp`, the event's identity and an impacted asset: see rule-columns.ts. */
  readonly query: string;
  readonly schedule: Schedule;
  /** Title of its alerts; `{{Column}}` stands for the row's value, for at most three columns. */
  readonly title: string;
  readonly severity: Severity;
  readonly category: Category;
  /** ATT&CK ids, such as `T1059.001`. */
  readonly techniques: readonly string[];
  readonly recommendedActions: string;
  /** The column that names the entity, by its kind. `device`, `user` and `mailbox` are the impacted assets. */
  readonly entities: Entities;
  /** Further facts for the alert: column by the name it gets. At most 20. */
  readonly customDetails: Readonly<Record<string, string>>;
  /** Only rows of devices in these groups count; empty: all devices. */
  readonly deviceGroups: readonly string[];
  /** Most alerts of one run; undefined: as the server's setting says. */
  readonly maxAlerts: number | undefined;
  readonly suppression: Suppression | undefined;
  /** Pages that tell more. */
  readonly references: readonly string[];
  /** Who wrote it; '' where nobody is named. */
  readonly author: string;
}

/**
 * `continuous`: each event once, soon after its arrival. `every`: each `everyMs`, over what arrived in the last
 * `lookbackMs`.
 */
export type Schedule =
  | { readonly kind: 'continuous' }
  | { readonly kind: 'every'; readonly everyMs: number; readonly lookbackMs: number };

/** Once an alert is raised, rows with the same values of these entities raise nothing for that long. */
export interface Suppression {
  readonly forMs: number;
  /** Empty: any row of the rule is the same. */
  readonly by: readonly EntityKind[];
}

export const SEVERITIES = ['Informational', 'Low', 'Medium', 'High'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Source: the categories of https://learn.microsoft.com/defender-endpoint/alerts-queue (ATT&CK tactics and a few of its own). */
export const CATEGORIES = [
  'Reconnaissance',
  'ResourceDevelopment',
  'InitialAccess',
  'Execution',
  'Persistence',
  'PrivilegeEscalation',
  'DefenseEvasion',
  'CredentialAccess',
  'Discovery',
  'LateralMovement',
  'Collection',
  'CommandAndControl',
  'Exfiltration',
  'Impact',
  'Exploit',
  'Malware',
  'Ransomware',
  'SuspiciousActivity',
  'UnwantedSoftware',
  'General',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** Impacted assets. */
export const ASSET_KINDS = ['device', 'user', 'mailbox'] as const;
/** Further evidence. */
export const EVIDENCE_KINDS = [
  'process',
  'file',
  'registry',
  'ip',
  'url',
  'mailMessage',
  'oauthApplication',
  'cloudResource',
] as const;
export type EntityKind = (typeof ASSET_KINDS)[number] | (typeof EVIDENCE_KINDS)[number];
export const ENTITY_KINDS: readonly EntityKind[] = [...ASSET_KINDS, ...EVIDENCE_KINDS];
export type Entities = Partial<Readonly<Record<EntityKind, string>>>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The documented frequencies with their look-backs. */
export const FREQUENCIES: Readonly<Record<string, Schedule>> = {
  continuous: { kind: 'continuous' },
  '1h': { kind: 'every', everyMs: HOUR_MS, lookbackMs: 4 * HOUR_MS },
  '3h': { kind: 'every', everyMs: 3 * HOUR_MS, lookbackMs: 12 * HOUR_MS },
  '12h': { kind: 'every', everyMs: 12 * HOUR_MS, lookbackMs: 48 * HOUR_MS },
  '24h': { kind: 'every', everyMs: DAY_MS, lookbackMs: 30 * DAY_MS },
};
export const LEAST_EVERY_MS = 5 * 60_000;
export const MOST_EVERY_MS = 14 * DAY_MS;
export const MOST_LOOKBACK_MS = 30 * DAY_MS;

/** What a frequency looks back by itself: as documented, four times a custom one below a day, 30 days from there. */
export function defaultLookbackMs(everyMs: number): number {
  const documented = Object.values(FREQUENCIES).find(
    (schedule) => schedule.kind === 'every' && schedule.everyMs === everyMs,
  );
  if (documented?.kind === 'every') return documented.lookbackMs;
  return everyMs < DAY_MS ? 4 * everyMs : MOST_LOOKBACK_MS;
}

export const MOST_TEMPLATE_COLUMNS = 3;
export const MOST_CUSTOM_DETAILS = 20;
export const MOST_QUERY_CHARS = 100_000;

/** Why a rule is refused: values, all that were found. */
export interface RuleFault {
  readonly code:
    | 'NotYaml'
    | 'MissingMember'
    | 'UnknownMember'
    | 'WrongType'
    | 'WrongValue'
    | 'QueryRefused'
    | 'MissingColumn'
    | 'UnknownColumn'
    | 'UnknownDeviceGroup'
    | 'NotContinuous';
  /** The member that is wrong: `severity`, `entities.device`; '' for the whole. */
  readonly member: string;
  readonly message: string;
}

/** The columns that a title or description names as `{{Column}}`, each once. */
export function templateColumns(template: string): readonly string[] {
  return [...new Set([...template.matchAll(TEMPLATE)].map((match) => match[1] ?? ''))];
}

/** The text of a row: every `{{Column}}` replaced by its value, '' where there is none. */
export function renderTemplate(template: string, read: (column: string) => string): string {
  return template.replaceAll(TEMPLATE, (_all, column: string) => read(column));
}

const TEMPLATE = /\{\{\s*([A-Za-z_]\w*)\s*\}\}/g;
