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
  /** Rows returned; what is over the cap is cut and the answer says so. */
  readonly maxRows: number;
}

const MINUTE_MS = 60_000;
const RESULT_BYTES = 50_000_000;
const ROWS = 100_000;

export const QUOTA_PROFILES = {
  '2020-12': {
    callsPerMinute: 10,
    requestTimeMs: 10 * MINUTE_MS,
    maxResultBytes: RESULT_BYTES,
    maxRows: ROWS,
  },
  '2021-01': {
    callsPerMinute: 15,
    requestTimeMs: 10 * MINUTE_MS,
    maxResultBytes: RESULT_BYTES,
    maxRows: ROWS,
  },
  current: { callsPerMinute: 45, requestTimeMs: 3 * MINUTE_MS, maxResultBytes: RESULT_BYTES, maxRows: ROWS },
  unlimited: {
    callsPerMinute: undefined,
    requestTimeMs: undefined,
    maxResultBytes: undefined,
    maxRows: ROWS,
  },
} as const satisfies Readonly<Record<string, QuotaProfile>>;

export type QuotaProfileName = keyof typeof QUOTA_PROFILES;
