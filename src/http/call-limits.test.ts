import { describe, expect, it } from 'vitest';
import type { Caller } from '../model/caller.ts';
import { RequestError } from '../model/request-error.ts';
import { createCallLimits, type LimitedCall } from './call-limits.ts';

const CALLER: Caller = {
  tenant: 't',
  app: 'a',
  user: undefined,
  roles: ['Alert.Read.All'],
  scopes: [],
  audience: '',
};

function limits() {
  let nowMs = Date.UTC(2024, 0, 1);
  const admit = createCallLimits({ nowMs: () => nowMs });
  const call = (name: LimitedCall, caller = CALLER): number | undefined => {
    try {
      admit(caller, name);
      return undefined;
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== 'TooManyRequests') throw error;
      return error.retryAfterSeconds;
    }
  };
  return {
    call,
    /** How many are let in, of so many. */
    letIn: (name: LimitedCall, times: number) =>
      Array.from({ length: times }, () => call(name)).filter((wait) => wait === undefined).length,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('limits of the alert APIs', () => {
  it('hold for a minute, for each call, application and tenant by itself', () => {
    const { call, letIn, pass } = limits();
    expect(letIn('updateAlerts', 12)).toBe(10);
    expect(call('getAlert')).toBeUndefined();
    expect(call('updateAlerts', { ...CALLER, app: 'b' })).toBeUndefined();
    expect(call('updateAlerts', { ...CALLER, tenant: 'u' })).toBeUndefined();
    pass(20_000);
    expect(call('updateAlerts')).toBe(40);
    pass(40_001);
    expect(letIn('updateAlerts', 12)).toBe(10);
  });

  it('hold for an hour', () => {
    const { call, letIn, pass } = limits();
    let all = 0;
    for (let minute = 0; minute < 59; minute++) {
      all += letIn('updateAlerts', 10);
      pass(60_001);
    }
    expect(all).toBe(500);
    expect(call('updateAlerts')).toBeGreaterThan(0);
  });
});
