import { describe, expect, it, test } from 'vitest';
import type { Clock } from '../model/clock.ts';
import { RequestError } from '../model/request-error.ts';
import { type HuntLimits, quotaLimits } from './limits.ts';
import { createQuotas, type Quotas, type TenantUse, type UsageLedger } from './quota.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 5, 10, 1);

function limits(changed: Partial<HuntLimits>): HuntLimits {
  return { ...quotaLimits({ quotas: 'unlimited', maxRows: 100_000 }, 2), ...changed };
}

function clockAt(startMs: number) {
  const clock = { now: startMs, nowMs: () => clock.now };
  return clock;
}

function refusal(call: () => void): RequestError {
  try {
    call();
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
  throw new Error('the call was not refused');
}

/** With the same limits for every tenant, at every call. */
function quotasOf(limits: HuntLimits, clock: Clock, ledger?: UsageLedger) {
  const quotas = createQuotas(clock, ledger);
  return {
    ...quotas,
    admit: (tenant: string) => quotas.admit(tenant, limits),
    standing: (tenant: string) => quotas.standing(tenant, limits),
  };
}

function work(quotas: Pick<Quotas, 'running'>, tenant: string, runningMs: number, cpuMs = 0): void {
  quotas.running(tenant).ended({ runningMs, cpuMs });
}

/** A ledger that keeps what it is given, and can be made to fail. */
function memoryLedger() {
  const kept: TenantUse[] = [];
  const ledger = {
    kept,
    fails: false,
    async load(afterMs: number) {
      return kept.filter(({ atMs }) => atMs > afterMs);
    },
    async save(uses: readonly TenantUse[]) {
      if (ledger.fails) throw new Error('no disk');
      kept.push(...uses);
    },
  };
  return ledger satisfies UsageLedger & object;
}

describe('calls per minute', () => {
  it('refuses the call over the limit, says when to come back, and lets it in then', () => {
    const clock = clockAt(START_MS);
    const quotas = quotasOf(limits({ callsPerMinute: 3 }), clock);
    for (let i = 0; i < 3; i++) {
      quotas.admit('a');
      clock.now += 1000;
    }
    const error = refusal(() => quotas.admit('a'));
    expect([error.code, error.status, error.retryAfterSeconds]).toEqual(['TooManyRequests', 429, 57]);
    // Clients match on the service's sentence.
    expect(error.message).toContain(
      'API calls quota exceeded! Maximum allowed 3 per 00:01:00. You can send requests again in 57 seconds.',
    );
    quotas.admit('b');
    clock.now += 57_000;
    quotas.admit('a');
    expect(refusal(() => quotas.admit('a')).retryAfterSeconds).toBe(1);
  });

  it('does not count what it refuses, and lets everything in without a limit', () => {
    const clock = clockAt(START_MS);
    const quotas = quotasOf(limits({ callsPerMinute: 1 }), clock);
    quotas.admit('a');
    for (let i = 0; i < 100; i++) refusal(() => quotas.admit('a'));
    expect(quotas.standing('a').limits['callsPerMinute']?.used).toBe(1);
    const open = quotasOf(limits({}), clock);
    for (let i = 0; i < 1000; i++) open.admit('a');
    expect(open.standing('a').limits['callsPerMinute']).toMatchObject({ allowed: null, used: 1000 });
  });
});

describe('running time', () => {
  it('is what was measured, in the last hour and the last day', () => {
    const clock = clockAt(START_MS);
    const quotas = quotasOf(
      limits({ runningMsPerHour: 10 * MINUTE_MS, runningMsPerDay: 25 * MINUTE_MS }),
      clock,
    );
    work(quotas, 'a', 9 * MINUTE_MS);
    quotas.admit('a');
    work(quotas, 'a', MINUTE_MS);
    const hour = refusal(() => quotas.admit('a'));
    expect(hour.retryAfterSeconds).toBe(3600);
    expect(hour.message).toContain('running time');
    expect(hour.message).toContain('00:10:00 per 01:00:00');
    clock.now += 60 * MINUTE_MS;
    work(quotas, 'a', 9 * MINUTE_MS);
    quotas.admit('a');
    clock.now += 60 * MINUTE_MS;
    work(quotas, 'a', 7 * MINUTE_MS);
    const day = refusal(() => quotas.admit('a'));
    expect(day.message).toContain('00:25:00 per 1.00:00:00');
    expect(day.retryAfterSeconds).toBe(22 * 3600);
  });

  it('of a query that still runs counts too', () => {
    const clock = clockAt(START_MS);
    const quotas = quotasOf(limits({ runningMsPerHour: 10_000 }), clock);
    const running = quotas.running('a');
    clock.now += 4000;
    quotas.admit('a');
    expect(quotas.standing('a').limits['runningTimePerHour']?.used).toBe(4);
    clock.now += 6000;
    refusal(() => quotas.admit('a'));
    running.ended({ runningMs: 2000, cpuMs: 1 });
    running.ended({ runningMs: 2000, cpuMs: 1 });
    quotas.admit('a');
    expect(quotas.standing('a').limits['runningTimePerHour']?.used).toBe(2);
  });
});

describe('the CPU share', () => {
  it('blocks until the next quarter of an hour', () => {
    const clock = clockAt(START_MS);
    const quotas = quotasOf(limits({ cpuPercent: 50 }), clock);
    // Two processors, half of their 15 minutes.
    work(quotas, 'a', 1, 15 * MINUTE_MS - 1);
    quotas.admit('a');
    work(quotas, 'a', 1, 1);
    const error = refusal(() => quotas.admit('a'));
    expect(error.message).toContain('50% of CPU per 00:15:00');
    expect(error.retryAfterSeconds).toBe(14 * 60);
    clock.now += 14 * MINUTE_MS;
    quotas.admit('a');
  });
});

describe('the ledger', () => {
  it('gives a restarted server what was used', async () => {
    const clock = clockAt(START_MS);
    const ledger = memoryLedger();
    const set = limits({ callsPerMinute: 2, runningMsPerHour: 60_000 });
    const before = quotasOf(set, clock, ledger);
    await before.load();
    before.admit('a');
    before.admit('a');
    work(before, 'a', 30_000);
    await before.close();
    clock.now += 10_000;
    const after = quotasOf(set, clock, ledger);
    await after.load();
    expect(refusal(() => after.admit('a')).retryAfterSeconds).toBe(50);
    expect(after.standing('a').limits['runningTimePerHour']?.used).toBe(30);
    await after.close();
  });

  it('loses nothing to a failure, and grows by no more than a use a second', async () => {
    const clock = clockAt(START_MS);
    const ledger = memoryLedger();
    const quotas = quotasOf(limits({}), clock, ledger);
    ledger.fails = true;
    quotas.admit('a');
    await expect(quotas.flush()).rejects.toThrow();
    for (let i = 0; i < 500; i++) quotas.admit('a');
    ledger.fails = false;
    await quotas.close();
    expect(ledger.kept).toEqual([{ tenant: 'a', counted: 'calls', atMs: START_MS, amount: 501 }]);
  });

  it('does not block a tenant for ever when the clock was set back', async () => {
    const clock = clockAt(START_MS);
    const ledger = memoryLedger();
    ledger.kept.push({ tenant: 'a', counted: 'calls', atMs: START_MS + 86_400_000, amount: 10 });
    const quotas = quotasOf(limits({ callsPerMinute: 1 }), clock, ledger);
    await quotas.load();
    quotas.admit('a');
    clock.now -= 7 * 86_400_000;
    quotas.admit('a');
    await quotas.close();
  });
});

test('limits that change hold for the next call, over what was used before', () => {
  const clock = clockAt(START_MS);
  const quotas = createQuotas(clock);
  for (let call = 0; call < 5; call++) quotas.admit('a', limits({ callsPerMinute: 5 }));
  expect(refusal(() => quotas.admit('a', limits({ callsPerMinute: 5 }))).status).toBe(429);
  quotas.admit('a', limits({ callsPerMinute: 6 }));
  expect(refusal(() => quotas.admit('a', limits({ callsPerMinute: 2 }))).status).toBe(429);
  expect(quotas.standing('a', limits({ callsPerMinute: 9 })).limits['callsPerMinute']).toMatchObject({
    allowed: 9,
    used: 6,
    availableInSeconds: 0,
  });
});
