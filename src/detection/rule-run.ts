import { setImmediate } from 'node:timers/promises';
import { RequestError } from '../model/request-error.ts';
import { msOfTicks, tickText } from '../model/ticks.ts';
import { noteRun, type StoredRule, updateRule } from '../store/rules.ts';
import type { Store } from '../store/store.ts';
import type { Devices } from './devices.ts';
import type { EventRow } from './event-row.ts';
import { type Found, found } from './found.ts';
import { type RecordSettings, type RunCounts, recordFound } from './record-found.ts';
import type { Rule } from './rule.ts';
import { readRule } from './rule-form.ts';
import type { RunRuleQuery } from './rule-query.ts';

export interface RuleRunParts {
  readonly db: Store['db'];
  readonly query: RunRuleQuery;
  readonly devices: Devices;
  readonly settings: RecordSettings;
  /** The highest arrival number of a tenant up to which every row is stored. */
  readonly committedArrival: (tenant: string) => Promise<number>;
  readonly nowMs: () => number;
  /** Called between the steps of a run; for tests that cut the power there. */
  readonly at?: ((step: RunStep) => Promise<void>) | undefined;
}

export type RunStep = 'queried' | 'recorded';

export interface RunResult {
  readonly outcome: 'completed' | 'flooded' | 'failed';
  readonly counts: Readonly<RunCounts>;
  readonly errorCode: string | undefined;
  readonly error: string | undefined;
}

const FIRST_LOOKBACK_MS = 30 * 86_400_000;
/** Recorded in one turn of the event loop: some 30 ms. */
const BATCH_ROWS = 200;
/** New detections of one run. A rule that finds more finds everything: its run is shown as flooded. */
const MOST_DETECTIONS = 50_000;
/** A row's time of arrival is when its writing began: it may have ended so much later. */
const WRITE_MS = 15 * 60_000;

/**
 * Runs a rule once and notes it. The rows of a batch are recorded in one transaction, and how far the rule has come only
 * after the last: a run that did not end is run again, and finds what it recorded known. Never rejects but for a failure
 * of the control state.
 */
export async function runRule(
  parts: RuleRunParts,
  stored: StoredRule,
  signal: AbortSignal,
): Promise<RunResult> {
  const startedMs = parts.nowMs();
  const counts: RunCounts = { rows: 0, detections: 0, alerts: 0, dropped: 0, suppressed: 0 };
  try {
    const rule = storedRule(stored);
    const upTo = await parts.committedArrival(stored.tenant);
    await findAndRecord(parts, stored, rule, { startedMs, upTo }, counts, signal);
    const outcome = counts.dropped > 0 ? 'flooded' : 'completed';
    const result: RunResult = { outcome, counts, errorCode: undefined, error: undefined };
    await finish(parts, stored, rule, { startedMs, upTo }, result);
    return result;
  } catch (error) {
    const failure = asFailure(error);
    const result: RunResult = { outcome: 'failed', counts, ...failure };
    if (!signal.aborted) await fail(parts, stored, startedMs, result, isOurs(error));
    return result;
  }
}

/** The rule of its record. A form that this version cannot read is a bug: it was checked when it was saved. */
export function storedRule(stored: StoredRule): Rule {
  const outcome = readRule(JSON.parse(stored.form));
  if (!outcome.ok) throw new Error(`the stored rule ${stored.name}: ${JSON.stringify(outcome.faults)}`);
  return outcome.rule;
}

interface Window {
  readonly startedMs: number;
  readonly upTo: number;
}

async function findAndRecord(
  parts: RuleRunParts,
  stored: StoredRule,
  rule: Rule,
  { startedMs, upTo }: Window,
  counts: RunCounts,
  signal: AbortSignal,
): Promise<void> {
  const { tenant, detector } = stored;
  const identity = { tenant, rule, detector };
  const rows = await parts.query({
    tenant,
    query: rule.query,
    nowMs: startedMs,
    arrival: arrivalWindow(stored, rule, startedMs, upTo),
    signal,
  });
  await parts.at?.('queried');
  for await (const batch of inBatches(rows.batches, BATCH_ROWS)) {
    counts.rows += batch.length;
    if (counts.detections >= MOST_DETECTIONS) {
      counts.dropped += batch.length;
      return;
    }
    const items = await foundIn(parts, tenant, rule, batch, startedMs);
    await parts.db.transaction().execute(async (tx) => {
      await recordFound(tx, identity, items, counts, parts.settings, parts.nowMs());
    });
    await parts.at?.('recorded');
    await setImmediate();
  }
}

