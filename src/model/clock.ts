/** The time, as a value that tests can set. Milliseconds since 1970-01-01T00:00:00Z. */
export interface Clock {
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };
