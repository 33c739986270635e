import { RequestError } from '../model/request-error.ts';
import { type TickText, tickText, tickTextOf } from '../model/ticks.ts';
import { parseDuration, parseInstant, parseInterval } from './iso-interval.ts';

/** How the bounds of the SIEM pull are meant: `exclusive` since and inclusive until, or the other way round. */
export type SiemBounds = 'since-exclusive' | 'since-inclusive';

export interface SiemQuery {
  readonly since: TickText;
  /** Undefined: up to the newest. */
  readonly until: TickText | undefined;
  readonly limit: number | undefined;
  readonly machineGroups: readonly string[];
  readonly deviceTag: string | undefined;
  readonly cloudTag: string | undefined;
}

const DEFAULT_AGO_MS = 2 * 3_600_000;
const NAMES: readonly string[] = [
  'sincetimeutc',
  'untiltimeutc',
  'ago',
  'limit',
  'machinegroups',
  'devicecreatedmachinetags',
  'cloudcreatedmachinetags',
];

/**
 * The parameters of the SIEM pull, their names in any case; others are passed over, as the service does. Throws
 * `InvalidInput` (400). Source: https://learn.microsoft.com/defender-endpoint/api/pull-alerts-using-rest-api
 */
export function readSiemQuery(query: unknown, nowMs: number): SiemQuery {
  const values = valuesByName(query);
  const one = (name: string): string | undefined => {
    const [first, second] = values.get(name) ?? [];
    if (second !== undefined) throw invalid(`\`${name}\` is repeated`);
    return first;
  };
  const since = instantOf('sinceTimeUtc', one('sincetimeutc'));
  const until = instantOf('untilTimeUtc', one('untiltimeutc'));
  const ago = one('ago');
  if (ago !== undefined && (since !== undefined || until !== undefined)) {
    throw invalid('`ago` stands alone, without `sinceTimeUtc` and `untilTimeUtc`');
  }
  return {
    since: since ?? (ago === undefined ? tickText(nowMs - DEFAULT_AGO_MS) : agoOf(ago, nowMs)),
    until,
    limit: limitOf(one('limit')),
    machineGroups: values.get('machinegroups') ?? [],
    deviceTag: one('devicecreatedmachinetags'),
    cloudTag: one('cloudcreatedmachinetags'),
  };
}

/** An empty value counts as none. */
function valuesByName(query: unknown): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const [rawName, raw] of Object.entries(query as Record<string, string | readonly string[]>)) {
    const name = rawName.toLowerCase();
    if (!NAMES.includes(name)) continue;
    const given = (typeof raw === 'string' ? [raw] : raw).map((value) => value.trim());
    const filled = given.filter((value) => value !== '');
    if (filled.length > 0) values.set(name, [...(values.get(name) ?? []), ...filled]);
  }
  return values;
}

function instantOf(name: string, text: string | undefined): TickText | undefined {
  if (text === undefined) return undefined;
  // A client that does not escape its `+02:00` sends a blank; old samples put the time into quotes.
  const written = text.replace(/^"(.*)"$/, '$1').replace(/(T\d\d:\d\d\S*) (\d\d:\d\d)$/, '$1+$2');
  const ticks = parseInstant(written);
  if (ticks === undefined) throw invalid(`\`${name}\` is not a time of ISO 8601`);
  return tickTextOf(ticks);
}

function agoOf(text: string, nowMs: number): TickText {
  if (parseDuration(text) === undefined) throw invalid('`ago` is not a duration of ISO 8601');
  return tickTextOf(parseInterval(text, nowMs, 'ago').fromTicks);
}

function limitOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw invalid('`limit` is not a whole number from 0');
  return Number(text);
}

function invalid(problem: string): RequestError {
  return new RequestError('InvalidInput', 400, `Invalid input: ${problem}`);
}
