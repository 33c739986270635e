import { createHash } from 'node:crypto';
import type { Inspection } from '../hunting/inspect.ts';
import { RequestError } from '../model/request-error.ts';
import { tickText } from '../model/ticks.ts';
import {
  deleteRule,
  findRule,
  insertRule,
  listRules,
  type RuleRun,
  ruleRuns,
  type StoredRule,
  updateRule,
} from '../store/rules.ts';
import type { Store } from '../store/store.ts';
import type { CheckGroups } from './device-groups.ts';
import type { Rule, RuleFault } from './rule.ts';
import { checkColumns } from './rule-columns.ts';
import { ruleForm } from './rule-form.ts';
import { storedRule } from './rule-run.ts';

/** A rule with its state. */
export interface RuleView {
  readonly rule: Rule;
  readonly stored: StoredRule;
  readonly lastRun: RuleRun | undefined;
}

/** What is done to a tenant's rules. Names are unique in a tenant. */
export interface RuleDesk {
  list(tenant: string): Promise<RuleView[]>;
  /** By name or by number. */
  find(tenant: string, nameOrNumber: string): Promise<RuleView | undefined>;
  /** Compiles the query, checks its columns and the names of its device groups. Empty: the rule can be saved. */
  check(tenant: string, rule: Rule): Promise<readonly RuleFault[]>;
  /** Adds or replaces a rule. Throws `RuleRefused` (400) with every fault; a stored rule can be switched off with any. */
  save(tenant: string, rule: Rule, by: string): Promise<RuleView>;
  remove(tenant: string, name: string): Promise<boolean>;
  /** Newest first. */
  runs(tenant: string, name: string, limit: number): Promise<RuleRun[]>;
  /** Makes it due at once. */
  runSoon(tenant: string, name: string): Promise<void>;
}

export interface RuleDeskParts {
  readonly store: Store;
  readonly inspection: Inspection;
  readonly checkGroups: CheckGroups;
  readonly nowMs: () => number;
}

export function createRuleDesk({ store: { db }, inspection, checkGroups, nowMs }: RuleDeskParts): RuleDesk {
  async function view(stored: StoredRule): Promise<RuleView> {
    const [lastRun] = await ruleRuns(db, stored.tenant, stored.name, 1);
    return { rule: storedRule(stored), stored, lastRun };
  }

  async function check(tenant: string, rule: Rule): Promise<readonly RuleFault[]> {
    const { ok, diagnostics, columns } = await inspection.check({ tenant, query: rule.query });
    if (!ok) {
      return diagnostics.map(({ code, line, column, message }) => ({
        code: 'QueryRefused',
        member: 'query',
        message: `line ${line}, column ${column}: ${message} (${code})`,
      }));
    }
    const faults = [...checkColumns(rule, columns), ...(await checkGroups(tenant, rule))];
    if (rule.schedule.kind !== 'continuous') return faults;
    const plan = await inspection.explain({ tenant, query: rule.query, stage: 'plan' });
    return [...faults, ...checkContinuous(plan)];
  }

  async function insert(tenant: string, rule: Rule, by: string): Promise<void> {
    const now = tickText(nowMs());
    await db.transaction().execute(async (tx) => {
      await insertRule(tx, {
        tenant,
        name: rule.name,
        detector: detectorId(rule.name),
        form: JSON.stringify(ruleForm(rule)),
        enabled: Number(rule.enabled),
        continuous: Number(rule.schedule.kind === 'continuous'),
        switched_off: 0,
        created: now,
        created_by: by,
        modified: now,
        modified_by: by,
        query_modified: now,
        arrival: 0,
        covered_until: null,
        next_run: now,
        failures: 0,
      });
    });
  }

  async function replace(before: StoredRule, rule: Rule, by: string): Promise<void> {
    const now = tickText(nowMs());
    const form = JSON.stringify(ruleForm(rule));
    if (form === before.form && before.switched_off === 0) return;
    const sameQuery = storedRule(before).query === rule.query;
    await updateRule(db, before.tenant, before.name, {
      form,
      enabled: Number(rule.enabled),
      continuous: Number(rule.schedule.kind === 'continuous'),
      switched_off: 0,
      failures: 0,
      modified: now,
      modified_by: by,
      next_run: now,
      ...(sameQuery ? {} : { query_modified: now }),
    });
  }

  return {
    check,
    async list(tenant) {
      return await Promise.all((await listRules(db, tenant)).map(view));
    },
    async find(tenant, nameOrNumber) {
      const stored =
        (await findRule(db, tenant, nameOrNumber)) ??
        (/^\d{1,15}$/.test(nameOrNumber)
          ? (await listRules(db, tenant)).find(({ number }) => number === Number(nameOrNumber))
          : undefined);
      return stored === undefined ? undefined : await view(stored);
    },
    async save(tenant, rule, by) {
      const before = await findRule(db, tenant, rule.name);
      const isSwitchedOff = before !== undefined && !rule.enabled && sameButSwitch(storedRule(before), rule);
      const faults = isSwitchedOff ? [] : await check(tenant, rule);
      if (faults.length > 0) throw ruleRefused(faults);
      if (before === undefined) await insert(tenant, rule, by);
      else await replace(before, rule, by);
      const stored = await findRule(db, tenant, rule.name);
      if (stored === undefined) throw new RequestError('Conflict', 409, 'the rule was removed meanwhile');
      return await view(stored);
    },
    remove: (tenant, name) => deleteRule(db, tenant, name),
    runs: (tenant, name, limit) => ruleRuns(db, tenant, name, limit),
    runSoon: (tenant, name) => updateRule(db, tenant, name, { next_run: tickText(nowMs()) }),
  };
}

