import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { stringify } from 'yaml';
import type { Ingest } from '../ingest/ingest.ts';
import { RequestError } from '../model/request-error.ts';
import { groupAlerts } from './alert-groups.ts';
import type { DetectionRoom } from './detection-room.ts';
import type { Found } from './found.ts';
import { entityValue } from './found.ts';
import { ENTITY_KINDS, type Rule } from './rule.ts';
import { ALERT_MEMBERS, type ExpectedAlert, type RuleCase } from './rule-cases.ts';
import { foundIn } from './rule-run.ts';

export interface RuleTestResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'untested';
  /** What is wrong, for people: lines of `-` expected and `+` found. */
  readonly problems: readonly string[];
  readonly alerts: number;
  readonly durationMs: number;
}

export interface RuleTestParts {
  readonly ingest: Pick<Ingest, 'ingestStream'>;
  readonly room: Pick<DetectionRoom, 'rules' | 'runParts'>;
}

const MERGE_MS = 86_400_000;

/** Tests one rule on its events, each set in a tenant of its own. `now()` is one second after the last event. */
export async function testRule(parts: RuleTestParts, each: RuleCase): Promise<RuleTestResult> {
  const startedMs = performance.now();
  const problems: string[] = [];
  let alerts = 0;
  if (!each.outcome.ok) {
    problems.push(...each.outcome.faults.map(({ code, member, message }) => `${code}: ${member} ${message}`));
  } else {
    const { rule } = each.outcome;
    try {
      // The tenant of a test has no directory, and its devices come with the events.
      const faults = await parts.room.rules.check(randomUUID(), { ...rule, deviceGroups: [] });
      problems.push(...faults.map(({ code, member, message }) => `${code}: ${member} ${message}`));
      if (faults.length === 0) {
        const tripped = await alertsOn(parts, rule, each.trip);
        alerts = tripped.length;
        if (each.trip.length > 0) problems.push(...compare(each.expected, tripped));
        for (const file of each.quiet) {
          const noise = await alertsOn(parts, rule, [file]);
          if (noise.length > 0) problems.push(`${basename(file)} must make no alert`, ...printed('+', noise));
        }
      }
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      problems.push(`${error.code}: ${error.message}`);
    }
  }
  const outcome = problems.length > 0 ? 'failed' : each.trip.length === 0 ? 'untested' : 'passed';
  return { name: each.name, outcome, problems, alerts, durationMs: performance.now() - startedMs };
}

/** The alerts that a rule makes of the events of some files. */
async function alertsOn(
  parts: RuleTestParts,
  rule: Rule,
  files: readonly string[],
): Promise<readonly ExpectedAlert[]> {
  if (files.length === 0) return [];
  const tenant = randomUUID();
  const tables = new Set<string>();
  for (const file of files) {
    const counts = await parts.ingest.ingestStream({
      tenant,
      format: 'auto',
      table: undefined,
      idempotencyKey: undefined,
      name: basename(file),
      body: createReadStream(file),
      rebase: false,
      signal: new AbortController().signal,
    });
    for (const table of Object.keys(counts.tables)) tables.add(table);
    if (counts.stored === 0 || counts.rejected > 0) {
      const why = Object.entries(counts.reasons).map(([reason, count]) => `${reason}: ${count}`);
      throw new RequestError('BadEvents', 400, `${basename(file)} is not stored: ${why.join(', ')}`);
    }
  }
  const nowMs = (await lastEventMs(parts, tenant, tables)) + 1000;
  const { columns: _, batches } = await parts.room.runParts.query({ tenant, query: rule.query, nowMs });
  const items = new Map<string, Found>();
  for await (const batch of batches) {
    for (const item of await foundIn(parts.room.runParts, tenant, rule, batch, nowMs)) {
      items.set(item.identity, item);
    }
  }
  const { alerts } = groupAlerts(rule, [...items.values()], MERGE_MS);
  return alerts.map(({ items: group }) => alertOf(rule, group));
}

async function lastEventMs(
  parts: RuleTestParts,
  tenant: string,
  tables: ReadonlySet<string>,
): Promise<number> {
  let last = 0;
  for (const table of tables) {
    const query = `${table} | summarize Timestamp = max(Timestamp)`;
    const { batches } = await parts.room.runParts.query({ tenant, query, nowMs: Date.now() });
    for await (const batch of batches) {
      for (const row of batch) last = Math.max(last, Date.parse(row.text('Timestamp')) || 0);
    }
  }
  return last === 0 ? Date.now() : last;
}

function alertOf(rule: Rule, group: readonly [Found, ...Found[]]): ExpectedAlert {
  const [first] = group;
  const entities = ENTITY_KINDS.flatMap((kind) => {
    const value = entityValue(rule, first.row, kind);
    return value === '' ? [] : [[kind, value] as const];
  });
  return {
    title: first.title,
    description: first.description,
    severity: rule.severity,
    category: rule.category,
    techniques: rule.techniques,
    detections: group.length,
    entities: Object.fromEntries(entities),
    customDetails: Object.fromEntries(
      Object.entries(rule.customDetails).map(([name, column]) => [name, first.row.text(column)]),
    ),
  };
}

/** What was expected and not found, and what was found and not expected. Empty: all is as it should be. */
function compare(
  expected: readonly ExpectedAlert[] | undefined,
  found: readonly ExpectedAlert[],
): readonly string[] {
  if (expected === undefined) return found.length > 0 ? [] : ['the events make no alert'];
  const left = [...found];
  const missing = expected.filter((wanted) => {
    const place = left.findIndex((alert) => fits(wanted, alert));
    if (place !== -1) left.splice(place, 1);
    return place === -1;
  });
  if (missing.length === 0 && left.length === 0) return [];
  const asked = ALERT_MEMBERS.filter((member) => expected.some((alert) => member in alert));
  const shown = left.map((alert) =>
    Object.fromEntries((asked.length > 0 ? asked : ALERT_MEMBERS).map((name) => [name, alert[name]])),
  );
  return [
    `expected ${expected.length} alerts, found ${found.length}`,
    ...printed('-', missing),
    ...printed('+', shown),
  ];
}

/** Objects by the members that are asked for; anything else as a whole. Numbers and their texts are the same. */
function fits(wanted: unknown, found: unknown): boolean {
  if (typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)) {
    if (typeof found !== 'object' || found === null) return false;
    return Object.entries(wanted).every(([name, value]) =>
      fits(value, (found as Readonly<Record<string, unknown>>)[name]),
    );
  }
  if (Array.isArray(wanted)) return JSON.stringify(wanted) === JSON.stringify(found);
  return String(wanted) === String(found);
}

function printed(sign: '-' | '+', alerts: readonly ExpectedAlert[]): readonly string[] {
  if (alerts.length === 0) return [];
  const lines = stringify(alerts, { lineWidth: 0 }).trimEnd().split('\n');
  return lines.map((line) => `${sign} ${line}`);
}
