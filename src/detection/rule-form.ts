import { parseDocument, stringify } from 'yaml';
import { durationMs, printDuration } from './duration.ts';
import {
  CATEGORIES,
  defaultLookbackMs,
  ENTITY_KINDS,
  type EntityKind,
  FREQUENCIES,
  LEAST_EVERY_MS,
  MOST_CUSTOM_DETAILS,
  MOST_EVERY_MS,
  MOST_LOOKBACK_MS,
  MOST_QUERY_CHARS,
  MOST_TEMPLATE_COLUMNS,
  type Rule,
  type RuleFault,
  type Schedule,
  SEVERITIES,
  type Suppression,
  templateColumns,
} from './rule.ts';
import { type FormReader, formReader } from './rule-reader.ts';

export type RuleOutcome =
  | { readonly ok: true; readonly rule: Rule }
  | { readonly ok: false; readonly faults: readonly RuleFault[] };

/** A rule of its YAML text, as `rules/<name>/rule.yaml` holds it. JSON is YAML too. Columns are not checked here. */
export function parseRule(text: string): RuleOutcome {
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const message = error.message.split('\n')[0] ?? 'the text is no YAML';
    return { ok: false, faults: [{ code: 'NotYaml', member: '', message }] };
  }
  return readRule(document.toJS({ maxAliasCount: 0 }));
}

/** A rule of a plain object with the members of the YAML form. */
export function readRule(value: unknown): RuleOutcome {
  const faults: RuleFault[] = [];
  const form = formReader(value, '', faults);
  const name = form.text('name', undefined, { most: 100, pattern: NAME, shape: NAME_SHAPE });
  const title = template(form, 'title', undefined, 256);
  const rule: Rule = {
    name,
    displayName: form.text('displayName', name, { most: 256 }),
    enabled: form.flag('enabled', true),
    description: template(form, 'description', '', 8000),
    query: form.text('query', undefined, { most: MOST_QUERY_CHARS }),
    schedule: readSchedule(form),
    title,
    severity: form.choice('severity', SEVERITIES, undefined),
    category: form.choice('category', CATEGORIES, undefined),
    techniques: form.texts('techniques', { pattern: TECHNIQUE, shape: 'an id such as `T1059.001`' }),
    recommendedActions: form.text('recommendedActions', '', { most: 8000 }),
    entities: readEntities(form),
    customDetails: form.map('customDetails', COLUMN, MOST_CUSTOM_DETAILS),
    deviceGroups: form.texts('deviceGroups', {}),
    maxAlerts: form.whole('maxAlerts', 1, 10_000),
    suppression: readSuppression(form),
    references: form.texts('references', {}),
    author: form.text('author', '', { most: 256 }),
  };
  form.refuseOthers();
  return faults.length === 0 ? { ok: true, rule } : { ok: false, faults };
}

/** The YAML text of a rule; members with their default are left out. `parseRule` reads it back to the same rule. */
export function printRule(rule: Rule): string {
  return stringify(ruleForm(rule), { lineWidth: 0, blockQuote: 'literal' });
}

/** The members of the YAML form, in its order. */
export function ruleForm(rule: Rule): Readonly<Record<string, unknown>> {
  const form = {
    name: rule.name,
    displayName: rule.displayName === rule.name ? undefined : rule.displayName,
    enabled: rule.enabled ? undefined : false,
    description: rule.description,
    severity: rule.severity,
    category: rule.category,
    techniques: rule.techniques,
    ...scheduleForm(rule.schedule),
    title: rule.title,
    recommendedActions: rule.recommendedActions,
    query: rule.query,
    entities: rule.entities,
    customDetails: rule.customDetails,
    deviceGroups: rule.deviceGroups,
    maxAlerts: rule.maxAlerts,
    suppression:
      rule.suppression === undefined
        ? undefined
        : { for: printDuration(rule.suppression.forMs), by: rule.suppression.by },
    references: rule.references,
    author: rule.author,
  };
  return Object.fromEntries(Object.entries(form).filter(([, value]) => !isDefault(value)));
}

