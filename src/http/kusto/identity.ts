/** What names one request in its answer, in its errors and in the log. */
export interface RequestIdentity {
  /** The request's GUID. */
  readonly activityId: string;
  readonly clientRequestId: string;
  readonly database: string;
  /** ISO 8601 UTC, seven fraction digits. */
  readonly startedAt: string;
  readonly activity: 'query' | 'mgmt';
}

export function timeText(nowMs: number): string {
  return new Date(nowMs).toISOString().replace('Z', '0000Z');
}
