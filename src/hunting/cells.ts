import type { KqlType } from '../model/kql-type.ts';
import { formatTimespan } from './timespan.ts';

/**
 * Turns one raw JSON token of the engine into the JSON token of the answer. Tokens are never parsed as numbers, so
 * a 64-bit integer keeps its digits.
 */
export type CellFormat = (token: string) => string;

/**
 * How each type is written in `Results`: numbers bare, datetimes with exactly seven fraction digits (clients cut the
 * text at a fixed place), timespans as `[-][d.]hh:mm:ss[.fffffff]`, dynamics as JSON values, decimals as strings.
 * A null string does not exist: it is "". Every other null is `null`.
 */
export const CELL_FORMATS: Readonly<Record<KqlType, CellFormat>> = {
  bool: asIs,
  int: asIs,
  long: asIs,
  guid: asIs,
  string: (token) => (token === 'null' ? '""' : token),
  real: (token) => NON_FINITE[token] ?? token,
  decimal: (token) => (token.startsWith('"') && token.includes('.') ? token.replace(/\.?0+"$/, '"') : token),
  datetime: formatDatetime,
  timespan: (token) => (token === 'null' ? token : `"${formatTimespan(BigInt(token))}"`),
  dynamic: embedJson,
};

const NON_FINITE: Readonly<Record<string, string>> = {
  '"nan"': '"NaN"',
  '"-nan"': '"NaN"',
  '"inf"': '"Infinity"',
  '"-inf"': '"-Infinity"',
};

function asIs(token: string): string {
  return token;
}

const FULL_DATETIME_LENGTH = '"2020-08-30T06:38:35.7664356Z"'.length;

function formatDatetime(token: string): string {
  if (token.length === FULL_DATETIME_LENGTH || token === 'null') return token;
  const match = /^"(\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z"$/.exec(token);
  if (match === null) throw new Error(`the engine wrote a datetime in an unknown form: ${token}`);
  return `"${match[1]}.${(match[2] ?? '').padEnd(7, '0').slice(0, 7)}Z"`;
}

/** The token is a JSON string that holds JSON text, or '' for null. Text that is no JSON stays a string. */
function embedJson(token: string): string {
  if (token === '""' || token === 'null') return 'null';
  const text: string = JSON.parse(token);
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}
