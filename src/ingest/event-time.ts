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
  return parsePlain(text) ?? parseAny(text);
}

/** The usual spelling, `2020-08-30T06:38:35.766Z` with 3 digits and `T` and `Z` or neither, without a regex. */
function parsePlain(text: string): EventTime | undefined {
  const iso = text.length === 24 && text.charCodeAt(10) === 84 && text.charCodeAt(23) === 90;
  if (!iso && !(text.length === 23 && text.charCodeAt(10) === 32)) return undefined;
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined;
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58 || text.charCodeAt(19) !== 46)
    return undefined;
  const year = two(text, 0) * 100 + two(text, 2);
  const month = two(text, 5);
  const day = two(text, 8);
  const hour = two(text, 11);
  const minute = two(text, 14);
  const second = two(text, 17);
  const millisecond = two(text, 20) * 10 + two(text, 22, 1);
  // Anything unusual, NaN too, is left to the careful way.
  if (!(year >= 1000 && month >= 1 && month <= 12 && day >= 1 && day <= 28)) return undefined;
  if (!(hour < 24 && minute < 60 && second < 60 && millisecond < 1000)) return undefined;
  return { ms: Date.UTC(year, month - 1, day, hour, minute, second, millisecond), ticks: 0 };
}

/** `digits` (1 or 2) digits as a number; NaN where there are others. */
function two(text: string, at: number, digits = 2): number {
  const high = text.charCodeAt(at) - 48;
  if (high < 0 || high > 9) return Number.NaN;
  if (digits === 1) return high;
  const low = text.charCodeAt(at + 1) - 48;
  return low < 0 || low > 9 ? Number.NaN : high * 10 + low;
}

function parseAny(text: string): EventTime | undefined {
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
  const ms = time.ms + shiftMs;
  const day = Math.floor(ms / DAY_MS);
  if (day !== printedDay.day) {
    printedDay = { day, text: new Date(day * DAY_MS).toISOString().slice(0, 11).replace('T', ' ') };
  }
  const rest = ms - day * DAY_MS;
  const seconds = Math.floor(rest / 1000);
  const fraction = String((rest - seconds * 1000) * 10_000 + time.ticks).padStart(7, '0');
  const minutes = Math.floor(seconds / 60);
  return `${printedDay.text}${PAIRS[Math.floor(minutes / 60)]}:${PAIRS[minutes % 60]}:${PAIRS[seconds % 60]}.${fraction}`;
}

const DAY_MS = 86_400_000;
const PAIRS = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, '0'));
/** Events of one file mostly share their day. */
let printedDay = { day: Number.NaN, text: '' };

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
