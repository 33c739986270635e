import type { QUOTA_PROFILE_NAMES, TenantLimits } from '../model/tenant-limits.ts';
import type { Store } from '../store/store.ts';
import { findTenantLimits } from '../store/tenant-limits.ts';

/**
 * What one tenant may ask of hunting, by the profiles of the service's own documents.
 * Sources: the advanced hunting API page of December 2020 (10 calls a minute), of January 2021 (15), and of today (at
 * least 45, three minutes a request, a share of the processing resources every 15 minutes in place of running time):
 * https://learn.microsoft.com/defender-xdr/api-advanced-hunting
 */
export interface QuotaProfile {
  /** Undefined lifts the limit; so in every member below. */
  readonly callsPerMinute: number | undefined;
  /** Running time in the engine, in the last 60 minutes. */
  readonly runningMsPerHour: number | undefined;
  /** The same in the last 24 hours. */
  readonly runningMsPerDay: number | undefined;
  /** Percent of the processors' time between two quarters of an hour. */
  readonly cpuPercent: number | undefined;
  /** From the acceptance of the request, waiting for the engine included. */
  readonly requestTimeMs: number | undefined;
  /** Bytes of the `Results` member. */
  readonly maxResultBytes: number | undefined;
}

/** The limits of one tenant on one server. */
export interface HuntLimits extends QuotaProfile {
  readonly profile: QuotaProfileName;
  /** Rows returned; what is over the cap is cut and the answer says so. */
  readonly maxRows: number;
  /** Processors that `cpuPercent` is of. */
  readonly processors: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const RESULT_BYTES = 50_000_000;

const RUNNING_TIME_2020 = {
  runningMsPerHour: 10 * MINUTE_MS,
  runningMsPerDay: 4 * HOUR_MS,
  cpuPercent: undefined,
  requestTimeMs: 10 * MINUTE_MS,
  maxResultBytes: RESULT_BYTES,
};

const QUOTA_PROFILES = {
  '2020-12': { ...RUNNING_TIME_2020, callsPerMinute: 10 },
  '2021-01': { ...RUNNING_TIME_2020, callsPerMinute: 15 },
  current: {
    callsPerMinute: 45,
    runningMsPerHour: undefined,
    runningMsPerDay: undefined,
    // The documents name no number: half of the machine leaves room for ingestion and other tenants.
    cpuPercent: 50,
    requestTimeMs: 3 * MINUTE_MS,
    maxResultBytes: RESULT_BYTES,
  },
  unlimited: {
    callsPerMinute: undefined,
    runningMsPerHour: undefined,
    runningMsPerDay: undefined,
    cpuPercent: undefined,
    requestTimeMs: undefined,
    maxResultBytes: undefined,
  },
} as const satisfies Readonly<Record<QuotaProfileName, QuotaProfile>>;

export type QuotaProfileName = (typeof QUOTA_PROFILE_NAMES)[number];

type Choice = number | 'unlimited' | undefined;

/** What the settings say: the profile, and what was set beside it; what is left out is as the profile says. */
export interface LimitSettings {
  readonly quotas: QuotaProfileName;
  readonly maxRows: number;
  readonly callsPerMinute?: Choice;
  readonly runningMsPerHour?: Choice;
  readonly runningMsPerDay?: Choice;
  readonly cpuPercent?: Choice;
  readonly requestTimeMs?: Choice;
  readonly maxResultBytes?: Choice;
}

/** @param processors Of the engine. */
export function quotaLimits(settings: LimitSettings, processors: number): HuntLimits {
  const profile: QuotaProfile = QUOTA_PROFILES[settings.quotas];
  const chosen = (name: keyof QuotaProfile) => {
    const set = settings[name];
    return set === 'unlimited' ? undefined : (set ?? profile[name]);
  };
  return {
    profile: settings.quotas,
    callsPerMinute: chosen('callsPerMinute'),
    runningMsPerHour: chosen('runningMsPerHour'),
    runningMsPerDay: chosen('runningMsPerDay'),
    cpuPercent: chosen('cpuPercent'),
    requestTimeMs: chosen('requestTimeMs'),
    maxResultBytes: chosen('maxResultBytes'),
    maxRows: settings.maxRows,
    processors,
  };
}

/** The limits that hold for a tenant now. */
export type LimitsOf = (tenant: string) => Promise<HuntLimits>;

/** The server's limits, but for tenants that have their own. A change holds for the next call. */
export function tenantLimits({ db }: Store, settings: LimitSettings, processors: number): LimitsOf {
  const common = quotaLimits(settings, processors);
  return async (tenant) => {
    const own = await findTenantLimits(db, tenant);
    return own === undefined ? common : quotaLimits(ownSettings(settings, own), processors);
  };
}

/** A profile of the tenant's own takes the place of all that the server's settings say of its quotas. */
function ownSettings(server: LimitSettings, own: TenantLimits): LimitSettings {
  const base: Partial<LimitSettings> = own.profile === undefined ? server : {};
  return {
    quotas: own.profile ?? server.quotas,
    maxRows: own.maxRows ?? server.maxRows,
    callsPerMinute: own.callsPerMinute ?? base.callsPerMinute,
    runningMsPerHour: inMs(own.runningSecondsPerHour) ?? base.runningMsPerHour,
    runningMsPerDay: inMs(own.runningSecondsPerDay) ?? base.runningMsPerDay,
    cpuPercent: own.cpuPercent ?? base.cpuPercent,
    requestTimeMs: inMs(own.requestSeconds) ?? base.requestTimeMs,
    maxResultBytes: own.maxResultBytes ?? base.maxResultBytes,
  };
}

function inMs(seconds: Choice): Choice {
  return typeof seconds === 'number' ? seconds * 1000 : seconds;
}
