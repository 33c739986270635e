/** A moment as text of fixed width, `2020-09-30T14:11:44.0779765Z`: the order as text is the order in time. */
export type TickText = string;

export function tickText(ms: number, ticks = 0): TickText {
  return new Date(ms).toISOString().replace('Z', `${String(ticks).padStart(4, '0')}Z`);
}

/** The milliseconds of a tick text; what is finer is cut. */
export function msOfTicks(text: TickText): number {
  return Date.parse(`${text.slice(0, 23)}Z`);
}

/**
 * A moment behind both the last one given and the current millisecond: whoever read in this millisecond with `until` set
 * to it has not missed what is given this moment.
 */
export function processedAfter(last: TickText, nowMs: number): TickText {
  const next = tickText(nowMs + 1);
  if (next > last) return next;
  const ms = msOfTicks(last);
  const ticks = Number(last.slice(23, 27)) + 1;
  return ticks > 9999 ? tickText(ms + 1) : tickText(ms, ticks);
}

const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Of 100 ns ticks since 1970; moments outside the years 1 to 9999 become the nearest inside. */
export function tickTextOf(ticks: bigint): TickText {
  const rest = ((ticks % 10_000n) + 10_000n) % 10_000n;
  const ms = Number((ticks - rest) / 10_000n);
  if (ms < FIRST_MS) return tickText(FIRST_MS);
  return ms > LAST_MS ? tickText(LAST_MS, 9999) : tickText(ms, Number(rest));
}
