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
  admit(tenant: string): void;
  /** To be called when the engine starts to work; until it ends, the time since then counts too. */
  running(tenant: string): RunningWork;
  standing(tenant: string): QuotaStanding;
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

interface Limit {
  readonly name: string;
  readonly counted: Counted;
  readonly allowed: number | undefined;
  readonly windowMs: number;
  readonly window: () => UsageWindow;
}

function limitsOf(limits: HuntLimits): readonly Limit[] {
  const sliding = (windowMs: number) => ({ windowMs, window: () => slidingWindow(windowMs) });
  const cpuMs =
    limits.cpuPercent === undefined
      ? undefined
      : (limits.cpuPercent / 100) * limits.processors * CPU_CYCLE_MS;
  return [
    { name: 'callsPerMinute', counted: 'calls', allowed: limits.callsPerMinute, ...sliding(MINUTE_MS) },
    { name: 'runningTimePerHour', counted: 'running', allowed: limits.runningMsPerHour, ...sliding(HOUR_MS) },
    { name: 'runningTimePerDay', counted: 'running', allowed: limits.runningMsPerDay, ...sliding(DAY_MS) },
    {
      name: 'cpuPer15Minutes',
      counted: 'cpu',
      allowed: cpuMs,
      windowMs: CPU_CYCLE_MS,
      window: () => cyclicWindow(CPU_CYCLE_MS),
    },
  ];
}

interface TenantState {
  readonly windows: readonly { readonly limit: Limit; readonly window: UsageWindow }[];
  /** When each statement that still runs was started. */
  readonly started: Set<{ readonly atMs: number }>;
}

/**
 * What tenants have used and may still use. Counters are in memory; a ledger makes them survive a restart: it is
 * written a second behind, so that a crash forgets that second and no more.
 */
export function createQuotas(limits: HuntLimits, clock: Clock, ledger?: UsageLedger): Quotas {
  const kinds = limitsOf(limits);
  const tenants = new Map<string, TenantState>();
  let unsaved = new Map<string, TenantUse>();
  let saving: Promise<void> = Promise.resolve();

  function stateOf(tenant: string): TenantState {
    let state = tenants.get(tenant);
    if (state === undefined) {
      state = { windows: kinds.map((limit) => ({ limit, window: limit.window() })), started: new Set() };
      tenants.set(tenant, state);
    }
    return state;
  }

  function count(use: TenantUse): void {
    for (const { limit, window } of stateOf(use.tenant).windows) {
      if (limit.counted === use.counted) window.add(use);
    }
  }

  function use(tenant: string, counted: Counted, amount: number): void {
    if (amount <= 0) return;
    const made: TenantUse = { tenant, counted, atMs: clock.nowMs(), amount };
    count(made);
    if (ledger !== undefined) remember(unsaved, made);
  }

  function usedNow(state: TenantState, limit: Limit, window: UsageWindow, nowMs: number): number {
    let used = window.used(nowMs);
    if (limit.counted === 'running') {
      for (const { atMs } of state.started) used += Math.max(0, nowMs - atMs);
    }
    return used;
  }

  /** Milliseconds until the tenant falls below the limit; work under way is done with by then at the earliest. */
  function waitMs(state: TenantState, limit: Limit, window: UsageWindow, nowMs: number): number {
    if (limit.allowed === undefined) return 0;
    const freeInMs = window.freeInMs(nowMs, limit.allowed);
    if (freeInMs > 0) return freeInMs;
    return usedNow(state, limit, window, nowMs) < limit.allowed ? 0 : limit.windowMs;
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
    admit(tenant) {
      const nowMs = clock.nowMs();
      const state = stateOf(tenant);
      for (const { limit, window } of state.windows) {
        const wait = waitMs(state, limit, window, nowMs);
        if (wait > 0) throw refusal(limit, limits, usedNow(state, limit, window, nowMs), wait);
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
    standing(tenant) {
      const nowMs = clock.nowMs();
      const state = stateOf(tenant);
      return {
        profile: limits.profile,
        limits: Object.fromEntries(
          state.windows.map(({ limit, window }) => {
            const inUnit = (amount: number) => (limit.counted === 'calls' ? amount : amount / 1000);
            return [
              limit.name,
              {
                allowed: limit.allowed === undefined ? null : inUnit(limit.allowed),
                used: inUnit(usedNow(state, limit, window, nowMs)),
                unit: limit.counted === 'calls' ? 'calls' : 'seconds',
                windowSeconds: limit.windowMs / 1000,
                availableInSeconds: seconds(waitMs(state, limit, window, nowMs)),
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
    { retryAfterSeconds: wait, detail: `${limit.name} ${used} of ${limit.allowed}` },
  );
}

function wording(limit: Limit, limits: HuntLimits, used: number) {
  switch (limit.counted) {
    case 'calls':
      return { what: 'calls', allowed: String(limit.allowed), spent: String(used) };
    case 'running':
      return { what: 'running time', allowed: span(limit.allowed ?? 0), spent: span(used) };
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
