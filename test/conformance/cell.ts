import type { KqlType } from '../../src/model/kql-type.ts';
import { isExactInteger, parseExactJson } from './json-exact.ts';
import { fromLeastPoint } from './rings.ts';
import { datetimeTicks, formatTimespan, timespanTicks } from './times.ts';

export interface CellRules {
  readonly printed: boolean;
  readonly unorderedArrays: boolean;
  /** Reals agree when they do after rounding to so many digits; undefined: to 1e-9 relative. */
  readonly significantDigits: number | undefined;
  /** Closed rings of coordinates agree wherever they start. */
  readonly rings: boolean;
}

/** A number as pages print large ones. */
const GROUPED_DIGITS = /^-?\d{1,3}(,\d{3})+$/;

/**
 * True if the engine's JSON token for a cell of `type` is the expected value: JSON, or the raw text of a page
 * (`rules.printed`), where an empty cell is null or the empty string.
 */
export function sameCell(expected: unknown, token: string, type: KqlType, rules: CellRules): boolean {
  const actual: unknown = parseExactJson(token);
  if (type === 'string') return actual === (expected === null ? '' : asText(expected));
  if (type === 'dynamic') return sameDynamic(expected, actual as string, rules);
  if (actual === null)
    return expected === null || (rules.printed && (expected === '' || expected === 'null'));
  if (expected === null) return false;
  const shown = asText(expected).trim();
  const wanted = rules.printed && GROUPED_DIGITS.test(shown) ? shown.replaceAll(',', '') : shown;
  switch (type) {
    case 'bool':
      return (
        wanted.toLowerCase() === String(actual) || (rules.printed && wanted === (actual === true ? '1' : '0'))
      );
    case 'int':
    case 'long':
      return sameInteger(wanted, integerText(actual));
    case 'real':
      return sameReal(realOf(wanted), realOf(integerText(actual)), rules.significantDigits);
    case 'decimal':
      return sameDecimal(wanted, integerText(actual));
    case 'datetime':
      return sameTicks(datetimeTicks(wanted), datetimeTicks(String(actual)));
    case 'timespan':
      return sameTicks(timespanTicks(wanted), BigInt(integerText(actual)));
    case 'guid':
      return wanted.toLowerCase() === String(actual).toLowerCase();
  }
}

/** A cell as people read it: the text that a "contains" assertion looks into, and reports show. */
export function showCell(token: string, type: KqlType): string {
  const actual: unknown = parseExactJson(token);
  if (actual === null) return type === 'string' ? '' : 'null';
  if (type === 'timespan') return formatTimespan(BigInt(integerText(actual)));
  if (type === 'datetime') return String(actual).replace('T', ' ');
  return isExactInteger(actual) ? actual.digits : asText(actual);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function integerText(value: unknown): string {
  return isExactInteger(value) ? value.digits : String(value);
}

function sameInteger(expected: string, actual: string): boolean {
  return /^[+-]?\d+$/.test(expected) && /^-?\d+$/.test(actual) && BigInt(expected) === BigInt(actual);
}

function sameTicks(expected: bigint | undefined, actual: bigint | undefined): boolean {
  return expected !== undefined && expected === actual;
}

function realOf(text: string): number {
  const word = text.toLowerCase();
  if (/^[+]?(inf|infinity|∞)$/.test(word)) return Infinity;
  if (/^-(inf|infinity|∞)$/.test(word)) return -Infinity;
  // An unreadable number equals nothing, not even NaN.
  if (word === 'nan' || word === '-nan') return Number.NaN;
  const value = text === '' ? undefined : Number(text);
  if (value === undefined || Number.isNaN(value)) throw new Error(`\`${text}\` is not a number`);
  return value;
}

function sameReal(expected: number, actual: number, significantDigits?: number): boolean {
  if (Object.is(expected, actual) || expected === actual) return true;
  if (!Number.isFinite(expected) || !Number.isFinite(actual)) return false;
  if (significantDigits !== undefined) {
    return expected.toPrecision(significantDigits) === actual.toPrecision(significantDigits);
  }
  return Math.abs(expected - actual) <= 1e-9 * Math.max(Math.abs(expected), Math.abs(actual));
}

function sameDecimal(expected: string, actual: string): boolean {
  const plain = (text: string) =>
    text
      .replace(/^\+/, '')
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '');
  return plain(expected) === plain(actual) || sameReal(realOf(expected), realOf(actual));
}

function sameDynamic(expected: unknown, actualText: string, rules: CellRules): boolean {
  const actual: unknown = actualText === '' ? null : parseExactJson(actualText);
  if (!rules.printed || typeof expected !== 'string') return sameJson(expected, actual, rules);
  if (expected === '') return actual === null || actual === '';
  // A page shows a dynamic as JSON, and a dynamic string with or without its quotes.
  if (typeof actual === 'string' && sameJson(expected, actual, rules)) return true;
  return readPrinted(expected).some((value) => sameJson(value, actual, rules));
}

/** A printed dynamic: JSON, or its literal with single quotes; empty if it is neither. */
function readPrinted(text: string): readonly unknown[] {
  for (const json of [text, text.replaceAll("'", '"')]) {
    try {
      return [parseExactJson(json)];
    } catch {
      // The next way of reading it.
    }
  }
  return [];
}

/** Within a point and a ring every place has a meaning. */
const ORDERED: CellRules = {
  printed: false,
  unorderedArrays: false,
  significantDigits: undefined,
  rings: false,
};

function sameJson(expected: unknown, actual: unknown, rules: CellRules): boolean {
  if (isExactInteger(actual)) {
    if (typeof expected === 'number')
      return sameReal(expected, Number(actual.digits), rules.significantDigits);
    return integerText(expected) === actual.digits;
  }
  if (isExactInteger(expected)) return false;
  if (typeof expected === 'number')
    return typeof actual === 'number' && sameReal(expected, actual, rules.significantDigits);
  if (typeof expected === 'string') return typeof actual === 'string' && sameJsonText(expected, actual);
  if (expected === null || typeof expected !== 'object') return expected === actual;
  if (actual === null || typeof actual !== 'object' || Array.isArray(expected) !== Array.isArray(actual))
    return false;
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) return false;
    const [ring, other] = rules.rings ? [fromLeastPoint(expected), fromLeastPoint(actual)] : [];
    if (ring !== undefined && other !== undefined)
      return ring.every((point, i) => sameJson(point, other[i], ORDERED));
    if (!rules.unorderedArrays) return expected.every((item, i) => sameJson(item, actual[i], rules));
    return matchesInSomeOrder(expected, actual, (left, right) => sameJson(left, right, rules));
  }
  const [left, right] = [expected, actual] as [Record<string, unknown>, Record<string, unknown>];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key], rules))
  );
}

/** Times inside a dynamic are strings; their digits after the point are not part of the value. */
function sameJsonText(expected: string, actual: string): boolean {
  if (expected === actual) return true;
  const [left, right] = [datetimeTicks(expected), datetimeTicks(actual)];
  if (left !== undefined || right !== undefined) return left === right;
  const [span, other] = [timespanTicks(expected), timespanTicks(actual)];
  return span !== undefined && span === other;
}

/** True if each item of one list can be paired with an item of the other. Equality must be an equivalence. */
export function matchesInSomeOrder<Left, Right>(
  left: readonly Left[],
  right: readonly Right[],
  same: (left: Left, right: Right) => boolean,
): boolean {
  if (left.length !== right.length) return false;
  const free = [...right];
  return left.every((item) => {
    const found = free.findIndex((candidate) => same(item, candidate));
    if (found >= 0) free.splice(found, 1);
    return found >= 0;
  });
}