function isDefault(value: unknown): boolean {
  if (value === undefined || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const NAME_SHAPE = 'lower-case letters, digits and hyphens';
const TECHNIQUE = /^T\d{4}(\.\d{3})?$/;
const COLUMN = { pattern: /^[A-Za-z_]\w*$/, shape: 'the name of a column' };

function template(form: FormReader, member: string, fallback: string | undefined, most: number): string {
  const text = form.text(member, fallback, { most });
  const columns = templateColumns(text).length;
  if (columns > MOST_TEMPLATE_COLUMNS) {
    const message = `names ${columns} columns, expected at most ${MOST_TEMPLATE_COLUMNS}`;
    form.fault('WrongValue', member, message);
  }
  return text;
}

function readEntities(form: FormReader): Rule['entities'] {
  const read = form.map('entities', COLUMN, ENTITY_KINDS.length);
  for (const kind of Object.keys(read)) {
    if (!ENTITY_KINDS.includes(kind as EntityKind)) {
      form.fault(
        'UnknownMember',
        `entities.${kind}`,
        `no kind of entity, expected ${ENTITY_KINDS.join(', ')}`,
      );
    }
  }
  return Object.keys(read).length === 0 ? { device: 'DeviceId' } : read;
}

function readSchedule(form: FormReader): Schedule {
  const frequency = form.text('frequency', undefined, { most: 20 });
  const lookbackMs = form.duration('lookback');
  if (frequency === '') return { kind: 'continuous' };
  const known = FREQUENCIES[frequency];
  if (known?.kind === 'continuous') {
    if (lookbackMs !== undefined)
      form.fault('WrongValue', 'lookback', 'a continuous rule looks back at nothing');
    return known;
  }
  const everyMs = known?.everyMs ?? durationMs(frequency);
  if (everyMs === undefined || everyMs < LEAST_EVERY_MS || everyMs > MOST_EVERY_MS) {
    form.fault(
      'WrongValue',
      'frequency',
      `expected ${Object.keys(FREQUENCIES).join(', ')} or a duration from 5m to 14d, found \`${frequency}\``,
    );
    return { kind: 'continuous' };
  }
  const window = lookbackMs ?? defaultLookbackMs(everyMs);
  if (window < everyMs || window > MOST_LOOKBACK_MS) {
    form.fault('WrongValue', 'lookback', 'expected at least the frequency and at most 30d');
  }
  return { kind: 'every', everyMs, lookbackMs: window };
}

function scheduleForm(schedule: Schedule): { readonly frequency: string; readonly lookback?: string } {
  if (schedule.kind === 'continuous') return { frequency: 'continuous' };
  const { everyMs, lookbackMs } = schedule;
  const named = Object.entries(FREQUENCIES).find(
    ([, known]) => known.kind === 'every' && known.everyMs === everyMs,
  );
  const frequency = named?.[0] ?? printDuration(everyMs);
  return lookbackMs === defaultLookbackMs(everyMs)
    ? { frequency }
    : { frequency, lookback: printDuration(lookbackMs) };
}

function readSuppression(form: FormReader): Suppression | undefined {
  const inner = form.object('suppression');
  if (inner === undefined) return undefined;
  const forMs = inner.duration('for');
  if (forMs === undefined) inner.fault('MissingMember', 'for', 'expected a duration such as `6h`');
  const by = inner.texts('by', {});
  for (const kind of by) {
    if (!ENTITY_KINDS.includes(kind as EntityKind)) {
      inner.fault(
        'WrongValue',
        'by',
        `\`${kind}\` is no kind of entity, expected ${ENTITY_KINDS.join(', ')}`,
      );
    }
  }
  inner.refuseOthers();
  return { forMs: forMs ?? 0, by: by as readonly EntityKind[] };
}
