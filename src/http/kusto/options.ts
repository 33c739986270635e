import { parseInstant, type TickInterval } from '../iso-interval.ts';
import type { JsonObject } from '../request-body.ts';
import { ownMember } from '../request-body.ts';
import { badRequest } from './bad-request.ts';

/**
 * The request properties that are honoured; others are ignored, as the service does with names it does not know.
 * Source: https://learn.microsoft.com/kusto/api/rest/request-properties
 */
export interface KustoOptions {
  /** Undefined: as long as the server allows. */
  readonly timeoutMs: number | undefined;
  /** More records than this are an error; undefined lifts the limit. */
  readonly maxRecords: number | undefined;
  /** The same for bytes. */
  readonly maxBytes: number | undefined;
  /** More records than this are cut silently. */
  readonly takeRecords: number | undefined;
  readonly nowTicks: bigint | undefined;
  readonly interval: TickInterval | undefined;
  readonly fragmented: boolean;
  readonly progressive: boolean;
  readonly errorsAtEndOfTable: boolean;
  readonly hidesPartialFailures: boolean;
}

const DEFAULT_MAX_RECORDS = 500_000;
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const LONGEST_TIMEOUT_MS = 3_600_000;
const EARLIEST_TICKS = -621_355_968_000_000_000n;
const LATEST_TICKS = 2_534_023_007_999_999_999n;

/** Throws `BadRequest` (400) where a property that is honoured has no sense. */
export function readOptions(options: JsonObject): KustoOptions {
  const noTruncation = flag(options, 'notruncation');
  const progressive = flag(options, 'results_progressive_enabled');
  const language = ownMember(options, 'query_language') ?? 'kql';
  if (language !== 'csl' && language !== 'kql') throw badRequest('`query_language` is not `kql`');
  return {
    timeoutMs: flag(options, 'norequesttimeout') ? LONGEST_TIMEOUT_MS : timeout(options, 'servertimeout'),
    maxRecords: noTruncation ? undefined : (amount(options, 'truncationmaxrecords') ?? DEFAULT_MAX_RECORDS),
    maxBytes: noTruncation ? undefined : (amount(options, 'truncationmaxsize') ?? DEFAULT_MAX_BYTES),
    takeRecords: amount(options, 'query_take_max_records'),
    nowTicks: instant(options, 'query_now'),
    interval: datetimeScope(options),
    fragmented: progressive || flag(options, 'results_v2_fragment_primary_tables'),
    progressive,
    errorsAtEndOfTable: ownMember(options, 'results_error_reporting_placement') === 'end_of_table',
    hidesPartialFailures: flag(options, 'deferpartialqueryfailures'),
  };
}

function flag(options: JsonObject, name: string): boolean {
  const value = ownMember(options, name) ?? false;
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'True' || value === 1 || value === '1') return true;
  if (value === 'false' || value === 'False' || value === 0 || value === '0') return false;
  throw badRequest(`\`${name}\` is not true or false`);
}

function amount(options: JsonObject, name: string): number | undefined {
  const value = ownMember(options, name) ?? undefined;
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 1) {
    throw badRequest(`\`${name}\` is not a whole number above 0`);
  }
  return number;
}

const CLOCK = /^(?:(\d{1,4})\.)?(\d{1,4}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,7}))?$/;
const SHORT = /^(\d{1,9}(?:\.\d{1,7})?) ?(ms|s|m|h|d)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3 };

/** `[d.]hh:mm:ss[.fffffff]`, or a number and its unit. At most an hour, as the service allows. */
function timeout(options: JsonObject, name: string): number | undefined {
  const value = ownMember(options, name) ?? undefined;
  if (value === undefined || value === '') return undefined;
  const ms = typeof value === 'string' ? spanMs(value.trim()) : undefined;
  if (ms === undefined || ms <= 0) throw badRequest(`\`${name}\` is not a timespan above 0`);
  return Math.min(ms, LONGEST_TIMEOUT_MS);
}

function spanMs(text: string): number | undefined {
  const clock = CLOCK.exec(text);
  if (clock !== null) {
    const [, days = '0', hours, minutes, seconds, fraction = ''] = clock;
    const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
    return Math.ceil(whole * 1000 + Number(`0.${fraction}0`) * 1000);
  }
  const short = SHORT.exec(text);
  return short === null ? undefined : Math.ceil(Number(short[1]) * (UNIT_MS[short[2] ?? ''] ?? 0));
}

function instant(options: JsonObject, name: string): bigint | undefined {
  const value = ownMember(options, name) ?? undefined;
  if (value === undefined) return undefined;
  const text = typeof value === 'string' ? value : '';
  const ticks = parseInstant(/^datetime\(\s*["']?([^"')]*)["']?\s*\)$/.exec(text.trim())?.[1] ?? text);
  if (ticks === undefined) throw badRequest(`\`${name}\` is not a datetime`);
  return ticks;
}

/** Hunting tables have one time column, and it is called Timestamp. */
function datetimeScope(options: JsonObject): TickInterval | undefined {
  const fromTicks = instant(options, 'query_datetimescope_from');
  const toTicks = instant(options, 'query_datetimescope_to');
  const column = ownMember(options, 'query_datetimescope_column') ?? 'Timestamp';
  if (fromTicks === undefined && toTicks === undefined) return undefined;
  if (column !== 'Timestamp') throw badRequest('`query_datetimescope_column` is not `Timestamp`');
  return { fromTicks: fromTicks ?? EARLIEST_TICKS, toTicks: toTicks ?? LATEST_TICKS };
}
