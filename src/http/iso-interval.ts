import { RequestError } from '../model/request-error.ts';

/** Ticks of 100 ns since 1970-01-01T00:00:00Z, both ends included. */
export interface TickInterval {
  readonly fromTicks: bigint;
  readonly toTicks: bigint;
}

const TICKS_PER_SECOND = 10_000_000n;
const TICKS_PER_MS = 10_000n;

/**
 * An interval of ISO 8601: `start/end`, `duration/end`, `start/duration`, `duration` (up to now) or `start` (up to
 * now). A time without a zone is UTC. Throws `InvalidInput` (400).
 * Source: https://learn.microsoft.com/graph/api/security-security-runhuntingquery (parameter `timespan`)
 */
export function parseInterval(text: string, nowMs: number, name: string): TickInterval {
  const nowTicks = BigInt(Math.trunc(nowMs)) * TICKS_PER_MS;
  const parts = text.trim().split('/');
  const [first = '', second] = parts;
  const start = parseInstant(first);
  const length = parseDuration(first);
  if (second === undefined) {
    if (start !== undefined) return checked(start, nowTicks, name);
    if (length !== undefined) return checked(shifted(nowTicks, length, -1), nowTicks, name);
    throw invalid(name);
  }
  const end = parseInstant(second);
  const ahead = parseDuration(second);
  if (parts.length > 2) throw invalid(name);
  if (start !== undefined && end !== undefined) return checked(start, end, name);
  if (length !== undefined && end !== undefined) return checked(shifted(end, length, -1), end, name);
  if (start !== undefined && ahead !== undefined) return checked(start, shifted(start, ahead, 1), name);
  throw invalid(name);
}

function checked(fromTicks: bigint, toTicks: bigint, name: string): TickInterval {
  if (fromTicks > toTicks) throw invalid(name);
  return { fromTicks, toTicks };
}

function invalid(name: string): RequestError {
  return new RequestError('InvalidInput', 400, `Invalid input: \`${name}\` is not an ISO 8601 interval`);
}

const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,7})\d*)?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

/** Ticks of a date, or of a date and time; undefined for any other text. */
export function parseInstant(text: string): bigint | undefined {
  const match = INSTANT.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const ms = Date.parse(`${written}${normalZone(zone)}`);
  // 30 February and its like are moved on by the parser: what it read must say the same.
  const asUtc = Date.parse(`${written}Z`);
  if (Number.isNaN(ms) || new Date(asUtc).toISOString().slice(0, 19) !== written) return undefined;
  return BigInt(ms) * TICKS_PER_MS + BigInt(fraction.padEnd(7, '0'));
}

function normalZone(zone: string): string {
  return /^z$/i.test(zone) ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
}

interface Duration {
  readonly months: number;
  readonly ticks: bigint;
}

const DURATION =
  /^P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,6})W)?(?:(\d{1,7})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12})(?:[.,](\d{1,7}))?S)?)?$/i;

/** A duration of ISO 8601; undefined for any other text. */
export function parseDuration(text: string): Duration | undefined {
  const match = DURATION.exec(text.trim());
  if (match === null) return undefined;
  const [, years, months, weeks, days, hours, minutes, seconds, fraction = ''] = match;
  const whole = (part: string | undefined) => BigInt(part ?? 0);
  const allDays = whole(weeks) * 7n + whole(days);
  const allSeconds = ((allDays * 24n + whole(hours)) * 60n + whole(minutes)) * 60n + whole(seconds);
  return {
    months: Number(years ?? 0) * 12 + Number(months ?? 0),
    ticks: allSeconds * TICKS_PER_SECOND + BigInt(fraction.padEnd(7, '0')),
  };
}

const EARLIEST = -621_355_968_000_000_000n;
const LATEST = 2_534_023_007_999_999_999n;

function shifted(ticks: bigint, { months, ticks: length }: Duration, sign: 1 | -1): bigint {
  const date = new Date(Number(ticks / TICKS_PER_MS));
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + sign * months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  const moved = Number.isNaN(date.getTime())
    ? sign < 0
      ? EARLIEST
      : LATEST
    : BigInt(date.getTime()) * TICKS_PER_MS + (ticks % TICKS_PER_MS) + BigInt(sign) * length;
  return moved < EARLIEST ? EARLIEST : moved > LATEST ? LATEST : moved;
}
