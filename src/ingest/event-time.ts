/**
 * A moment as it is stored: milliseconds since 1970 and the four digits behind them, so that the 100 ns of an event
 * survive without a calculation on large numbers.
 */
export interface EventTime {
  readonly ms: number;
  /** 100 ns ticks behind the millisecond, 0 to 9999. */
  readonly ticks: number;
}

const PATTERN =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?)?\s?(Z|[+-]\d\d:?\d\d)?$/i;

/** ISO 8601, with a blank for `T` and without a zone (then UTC) too. Undefined: not a moment. Digits past 7 are cut. */
export function parseTime(text: string): EventTime | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)];
  const fraction = (match[7] ?? '').padEnd(7, '0');
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || year < 1) return undefined;
  let ms = Date.UTC(year, month - 1, day, hour, minute, second, Number(fraction.slice(0, 3)));
  if (year < 100) ms = new Date(ms).setUTCFullYear(year);
  const zone = match[8];
  if (zone !== undefined && zone.length > 1) {
    const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
    ms -= (zone.startsWith('-') ? -minutes : minutes) * 60_000;
  }
  return { ms, ticks: Number(fraction.slice(3, 7)) };
}

/** `2020-08-30 06:38:35.7664356`, as the engine reads it; years 0001 to 9999. */
export function printTime(time: EventTime, shiftMs: number): string {
  const iso = new Date(time.ms + shiftMs).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}${String(time.ticks).padStart(4, '0')}`;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
