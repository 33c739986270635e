/**
 * The text forms of datetimes and timespans, read at compile time. `parse-time.ts` reads the same forms in the engine,
 * by the same patterns, so a constant and a column holding its text agree.
 * https://learn.microsoft.com/kusto/query/scalar-data-types/datetime and .../timespan
 */

const MONTH = '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*';
/** 0001 to 9999. */
export const YEAR4 = '(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])';
const YEAR = `(${YEAR4}|[0-9]{2})`;
const CLOCK = '([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:[.]([0-9]+))?)?(?:\\s*([ap])m)?';
const ZONE = '(?:z|utc|gmt|([+-](?:0?[0-9]|1[0-4])):?([0-5][0-9])?)';
const DATE = [
  `(${YEAR4})\\s*[-/.,]\\s*([0-9]{1,2})\\s*[-/.,]\\s*([0-9]{1,2})`,
  `([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]${YEAR}`,
  `([0-9]{1,2})[\\s-]+${MONTH}[\\s,.-]+${YEAR}`,
  `${MONTH}[.]?[\\s-]+([0-9]{1,2})(?:,\\s*|\\s+)${YEAR}`,
].join('|');

/**
 * Matches trimmed text in lower case. Groups: 1-3 year, month, day of `2022-12-02`; 4-6 first, second, year of
 * `12/02/2022` (month first, unless that is above 12); 7-9 day, month name, year of `2 Dec 22`; 10-12 month name, day,
 * year of `Dec 2, 2022`; 13-17 hour, minute, second, fraction, `a` or `p`; 18-19 hours and minutes of the offset.
 */
export const DATETIME_FORM = `^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\\s+)?(?:${DATE})(?:[\\st,]+${CLOCK})?\\s*${ZONE}?$`;

/** A leading clock, `10:00 14 jun 2025`: groups are the clock and the rest. */
export const CLOCK_FIRST = `^((?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]+)?)?(?:\\s*[ap]m)?),?\\s+(.+)$`;

export const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';

/** Groups: sign, days, hours, minutes, seconds, fraction. */
export const TIMESPAN_FORM =
  '^(-)?(?:([0-9]{1,8})[.])?([01]?[0-9]|2[0-3]):([0-5]?[0-9])(?::([0-5]?[0-9])(?:[.]([0-9]{1,7}))?)?$';

/** Groups: signed number, unit; without a unit the number counts days. */
export const TIMESPAN_UNIT_FORM =
  '^(-?[0-9]{1,18}(?:[.][0-9]{1,18})?)\\s*(d|days?|h|hrs?|hours?|m|min|minutes?|s|sec|seconds?|ms|millis?|milliseconds?|micros?|microseconds?|nanos?|nanoseconds?|ticks?|)$';

/** 100 ns ticks of each unit name of a timespan literal. */
export const UNIT_TICKS: Readonly<Record<string, number>> = {
  '': 864e9,
  ...names(864e9, 'd day days'),
  ...names(36e9, 'h hr hrs hour hours'),
  ...names(6e8, 'm min minute minutes'),
  ...names(1e7, 's sec second seconds'),
  ...names(1e4, 'ms milli millis millisecond milliseconds'),
  ...names(10, 'micro micros microsecond microseconds'),
  ...names(0.01, 'nano nanos nanosecond nanoseconds'),
  ...names(1, 'tick ticks'),
};

/** First and last instant of a datetime, in ticks since 1970: 0001-01-01 and 9999-12-31T23:59:59.9999999. */
export const FIRST_TICKS = -621_355_968_000_000_000n;
export const LAST_TICKS = 2_534_023_007_999_999_999n;

const MAX_TICKS = 2n ** 63n - 1n;

/**
 * 100 ns ticks since 1970 in UTC, or null where the text is no datetime. Text without a zone is UTC. With `nowTicks`, a
 * clock alone (`8:00:00 AM`) is a time of that day, as in .NET.
 */
