import type { Kysely } from 'kysely';
import type { Tx } from './detections.ts';
import { detectionCursor } from './detections.ts';
import type { Tables } from './tables.ts';

/** A rule of a tenant, with how far it has come. Times as `2020-09-30T14:11:44.0779765Z`. */
export interface RuleTable {
  readonly tenant: string;
  readonly name: string;
  /** 1, 2, 3 ... in a tenant; the id that the API of rules shows. */
  readonly number: number;
  /** GUID of what it detects: the same for the same name. */
  readonly detector: string;
  /** JSON of the rule's form. */
  readonly form: string;
  readonly enabled: number;
  /** 1: runs when something arrived; 0: by the clock. */
  readonly continuous: number;
  /** 1: switched off by the server, for it failed too often. */
  readonly switched_off: number;
  readonly created: string;
  readonly created_by: string;
  readonly modified: string;
  readonly modified_by: string;
  readonly query_modified: string;
  /** A continuous rule has seen every row up to this arrival number. */
  readonly arrival: number;
  /** A scheduled rule has seen every row that arrived until then; null before its first run. */
  readonly covered_until: string | null;
  readonly next_run: string;
  /** Runs that failed since the last that did not. */
  readonly failures: number;
}

export interface RuleRunTable {
  readonly tenant: string;
  readonly rule: string;
  readonly started: string;
  readonly ended: string;
  /** completed, flooded, failed */
  readonly outcome: string;
  /** JSON: `{rows, detections, alerts, dropped, suppressed}`. */
  readonly counts: string;
  readonly error_code: string | null;
  readonly error: string | null;
}

/** No alert of this rule and these entities until then. */
export interface RuleSuppressionTable {
  readonly tenant: string;
  readonly key: string;
  readonly until: string;
}

type Db = Kysely<Tables>;
export type StoredRule = RuleTable;
export type RuleRun = RuleRunTable;

export async function listRules(db: Db, tenant?: string): Promise<StoredRule[]> {
  let query = db.selectFrom('rules').selectAll();
  if (tenant !== undefined) query = query.where('tenant', '=', tenant);
  return (await query.orderBy('tenant').orderBy('number').execute()).map(plain);
}

export async function findRule(db: Db, tenant: string, name: string): Promise<StoredRule | undefined> {
  const row = await db
    .selectFrom('rules')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .executeTakeFirst();
  return row === undefined ? undefined : plain(row);
}

/** A rule whose time has come, as far as the clock knows. */
export interface DueRule {
  readonly tenant: string;
  readonly name: string;
  readonly continuous: number;
  readonly arrival: number;
}

/** Rules that are on and whose next run is not later than `now`, longest waiting first. */
export async function dueRules(db: Db, now: string): Promise<DueRule[]> {
  const rows = await db
    .selectFrom('rules')
    .select(['tenant', 'name', 'continuous', 'arrival'])
    .where('enabled', '=', 1)
    .where('switched_off', '=', 0)
    .where('next_run', '<=', now)
    .orderBy('next_run')
    .execute();
  return rows.map((row) => ({ ...row, arrival: Number(row.arrival) }));
}

export async function insertRule(tx: Tx, rule: Omit<StoredRule, 'number'>): Promise<number> {
  const { last_rule } = await detectionCursor(tx, rule.tenant);
  const number = last_rule + 1;
  await tx
    .updateTable('detection_cursors')
    .set({ last_rule: number })
    .where('tenant', '=', rule.tenant)
    .execute();
  await tx
    .insertInto('rules')
    .values({ ...rule, number })
    .execute();
  return number;
}

export async function updateRule(
  db: Db,
  tenant: string,
  name: string,
  change: Partial<Omit<StoredRule, 'tenant' | 'name'>>,
): Promise<void> {
  await db.updateTable('rules').set(change).where('tenant', '=', tenant).where('name', '=', name).execute();
}

export async function deleteRule(db: Db, tenant: string, name: string): Promise<boolean> {
  await db.deleteFrom('rule_runs').where('tenant', '=', tenant).where('rule', '=', name).execute();
  const result = await db
    .deleteFrom('rules')
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

const KEPT_RUNS = 200;

/** Notes a run; the oldest beyond the last 200 of the rule are forgotten. */
export async function noteRun(db: Db, run: RuleRun): Promise<void> {
  const [last] = await ruleRuns(db, run.tenant, run.rule, 1);
  // A continuous rule runs all day: of runs in a row that found nothing, the last is kept.
  if (last !== undefined && isIdle(last) && isIdle(run)) {
    await db
      .deleteFrom('rule_runs')
      .where('tenant', '=', run.tenant)
      .where('rule', '=', run.rule)
      .where('started', '=', last.started)
      .execute();
  }
  await db.insertInto('rule_runs').values(run).execute();
  const oldest = await db
    .selectFrom('rule_runs')
    .select('started')
    .where('tenant', '=', run.tenant)
    .where('rule', '=', run.rule)
    .orderBy('started', 'desc')
    .offset(KEPT_RUNS)
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return;
  await db
    .deleteFrom('rule_runs')
    .where('tenant', '=', run.tenant)
    .where('rule', '=', run.rule)
    .where('started', '<=', oldest.started)
    .execute();
}

function isIdle({ outcome, counts }: RuleRun): boolean {
  return outcome === 'completed' && (JSON.parse(counts) as { rows: number }).rows === 0;
}

/** The runs of a rule, newest first. */
export async function ruleRuns(db: Db, tenant: string, rule: string, limit: number): Promise<RuleRun[]> {
  return await db
    .selectFrom('rule_runs')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('rule', '=', rule)
    .orderBy('started', 'desc')
    .limit(limit)
    .execute();
}

export async function isSuppressed(db: Db, tenant: string, key: string, now: string): Promise<boolean> {
  const row = await db
    .selectFrom('rule_suppressions')
    .select('until')
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .executeTakeFirst();
  return row !== undefined && row.until > now;
}

/** Forgets, on the way, what is over. */
export async function suppress(tx: Tx, suppression: RuleSuppressionTable, now: string): Promise<void> {
  const { tenant, until } = suppression;
  await tx.deleteFrom('rule_suppressions').where('tenant', '=', tenant).where('until', '<=', now).execute();
  await tx
    .insertInto('rule_suppressions')
    .values(suppression)
    .onConflict((conflict) => conflict.columns(['tenant', 'key']).doUpdateSet({ until }))
    .execute();
}

function plain(row: StoredRule): StoredRule {
  return { ...row, number: Number(row.number), arrival: Number(row.arrival) };
}
