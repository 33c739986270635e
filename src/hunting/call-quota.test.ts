import { describe, expect, it } from 'vitest';
import { RequestError } from '../model/request-error.ts';
import { createCallQuota } from './call-quota.ts';

function refusal(call: () => void): RequestError {
  try {
    call();
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
  throw new Error('the call was not refused');
}

describe('call quota', () => {
  it('refuses the call over the limit, says when to come back, and lets it in then', () => {
    let nowMs = 1_000_000;
    const quota = createCallQuota(3, { nowMs: () => nowMs });
    for (let i = 0; i < 3; i++) {
      quota.take('a');
      nowMs += 1000;
    }
    const error = refusal(() => quota.take('a'));
    expect(error.code).toBe('TooManyRequests');
    expect(error.status).toBe(429);
    expect(error.retryAfterSeconds).toBe(57);
    quota.take('b');
    nowMs += 57_000;
    quota.take('a');
    expect(refusal(() => quota.take('a')).retryAfterSeconds).toBe(1);
  });

  it('lets everything in without a limit', () => {
    const quota = createCallQuota(undefined, { nowMs: () => 0 });
    for (let i = 0; i < 1000; i++) quota.take('a');
  });
});
