import { parseExact, printExact } from '../model/exact-json.ts';
import type { KqlType } from '../model/kql-type.ts';
import { parseTime, printTime } from './event-time.ts';

/**
 * The JSON token of a value in a column, as the engine's JSONCompactEachRow reads it. Undefined: the value does not
 * fit the type. A missing value is '' for strings and dynamics and `null` for the rest (clickhouse/types.ts).
 * `shiftMs` is added to moments.
 */
export function cell(type: KqlType, value: unknown, shiftMs: number): string | undefined {
  if (value === null || value === undefined || value === '') return EMPTY[type];
  return CELLS[type](value, shiftMs);
}

export const EMPTY: Readonly<Record<KqlType, string>> = {
  bool: 'null',
  int: 'null',
  long: 'null',
  real: 'null',
  decimal: 'null',
  string: '""',
  datetime: 'null',
  timespan: 'null',
  guid: 'null',
  dynamic: '""',
};

/** A JSON string; a lone surrogate, which UTF-8 cannot hold, becomes the replacement character. */
export function quote(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.includes('\\ud') ? JSON.stringify(text.toWellFormed()) : quoted;
}

const CELLS: Readonly<Record<KqlType, (value: unknown, shiftMs: number) => string | undefined>> = {
  string: (value) => quote(typeof value === 'string' ? value : plainText(value)),
  dynamic: (value) => quote(typeof value === 'string' ? dynamicText(value) : printExact(value)),
  long: (value) => whole(value, 63n),
  int: (value) => whole(value, 31n),
  real(value) {
    const text = plainText(value);
    if (/^(NaN|-?Infinity)$/.test(text))
      return quote(text === 'NaN' ? 'nan' : text.replace('Infinity', 'inf'));
    return NUMBER.test(text) ? text : undefined;
  },
  decimal(value) {
    const text = plainText(value);
    return /^-?\d{1,48}(\.\d{1,28})?$/.test(text) ? quote(text) : undefined;
  },
  bool(value) {
    const text = plainText(value).toLowerCase();
    return text === 'true' || text === '1' ? 'true' : text === 'false' || text === '0' ? 'false' : undefined;
  },
  datetime(value, shiftMs) {
    const time = typeof value === 'string' ? parseTime(value) : undefined;
    return time === undefined ? undefined : `"${printTime(time, shiftMs)}"`;
  },
  timespan: (value) => timespanTicks(plainText(value)),
  guid(value) {
    const match = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i.exec(plainText(value));
    return match === null ? undefined : `"${match[1]}"`;
  },
};

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

function plainText(value: unknown): string {
  return typeof value === 'object' ? printExact(value) : String(value);
}

/** A dynamic sent as text: JSON where it is JSON, else a JSON string. */
function dynamicText(text: string): string {
  if (!/^\s*[[{"\d-]/.test(text)) return /^(true|false|null)$/.test(text) ? nullAsEmpty(text) : quote(text);
  try {
    return printExact(parseExact(text));
  } catch {
    return quote(text);
  }
}

function nullAsEmpty(text: string): string {
  return text === 'null' ? '' : text;
}

function whole(value: unknown, bits: bigint): string | undefined {
  const text = typeof value === 'number' ? String(value) : plainText(value);
  const match = /^(-?\d{1,20})(?:\.0+)?$/.exec(text);
  if (match === null) return undefined;
  const digits = match[1] as string;
  if (digits.length < 10) return digits;
  const exact = BigInt(digits);
  return exact >= -(1n << bits) && exact < 1n << bits ? digits : undefined;
}

/** `[-][d.]hh:mm:ss[.fffffff]` in ticks of 100 ns. */
function timespanTicks(text: string): string | undefined {
  const match = /^(-?)(?:(\d{1,8})\.)?(\d\d?):(\d\d):(\d\d)(?:\.(\d{1,7}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, days = '0', hours, minutes, seconds, fraction = ''] = match;
  const total =
    ((BigInt(days) * 24n + BigInt(hours ?? 0)) * 60n + BigInt(minutes ?? 0)) * 60n + BigInt(seconds ?? 0);
  return `${sign}${total * 10_000_000n + BigInt(fraction.padEnd(7, '0'))}`;
}