export function datetimeTicks(text: string, nowTicks?: bigint): bigint | null {
  const trimmed = text.trim().toLowerCase();
  if (nowTicks !== undefined && new RegExp(`^${CLOCK}$`).test(trimmed)) {
    const sinceMidnight = datetimeTicks(`1970-01-01 ${trimmed}`);
    const dayTicks = 864_000_000_000n;
    return sinceMidnight === null
      ? null
      : nowTicks - (((nowTicks % dayTicks) + dayTicks) % dayTicks) + sinceMidnight;
  }
  const clockFirst = new RegExp(CLOCK_FIRST).exec(trimmed);
  const g = new RegExp(DATETIME_FORM).exec(clockFirst ? `${clockFirst[2]} ${clockFirst[1]}` : trimmed);
  if (g === null) return null;
  const part = (index: number) => Number(g[index] ?? 0);
  const written = g[1] ?? g[6] ?? g[9] ?? g[12] ?? '';
  const year =
    written.length === 2 ? Number(written) + (Number(written) < 50 ? 2000 : 1900) : Number(written);
  const dayFirst = part(4) > 12;
  const monthName = g[8] ?? g[10];
  const month =
    monthName !== undefined ? MONTHS.indexOf(monthName) / 3 + 1 : part(2) || part(dayFirst ? 5 : 4);
  const day = part(3) || part(7) || part(11) || part(dayFirst ? 4 : 5);
  const hour = g[17] === undefined ? part(13) : (part(13) % 12) + (g[17] === 'p' ? 12 : 0);
  const days = daysSince1970(year, month, day);
  if (days === null || (g[17] !== undefined && (part(13) < 1 || part(13) > 12))) return null;
  const seconds = BigInt(days) * 86_400n + BigInt(hour * 3600 + part(14) * 60 + part(15));
  const offsetMinutes = part(18) * 60 + ((g[18] ?? '').startsWith('-') ? -part(19) : part(19));
  const fraction = BigInt((g[16] ?? '').slice(0, 7).padEnd(7, '0'));
  const ticks = (seconds - BigInt(offsetMinutes * 60)) * 10_000_000n + fraction;
  return ticks >= FIRST_TICKS && ticks <= LAST_TICKS ? ticks : null;
}

/** 100 ns ticks, or null where the text is no timespan. */
export function timespanTicks(text: string): bigint | null {
  const trimmed = text.trim().toLowerCase();
  const unit = new RegExp(TIMESPAN_UNIT_FORM).exec(trimmed);
  if (unit !== null) return unitTicks(unit[1] ?? '', UNIT_TICKS[unit[2] ?? ''] ?? 0);
  const g = new RegExp(TIMESPAN_FORM).exec(trimmed);
  if (g === null) return null;
  const part = (index: number) => BigInt(g[index] ?? 0);
  const seconds = part(2) * 86_400n + part(3) * 3600n + part(4) * 60n + part(5);
  const ticks = seconds * 10_000_000n + BigInt((g[6] ?? '').padEnd(7, '0'));
  if (ticks > MAX_TICKS) return null;
  return g[1] === undefined ? ticks : -ticks;
}

function unitTicks(number: string, ticksPerUnit: number): bigint | null {
  const ticks =
    /^-?[0-9]+$/.test(number) && ticksPerUnit >= 1
      ? BigInt(number) * BigInt(ticksPerUnit)
      : BigInt(Math.trunc(Math.round(Number(number) * ticksPerUnit * 1000) / 1000));
  return ticks > MAX_TICKS || ticks < -MAX_TICKS ? null : ticks;
}

/** Days since 1970-01-01, or null where the calendar has no such day. */
function daysSince1970(year: number, month: number, day: number): number | null {
  if (year < 1 || month < 1 || month > 12 || day < 1) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return date.getTime() / 86_400_000;
}

function names(ticks: number, list: string): Record<string, number> {
  return Object.fromEntries(list.split(' ').map((name) => [name, ticks]));
}
