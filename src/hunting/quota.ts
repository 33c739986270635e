import type { Clock } from '../model/clock.ts';
import { RequestError } from '../model/request-error.ts';
import type { HuntLimits } from './limits.ts';
import { cyclicWindow, slidingWindow, type UsageWindow, type Use } from './quota-window.ts';
import { formatTimespan } from './timespan.ts';

/** What is counted, each in its own unit: calls, and milliseconds. */
export type Counted = 'calls' | 'running' | 'cpu';

/** One use of a tenant, as it is remembered across restarts. */
export interface TenantUse extends Use {
  readonly tenant: string;
  readonly counted: Counted;
}

/** Where uses are kept. */
export interface UsageLedger {
  /** Uses after a time, oldest first. */
  load(afterMs: number): Promise<readonly TenantUse[]>;
  /** Adds these to what is there, and forgets what is older. All or nothing. */
  save(uses: readonly TenantUse[], forgetBeforeMs: number): Promise<void>;
}

/** One statement that runs in the engine. */
export interface RunningWork {
  /** What it took, as measured; a second call does nothing. */
  ended(measured: { readonly runningMs: number; readonly cpuMs: number }): void;
}

export interface Quotas {
  /** Takes what the ledger knows. Once, before the first call. */
  load(): Promise<void>;
  /** Counts one call of the tenant. Throws `TooManyRequests` (429), which is not counted. */
  admit(tenant: string, limits: HuntLimits): void;
  /** To be called when the engine starts to work; until it ends, the time since then counts too. */
  running(tenant: string): RunningWork;
  standing(tenant: string, limits: HuntLimits): QuotaStanding;
  /** Writes what is not written yet. Writing goes on behind; a failure is tried again with the next. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** How much of each limit a tenant has used. Times in seconds; null is unlimited. */
export interface QuotaStanding {
  readonly profile: string;
  readonly limits: Readonly<Record<string, LimitStanding>>;
  readonly requestTimeSeconds: number | null;
  readonly maxRows: number;
  readonly maxResultBytes: number | null;
}

export interface LimitStanding {
  readonly allowed: number | null;
  readonly used: number;
  readonly unit: 'calls' | 'seconds';
  readonly windowSeconds: number;
  /** 0 where a call would be let in now. */
  readonly availableInSeconds: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const CPU_CYCLE_MS = 15 * MINUTE_MS;
const SAVE_EVERY_MS = 1000;

/** One of the limits, as it is counted whatever is allowed. */
interface Limit {
  readonly name: string;
  readonly counted: Counted;
  readonly windowMs: number;
  readonly window: (lengthMs: number) => UsageWindow;
  readonly allowed: (limits: HuntLimits) => number | undefined;
}

const LIMITS: readonly Limit[] = [
  {
    name: 'callsPerMinute',
    counted: 'calls',
    windowMs: MINUTE_MS,
    window: slidingWindow,
    allowed: ({ callsPerMinute }) => callsPerMinute,
  },
  {
    name: 'runningTimePerHour',
    counted: 'running',
    windowMs: HOUR_MS,
    window: slidingWindow,
    allowed: ({ runningMsPerHour }) => runningMsPerHour,
  },
  {
    name: 'runningTimePerDay',
    counted: 'running',
    windowMs: DAY_MS,
    window: slidingWindow,
    allowed: ({ runningMsPerDay }) => runningMsPerDay,
  },
  {
    name: 'cpuPer15Minutes',
    counted: 'cpu',
    windowMs: CPU_CYCLE_MS,
    window: cyclicWindow,
    allowed: ({ cpuPercent, processors }) =>
      cpuPercent === undefined ? undefined : (cpuPercent / 100) * processors * CPU_CYCLE_MS,
  },
];

interface Counter {
  readonly limit: Limit;
  readonly window: UsageWindow;
}

interface TenantState {
  readonly counters: readonly Counter[];
  /** When each statement that still runs was started. */
  readonly started: Set<{ readonly atMs: number }>;
}

/**
 * What tenants have used and may still use. Counters are in memory; a ledger makes them survive a restart: it is
 * written a second behind, so that a crash forgets that second and no more.
 */
export function createQuotas(clock: Clock, ledger?: UsageLedger): Quotas {
  const tenants = new Map<string, TenantState>();
  let unsaved = new Map<string, TenantUse>();
  let saving: Promise<void> = Promise.resolve();

  function stateOf(tenant: string): TenantState {
    let state = tenants.get(tenant);
    if (state === undefined) {
      const counters = LIMITS.map((limit) => ({ limit, window: limit.window(limit.windowMs) }));
      state = { counters, started: new Set() };
      tenants.set(tenant, state);
    }
    return state;
  }

  function count(use: TenantUse): void {
    for (const { limit, window } of stateOf(use.tenant).counters) {
      if (limit.counted === use.counted) window.add(use);
    }
  }

  function use(tenant: string, counted: Counted, amount: number): void {
    if (amount <= 0) return;
    const made: TenantUse = { tenant, counted, atMs: clock.nowMs(), amount };
    count(made);
    if (ledger !== undefined) remember(unsaved, made);
  }

  function usedNow(state: TenantState, { limit, window }: Counter, nowMs: number): number {
    let used = window.used(nowMs);
    if (limit.counted === 'running') {
      for (const { atMs } of state.started) used += Math.max(0, nowMs - atMs);
    }
    return used;
  }

  /** Milliseconds until the tenant falls below the limit; work under way is done with by then at the earliest. */
  function waitMs(state: TenantState, counter: Counter, limits: HuntLimits, nowMs: number): number {
    const allowed = counter.limit.allowed(limits);
    if (allowed === undefined) return 0;
    const freeInMs = counter.window.freeInMs(nowMs, allowed);
    if (freeInMs > 0) return freeInMs;
    return usedNow(state, counter, nowMs) < allowed ? 0 : counter.limit.windowMs;
  }

  async function save(): Promise<void> {
    if (ledger === undefined || unsaved.size === 0) return;
    const uses = unsaved;
    unsaved = new Map();
    try {
      await ledger.save([...uses.values()], clock.nowMs() - DAY_MS);
    } catch (error) {
      for (const made of unsaved.values()) remember(uses, made);
      unsaved = uses;
      throw error;
    }
  }

  function flush(): Promise<void> {
    saving = saving.catch(() => undefined).then(save);
    return saving;
  }

  const timer = ledger && setInterval(() => void flush().catch(() => undefined), SAVE_EVERY_MS).unref();

  return {
    async load() {
      const nowMs = clock.nowMs();
      for (const known of (await ledger?.load(nowMs - DAY_MS)) ?? []) {
        // From the future only after the clock was set back.
        if (known.atMs <= nowMs + MINUTE_MS) count(known);
      }
    },
    admit(tenant, limits) {
      const nowMs = clock.nowMs();
      const state = stateOf(tenant);
      for (const counter of state.counters) {
        const wait = waitMs(state, counter, limits, nowMs);
        if (wait > 0) throw refusal(counter.limit, limits, usedNow(state, counter, nowMs), wait);
      }
      use(tenant, 'calls', 1);
    },
    running(tenant) {
      const { started } = stateOf(tenant);
      const work = { atMs: clock.nowMs() };
      started.add(work);
      return {
        ended({ runningMs, cpuMs }) {
          if (!started.delete(work)) return;
          use(tenant, 'running', runningMs);
          use(tenant, 'cpu', cpuMs);
        },
      };
    },
    standing(tenant, limits) {
      const nowMs = clock.nowMs();
      const state = stateOf(tenant);
      return {
        profile: limits.profile,
        limits: Object.fromEntries(
          state.counters.map((counter) => {
            const { name, counted, windowMs, allowed } = counter.limit;
            const inUnit = (amount: number) => (counted === 'calls' ? amount : amount / 1000);
            const most = allowed(limits);
            return [
              name,
              {
                allowed: most === undefined ? null : inUnit(most),
                used: inUnit(usedNow(state, counter, nowMs)),
                unit: counted === 'calls' ? 'calls' : 'seconds',
                windowSeconds: windowMs / 1000,
                availableInSeconds: seconds(waitMs(state, counter, limits, nowMs)),
              } satisfies LimitStanding,
            ];
          }),
        ),
        requestTimeSeconds: limits.requestTimeMs === undefined ? null : limits.requestTimeMs / 1000,
        maxRows: limits.maxRows,
        maxResultBytes: limits.maxResultBytes ?? null,
      };
    },
    flush,
    async close() {
      if (timer !== undefined) clearInterval(timer);
      await flush();
    },
  };
}

/** All of one kind in one second becomes one use, so that no failure to write lets them pile up. */
function remember(uses: Map<string, TenantUse>, use: TenantUse): void {
  const key = `${use.tenant} ${use.counted} ${Math.floor(use.atMs / 1000)}`;
  uses.set(key, { ...use, amount: use.amount + (uses.get(key)?.amount ?? 0) });
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

/** The service's sentences: which limit, and when to come again; behind them, how much of it is used. */
function refusal(limit: Limit, limits: HuntLimits, used: number, waitMs: number): RequestError {
  const wait = seconds(waitMs);
  const { what, allowed, spent } = wording(limit, limits, used);
  return new RequestError(
    'TooManyRequests',
    429,
    `API ${what} quota exceeded! Maximum allowed ${allowed} per ${span(limit.windowMs)}. ` +
      `You can send requests again in ${wait} seconds. Used: ${spent}.`,
    { retryAfterSeconds: wait, detail: `${limit.name} ${used} of ${limit.allowed(limits)}` },
  );
}

function wording(limit: Limit, limits: HuntLimits, used: number) {
  switch (limit.counted) {
    case 'calls':
      return { what: 'calls', allowed: String(limits.callsPerMinute), spent: String(used) };
    case 'running':
      return { what: 'running time', allowed: span(limit.allowed(limits) ?? 0), spent: span(used) };
    case 'cpu': {
      const percent = (used / (limits.processors * CPU_CYCLE_MS)) * 100;
      return {
        what: 'processing resources',
        allowed: `${limits.cpuPercent}% of CPU`,
        spent: `${percent.toFixed(1)}%`,
      };
    }
  }
}

function span(ms: number): string {
  return formatTimespan(BigInt(Math.round(ms / 1000)) * 10_000_000n);
}
