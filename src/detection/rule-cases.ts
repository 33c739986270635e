import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { RequestError } from '../model/request-error.ts';
import { parseRule, type RuleOutcome } from './rule-form.ts';

/** A rule's folder. */
export interface RuleCase {
  /** The folder's name. */
  readonly name: string;
  readonly outcome: RuleOutcome;
  /** Files of events that must trip it, and that must not. */
  readonly trip: readonly string[];
  readonly quiet: readonly string[];
  /** Undefined: at least one alert, whatever it says. */
  readonly expected: readonly ExpectedAlert[] | undefined;
}

/** What an alert must have; members that are left out are not compared. */
export type ExpectedAlert = Readonly<Record<string, unknown>>;

const RULE_FILE = 'rule.yaml';
const ALERTS_FILE = 'alerts.yaml';

/** The rules of a folder of folders, or of one rule's folder. Throws `NoRules` (400) where there is none. */
export function readRuleCases(folder: string): readonly RuleCase[] {
  if (existsSync(join(folder, RULE_FILE))) return [readCase(folder)];
  const folders = existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name))
        .filter((path) => statSync(path).isDirectory() && existsSync(join(path, RULE_FILE)))
    : [];
  if (folders.length === 0) {
    throw new RequestError('NoRules', 400, `no folder with a \`${RULE_FILE}\` in ${folder}`);
  }
  return folders.map(readCase);
}

function readCase(folder: string): RuleCase {
  const name = basename(folder);
  const files = readdirSync(folder).sort();
  const ofKind = (kind: string) =>
    files.filter((file) => file.startsWith(kind)).map((file) => join(folder, file));
  return {
    name,
    outcome: namedAs(name, parseRule(readFileSync(join(folder, RULE_FILE), 'utf8'))),
    trip: ofKind('trip'),
    quiet: ofKind('quiet'),
    expected: files.includes(ALERTS_FILE) ? readAlerts(join(folder, ALERTS_FILE)) : undefined,
  };
}

function namedAs(name: string, outcome: RuleOutcome): RuleOutcome {
  if (!outcome.ok || outcome.rule.name === name) return outcome;
  const message = `the rule is called \`${outcome.rule.name}\`, its folder \`${name}\``;
  return { ok: false, faults: [{ code: 'WrongValue', member: 'name', message }] };
}

export const ALERT_MEMBERS = [
  'title',
  'description',
  'severity',
  'category',
  'techniques',
  'detections',
  'entities',
  'customDetails',
] as const;

function readAlerts(path: string): readonly ExpectedAlert[] {
  const value: unknown = parseYaml(readFileSync(path, 'utf8'));
  if (!Array.isArray(value)) throw new RequestError('BadAlerts', 400, `${path}: expected a list of alerts`);
  return value.map((alert: unknown) => {
    if (typeof alert !== 'object' || alert === null || Array.isArray(alert)) {
      throw new RequestError(
        'BadAlerts',
        400,
        `${path}: an alert is an object of ${ALERT_MEMBERS.join(', ')}`,
      );
    }
    const strange = Object.keys(alert).find((name) => !(ALERT_MEMBERS as readonly string[]).includes(name));
    if (strange !== undefined) {
      throw new RequestError('BadAlerts', 400, `${path}: an alert has no member \`${strange}\``);
    }
    return alert as ExpectedAlert;
  });
}
