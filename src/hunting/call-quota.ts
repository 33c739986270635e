import type { Clock } from '../model/clock.ts';
import { RequestError } from '../model/request-error.ts';

const WINDOW_MS = 60_000;

export interface CallQuota {
  /** Counts one call of the tenant. Throws `TooManyRequests` (429); a refused call is not counted. */
  take(tenant: string): void;
}

/**
 * Calls of each tenant in the last 60 seconds, held in memory.
 * The text names the limit and the time of its reset, as the documents of all years ask between them.
 */
export function createCallQuota(callsPerMinute: number | undefined, clock: Clock): CallQuota {
  const callsByTenant = new Map<string, number[]>();
  return {
    take(tenant) {
      if (callsPerMinute === undefined) return;
      const now = clock.nowMs();
      const recent = (callsByTenant.get(tenant) ?? []).filter((at) => at > now - WINDOW_MS);
      callsByTenant.set(tenant, recent);
      const blocking = recent[recent.length - callsPerMinute];
      if (blocking !== undefined) {
        const seconds = Math.max(1, Math.ceil((blocking + WINDOW_MS - now) / 1000));
        throw new RequestError(
          'TooManyRequests',
          429,
          `API calls quota exceeded! Maximum allowed ${callsPerMinute} per 00:01:00. ` +
            `You can send requests again in ${seconds} seconds.`,
          { retryAfterSeconds: seconds },
        );
      }
      recent.push(now);
    },
  };
}
