import type { Inspection } from '../hunting/inspect.ts';
import { RequestError } from '../model/request-error.ts';
import { type AlertGroup, groupAlerts, timeOf } from './alert-groups.ts';
import type { Devices } from './devices.ts';
import type { EventRow } from './event-row.ts';
import type { Found } from './found.ts';
import type { Rule } from './rule.ts';
import { checkContinuous } from './rule-desk.ts';
import type { RunRuleQuery } from './rule-query.ts';
import { foundIn } from './rule-run.ts';

export interface BacktestRequest {
  readonly tenant: string;
  readonly rule: Rule;
  readonly days: number;
  /** Most alerts that are shown. */
  readonly samples: number;
  readonly signal: AbortSignal;
}

/** What a rule would have raised, by the time of the events. */
export interface BacktestReport {
  readonly rule: string;
  readonly fromTime: string;
  readonly toTime: string;
  readonly queries: number;
  readonly rows: number;
  readonly detections: number;
  readonly alerts: number;
  readonly suppressed: number;
  readonly alertsPerDay: Readonly<Record<string, number>>;
  readonly samples: readonly BacktestSample[];
}

export interface BacktestSample {
  readonly title: string;
  readonly firstEvent: string;
  readonly lastEvent: string;
  readonly detections: number;
  readonly assets: readonly string[];
}

export interface BacktestParts {
  readonly query: RunRuleQuery;
  readonly inspection: Inspection;
  readonly devices: Devices;
  readonly mergeMs: number;
  readonly nowMs: () => number;
}

const DAY_MS = 86_400_000;
const MOST_RUNS = 750;
const MOST_ROWS = 200_000;

/**
 * Runs a rule over the past days as if it had been on. A query that judges events one by one runs once over all of them;
 * any other runs as often as its schedule says, each time with the look-back and the `now()` of that run. Throws
 * `InvalidInput` (400) for more than 750 runs, and `BacktestTooLarge` (400) for more than 200,000 rows.
 */
export function createBacktest(parts: BacktestParts) {
  return async (request: BacktestRequest): Promise<BacktestReport> => {
    const { tenant, rule, days, samples, signal } = request;
    const toMs = parts.nowMs();
    const fromMs = toMs - days * DAY_MS;
    const plan = await parts.inspection.explain({ tenant, query: rule.query, stage: 'plan' });
    const windows = windowsOf(rule, fromMs, toMs, checkContinuous(plan).length === 0);
    const items = new Map<string, Found>();
    let rowCount = 0;
    for (const { nowMs, from, to } of windows) {
      const rows = await parts.query({
        tenant,
        query: rule.query,
        nowMs,
        interval: { fromTicks: ticks(from), toTicks: ticks(to) },
        maxRows: MOST_ROWS + 1,
        signal,
      });
      for await (const batch of rows.batches) {
        rowCount += batch.length;
        if (rowCount > MOST_ROWS) {
          throw new RequestError('BacktestTooLarge', 400, `the rule finds more than ${MOST_ROWS} rows`);
        }
        await keepNew(parts, request, batch, items, toMs);
      }
    }
    const ordered = [...items.values()];
    const groups = groupAlerts(rule, ordered, parts.mergeMs);
    const alerts = groups.alerts.map(sampleOf);
    const { suppressed } = groups;
    return {
      rule: rule.name,
      fromTime: new Date(fromMs).toISOString(),
      toTime: new Date(toMs).toISOString(),
      queries: windows.length,
      rows: rowCount,
      detections: ordered.length - suppressed,
      alerts: alerts.length,
      suppressed,
      alertsPerDay: perDay(alerts, fromMs, toMs),
      samples: alerts.slice(-samples).reverse(),
    };
  };
}

async function keepNew(
  parts: BacktestParts,
  { tenant, rule }: BacktestRequest,
  batch: readonly EventRow[],
  items: Map<string, Found>,
  nowMs: number,
): Promise<void> {
  for (const item of await foundIn(parts, tenant, rule, batch, nowMs)) {
    if (!items.has(item.identity)) items.set(item.identity, item);
  }
}

interface RunWindow {
  readonly nowMs: number;
  readonly from: number;
  readonly to: number;
}

function windowsOf({ schedule }: Rule, fromMs: number, toMs: number, oneByOne: boolean): RunWindow[] {
  if (schedule.kind === 'continuous' || oneByOne) return [{ nowMs: toMs, from: fromMs, to: toMs }];
  const runs = Math.ceil((toMs - fromMs) / schedule.everyMs);
  if (runs > MOST_RUNS) {
    throw new RequestError(
      'InvalidInput',
      400,
      `Invalid input: these days take ${runs} runs of the rule, at most ${MOST_RUNS} are made: ask for fewer days`,
    );
  }
  return Array.from({ length: runs }, (_, i) => {
    const nowMs = toMs - (runs - 1 - i) * schedule.everyMs;
    return { nowMs, from: nowMs - schedule.lookbackMs, to: nowMs };
  });
}

/** Every day of the time asked for, those without an alert too. */
function perDay(alerts: readonly BacktestSample[], fromMs: number, toMs: number): Record<string, number> {
  const days: Record<string, number> = {};
  for (let ms = fromMs; ms <= toMs; ms += DAY_MS) days[new Date(ms).toISOString().slice(0, 10)] = 0;
  for (const { firstEvent } of alerts) {
    const day = firstEvent.slice(0, 10);
    days[day] = (days[day] ?? 0) + 1;
  }
  return days;
}

function sampleOf({ items: [first, ...others] }: AlertGroup): BacktestSample {
  const last = others.at(-1) ?? first;
  return {
    title: first.title,
    firstEvent: timeOf(first),
    lastEvent: timeOf(last),
    detections: others.length + 1,
    assets: first.assets,
  };
}

function ticks(ms: number): bigint {
  return BigInt(Math.trunc(ms)) * 10_000n;
}