function sameButSwitch(one: Rule, other: Rule): boolean {
  const form = (rule: Rule) => JSON.stringify(ruleForm({ ...rule, enabled: true }));
  return form(one) === form(other);
}

/** All faults in one message: an author mends them together. */
export function ruleRefused(faults: readonly RuleFault[]): RequestError {
  const lines = faults.map(({ code, member, message }) =>
    member === '' ? `${code}: ${message}` : `${code}: \`${member}\` ${message}`,
  );
  return new RequestError('RuleRefused', 400, lines.join('; '));
}

/**
 * A continuous rule sees each event once, so its query must judge events one by one. `plan` is the compiler's print of
 * the query's plan, one operator a line.
 */
export function checkContinuous(plan: string): readonly RuleFault[] {
  const operators = plan.split('\n').map((line) => /^\s*([a-z-]+)/.exec(line)?.[1] ?? '');
  const judged = [...new Set(operators)].filter((operator) => OVER_SEVERAL_ROWS.has(operator));
  return judged.map((operator) => ({
    code: 'NotContinuous',
    member: 'frequency',
    message:
      `a continuous rule judges events one by one, and the query has ${OVER_SEVERAL_ROWS.get(operator)}: ` +
      'take it out, or run the rule every 1h or less often',
  }));
}

const OVER_SEVERAL_ROWS: ReadonlyMap<string, string> = new Map([
  ['aggregate', 'an aggregation'],
  ['join', 'a join'],
  ['sort', 'a sort'],
  ['limit', 'a limit'],
  ['limit-by', 'a limit'],
  ['window', 'a function over a window of rows'],
]);

/** The GUID of what a rule detects, the same wherever a rule of this name is. */
export function detectorId(name: string): string {
  const hash = createHash('sha1').update(`spoor detection rule ${name}`).digest('hex');
  const variant = ((Number.parseInt(hash[16] ?? '0', 16) & 3) | 8).toString(16);
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `5${hash.slice(13, 16)}`,
    variant + hash.slice(17, 20),
    hash.slice(20, 32),
  ].join('-');
}
