/**
 * What one tenant may ask of hunting, by the profiles of the service's own documents.
 * Sources: the advanced hunting API page of December 2020 (10 calls a minute), of January 2021 (15), and of today
 * (at least 45, three minutes a request): https://learn.microsoft.com/defender-xdr/api-advanced-hunting
 */
export interface QuotaProfile {
  /** Undefined lifts the limit; so in every member below. */
  readonly callsPerMinute: number | undefined;
  /** From the acceptance of the request, waiting for the engine included. */
  readonly requestTimeMs: number | undefined;
  /** Bytes of the `Results` member. */
  readonly maxResultBytes: number | undefined;
}

/** The limits of one server. */
export interface HuntLimits extends QuotaProfile {
  /** Rows returned; what is over the cap is cut and the answer says so. */
  readonly maxRows: number;
}

const MINUTE_MS = 60_000;
const RESULT_BYTES = 50_000_000;

export const QUOTA_PROFILES = {
  '2020-12': {
    callsPerMinute: 10,
    requestTimeMs: 10 * MINUTE_MS,
    maxResultBytes: RESULT_BYTES,
  },
  '2021-01': {
    callsPerMinute: 15,
    requestTimeMs: 10 * MINUTE_MS,
    maxResultBytes: RESULT_BYTES,
  },
  current: { callsPerMinute: 45, requestTimeMs: 3 * MINUTE_MS, maxResultBytes: RESULT_BYTES },
  unlimited: {
    callsPerMinute: undefined,
    requestTimeMs: undefined,
    maxResultBytes: undefined,
  },
} as const satisfies Readonly<Record<string, QuotaProfile>>;

export type QuotaProfileName = keyof typeof QUOTA_PROFILES;

/** What the settings say: the profile, and what was set beside it. */
export interface LimitSettings {
  readonly quotas: QuotaProfileName;
  readonly maxRows: number;
  /** Undefined: as the profile says. */
  readonly maxResultBytes: number | 'unlimited' | undefined;
  readonly requestTimeMs: number | 'unlimited' | undefined;
}

export function quotaLimits(settings: LimitSettings): HuntLimits {
  const profile = QUOTA_PROFILES[settings.quotas];
  const chosen = (set: number | 'unlimited' | undefined, otherwise: number | undefined) =>
    set === 'unlimited' ? undefined : (set ?? otherwise);
  return {
    callsPerMinute: profile.callsPerMinute,
    requestTimeMs: chosen(settings.requestTimeMs, profile.requestTimeMs),
    maxResultBytes: chosen(settings.maxResultBytes, profile.maxResultBytes),
    maxRows: settings.maxRows,
  };
}