/** Rows as detections to be; those of devices outside the rule's groups are left out. */
export async function foundIn(
  parts: Pick<RuleRunParts, 'devices'>,
  tenant: string,
  rule: Rule,
  rows: readonly EventRow[],
  nowMs: number,
): Promise<Found[]> {
  const devices = await parts.devices(
    tenant,
    rows.map((row) => row.text('DeviceId')),
    nowMs,
  );
  const groups = rule.deviceGroups.map((group) => group.toLowerCase());
  return rows
    .map((row) => found(rule, row, devices.get(row.text('DeviceId'))))
    .filter(({ device }) => {
      const own = [device?.machineGroup ?? '', device?.reportedGroup ?? ''];
      return groups.length === 0 || own.some((group) => groups.includes(group.toLowerCase()));
    });
}

/**
 * A continuous rule reads on from where it has come. A scheduled one reads what arrived in its look-back, and since its
 * last run where that is longer. The first run of either looks at thirty days.
 */
function arrivalWindow(stored: StoredRule, rule: Rule, nowMs: number, upTo: number) {
  const from = (ms: number) => BigInt(Math.trunc(ms)) * 10_000n;
  const first = from(nowMs - FIRST_LOOKBACK_MS);
  const { schedule } = rule;
  if (schedule.kind === 'continuous') {
    const after = BigInt(stored.arrival);
    return stored.covered_until === null
      ? { after, upTo: BigInt(upTo), fromTicks: first }
      : { after, upTo: BigInt(upTo) };
  }
  if (stored.covered_until === null) return { upTo: BigInt(upTo), fromTicks: first };
  const sinceLast = msOfTicks(stored.covered_until) - WRITE_MS;
  return { upTo: BigInt(upTo), fromTicks: from(Math.min(nowMs - schedule.lookbackMs, sinceLast)) };
}

async function* inBatches<T>(batches: AsyncIterable<readonly T[]>, size: number): AsyncGenerator<T[]> {
  const held: T[] = [];
  for await (const batch of batches) {
    held.push(...batch);
    while (held.length >= size) yield held.splice(0, size);
  }
  if (held.length > 0) yield held;
}

async function finish(
  { db, nowMs }: RuleRunParts,
  stored: StoredRule,
  { schedule }: Rule,
  { startedMs, upTo }: Window,
  result: RunResult,
): Promise<void> {
  const nextMs = schedule.kind === 'continuous' ? nowMs() : startedMs + schedule.everyMs;
  await db.transaction().execute(async (tx) => {
    await updateRule(tx, stored.tenant, stored.name, {
      arrival: Math.max(stored.arrival, upTo),
      covered_until: tickText(startedMs),
      next_run: tickText(nextMs),
      failures: 0,
    });
    await noteRun(tx, runRecord(stored, startedMs, nowMs(), result));
  });
}

const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 3_600_000;
/** A query that failed so often in a row fails for a reason that time does not mend. */
const SWITCH_OFF_AFTER = 10;

async function fail(
  { db, nowMs }: RuleRunParts,
  stored: StoredRule,
  startedMs: number,
  result: RunResult,
  ours: boolean,
): Promise<void> {
  const failures = stored.failures + 1;
  const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(10, failures - 1));
  await db.transaction().execute(async (tx) => {
    await updateRule(tx, stored.tenant, stored.name, {
      failures,
      next_run: tickText(nowMs() + waitMs),
      ...(failures >= SWITCH_OFF_AFTER && !ours ? { switched_off: 1 } : {}),
    });
    await noteRun(tx, runRecord(stored, startedMs, nowMs(), result));
  });
}

function runRecord(stored: StoredRule, startedMs: number, endedMs: number, result: RunResult) {
  return {
    tenant: stored.tenant,
    rule: stored.name,
    started: tickText(startedMs),
    ended: tickText(endedMs),
    outcome: result.outcome,
    counts: JSON.stringify(result.counts),
    error_code: result.errorCode ?? null,
    error: result.error ?? null,
  };
}

function asFailure(error: unknown): { readonly errorCode: string; readonly error: string } {
  if (error instanceof RequestError) return { errorCode: error.code, error: error.message };
  return { errorCode: 'InternalServerError', error: 'An internal error occurred' };
}

/** True unless the rule's own query is to blame. */
function isOurs(error: unknown): boolean {
  return !(error instanceof RequestError) || error.status >= 499;
}
