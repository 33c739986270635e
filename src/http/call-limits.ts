import { slidingWindow, type UsageWindow } from '../hunting/quota-window.ts';
import type { Caller } from '../model/caller.ts';
import type { Clock } from '../model/clock.ts';
import { RequestError } from '../model/request-error.ts';

interface CallLimit {
  readonly perMinute: number;
  readonly perHour: number | undefined;
}

/**
 * DATA: how often an application may make each call in a tenant.
 * Sources: https://learn.microsoft.com/defender-endpoint/api/get-alerts, get-alert-info-by-id, update-alert,
 * batch-update-alerts, create-alert-by-reference; https://learn.microsoft.com/defender-xdr/api-list-incidents,
 * api-get-incident, api-update-incidents
 */
const CALL_LIMITS = {
  listAlerts: { perMinute: 100, perHour: 1500 },
  getAlert: { perMinute: 100, perHour: 1500 },
  updateAlert: { perMinute: 100, perHour: 1500 },
  updateAlerts: { perMinute: 10, perHour: 500 },
  createAlertByReference: { perMinute: 15, perHour: undefined },
  listIncidents: { perMinute: 50, perHour: 1500 },
  getIncident: { perMinute: 50, perHour: 1500 },
  updateIncident: { perMinute: 50, perHour: 1500 },
} as const satisfies Readonly<Record<string, CallLimit>>;

export type LimitedCall = keyof typeof CALL_LIMITS;

/** Counts a call. Throws `TooManyRequests` (429), which is not counted. */
export type AdmitCall = (caller: Caller, call: LimitedCall) => void;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

interface Counter {
  readonly span: string;
  readonly allowed: number;
  readonly window: UsageWindow;
}

/** Counters are in memory: a restart forgets them. */
export function createCallLimits(clock: Clock): AdmitCall {
  const counters = new Map<string, readonly Counter[]>();
  return (caller, call) => {
    const key = JSON.stringify([caller.tenant, caller.app, call]);
    const own = counters.get(key) ?? countersOf(CALL_LIMITS[call]);
    counters.set(key, own);
    const nowMs = clock.nowMs();
    for (const { span, allowed, window } of own) {
      const waitMs = window.freeInMs(nowMs, allowed);
      if (waitMs > 0) throw refusal(span, allowed, waitMs);
    }
    for (const { window } of own) window.add({ atMs: nowMs, amount: 1 });
  };
}

function countersOf({ perMinute, perHour }: CallLimit): readonly Counter[] {
  const minute = { span: '00:01:00', allowed: perMinute, window: slidingWindow(MINUTE_MS) };
  if (perHour === undefined) return [minute];
  return [minute, { span: '01:00:00', allowed: perHour, window: slidingWindow(HOUR_MS) }];
}

function refusal(span: string, allowed: number, waitMs: number): RequestError {
  const seconds = Math.ceil(waitMs / 1000);
  return new RequestError(
    'TooManyRequests',
    429,
    `API calls quota exceeded! Maximum allowed ${allowed} per ${span}. ` +
      `You can send requests again in ${seconds} seconds.`,
    { retryAfterSeconds: seconds },
  );
}
