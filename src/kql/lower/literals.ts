import type { KqlType } from '../../model/kql-type.ts';
import { invalid, unsupported } from '../diagnostics.ts';
import { datetimeTicks, timespanTicks } from '../functions/time-literals.ts';
import type { Node } from '../parse/node.ts';
import { type Literal, literal } from '../plan/expression.ts';

/**
 * A literal of the query. Typed literals are read from their text: the parser's JavaScript loses digits of times, of
 * hexadecimal numbers and of not-a-number.
 * Source: https://learn.microsoft.com/kusto/query/scalar-data-types/
 */
export function lowerLiteral(node: Node, nowTicks: bigint): Literal {
  const kind = node.kind;
  if (kind === 'StringLiteralExpression' || kind === 'CompoundStringLiteralExpression') {
    return literal('string', String(node.literalValue ?? ''));
  }
  if (kind === 'DynamicExpression') return literal('dynamic', dynamicText(node.need('Expression'), nowTicks));
  const inner = innerText(node.text);
  switch (kind) {
    case 'LongLiteralExpression':
      return literal('long', integerOf(inner, 64, node));
    case 'IntLiteralExpression':
      return literal('int', integerOf(inner, 32, node));
    case 'RealLiteralExpression':
      return literal('real', realOf(inner));
    case 'DecimalLiteralExpression':
      return literal('decimal', isNull(inner) ? null : inner);
    case 'BooleanLiteralExpression':
      return literal('bool', boolOf(inner));
    case 'GuidLiteralExpression':
      return literal('guid', isNull(inner) ? null : guidOf(inner, node));
    case 'DateTimeLiteralExpression':
      return literal('datetime', datetimeOf(inner, nowTicks, node));
    case 'TimespanLiteralExpression':
      return literal('timespan', timespanOf(node.text, inner, node));
    case 'TypeOfLiteralExpression':
      return literal('string', inner.replace(/\s+/g, ''));
    case 'TokenLiteralExpression':
    case 'NullLiteralExpression':
      return kind === 'NullLiteralExpression' ? literal('dynamic', '') : literal('string', inner);
    default:
      throw unsupported(`the literal \`${node.text}\``, node);
  }
}

/** What stands in `type( ... )`, quotes removed; the text itself where there are no parentheses. */
function innerText(text: string): string {
  const match = /^[A-Za-z0-9]+\s*\(([\s\S]*)\)$/.exec(text);
  const inner = (match?.[1] ?? text).trim();
  return inner.replace(/^h?(['"])([\s\S]*)\1$/i, '$2');
}

const isNull = (text: string): boolean => /^null$/i.test(text);

function integerOf(text: string, bits: 32 | 64, node: Node): bigint | null {
  if (isNull(text)) return null;
  const match = /^([+-]?)\s*(0[xX][0-9a-fA-F]+|\d+)$/.exec(text);
  if (!match) {
    const real = Number(text);
    if (Number.isFinite(real)) return BigInt(Math.trunc(real));
    if (/^(true|false)$/i.test(text)) return /^t/i.test(text) ? 1n : 0n;
    return null;
  }
  const value = BigInt(match[2] ?? '0') * (match[1] === '-' ? -1n : 1n);
  if (BigInt.asIntN(bits, value) !== value) throw invalid(`the number \`${text}\` is out of range`, node);
  return BigInt.asIntN(bits, value);
}

function realOf(text: string): number | null {
  if (isNull(text)) return null;
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

function boolOf(text: string): boolean | null {
  if (isNull(text)) return null;
  return /^true$/i.test(text) || (/^-?\d+$/.test(text) && BigInt(text) !== 0n);
}

function guidOf(text: string, node: Node): string {
  const digits = text.replace(/[{}()-]/g, '').toLowerCase();
  const match = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})/.exec(digits);
  if (!match) throw invalid(`\`${text}\` is not a guid`, node);
  return match.slice(1, 6).join('-');
}

function datetimeOf(text: string, nowTicks: bigint, node: Node): bigint | null {
  if (isNull(text)) return null;
  if (text === '' || /^now$/i.test(text)) return nowTicks;
  const parts = /^(\d{1,4})\s*,\s*(\d{1,2})\s*,\s*(\d{1,2})$/.exec(text);
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([ap])m)?$/i.exec(text);
  if (clock) return clockToday(clock, nowTicks);
  const iso = parts
    ? `${parts[1]?.padStart(4, '0')}-${parts[2]?.padStart(2, '0')}-${parts[3]?.padStart(2, '0')}`
    : text;
  const ticks =
    datetimeTicks(iso) ?? datetimeTicks(iso.replace(/^(\d{4}) - (\d{1,2}) - (\d{1,2})/, '$1-$2-$3'));
  if (ticks === null) throw invalid(`\`${text}\` is not a datetime`, node);
  return ticks;
}

/** A time of day alone is that of the query's own day, as in .NET. */
function clockToday(clock: RegExpExecArray, nowTicks: bigint): bigint {
  const [, hours = '0', minutes = '0', seconds = '0', half] = clock;
  const late = half?.toLowerCase() === 'p' ? 12 : 0;
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + late;
  const day = 864_000_000_000n;
  const midnight = nowTicks - (((nowTicks % day) + day) % day);
  return midnight + BigInt((hour * 60 + Number(minutes)) * 60 + Number(seconds)) * 10_000_000n;
}

const UNIT_TICKS: readonly (readonly [RegExp, number])[] = [
  [/^(d|days?)$/, 864_000_000_000],
  [/^(h|hrs?|hours?)$/, 36_000_000_000],
  [/^(m|min|minutes?)$/, 600_000_000],
  [/^(s|sec|seconds?)$/, 10_000_000],
  [/^(ms|millis?|milliseconds?)$/, 10_000],
  [/^(micros?|microseconds?)$/, 10],
  [/^(nanos?|nanoseconds?)$/, 0.01],
  [/^ticks?$/, 1],
];

function timespanOf(text: string, inner: string, node: Node): bigint | null {
  if (isNull(inner)) return null;
  const match = /^([+-]?[\d.]+(?:e[+-]?\d+)?)\s*([a-z]+)$/i.exec(inner);
  if (match) {
    const unit = UNIT_TICKS.find(([pattern]) => pattern.test((match[2] ?? '').toLowerCase()));
    if (unit) return ticksOf(match[1] ?? '0', unit[1]);
  }
  if (text !== inner && /^[+-]?[\d.]+$/.test(inner) && !inner.includes(':')) {
    const dots = inner.split('.').length - 1;
    if (dots <= 1) return ticksOf(inner, 864_000_000_000);
  }
  const ticks = timespanTicks(inner);
  if (ticks === null) throw invalid(`\`${inner}\` is not a timespan`, node);
  return ticks;
}

function ticksOf(digits: string, unit: number): bigint {
  return /^[+-]?\d+$/.test(digits) && unit >= 1
    ? BigInt(digits) * BigInt(unit)
    : BigInt(Math.trunc(Number(digits) * unit));
}

/** Compact JSON text of what stands inside `dynamic( ... )`; '' for null. Typed literals become their text. */
export function dynamicText(node: Node, nowTicks: bigint): string {
  const text = jsonText(node, nowTicks);
  return text === 'null' ? '' : text;
}

function jsonText(node: Node, nowTicks: bigint): string {
  switch (node.kind) {
    case 'JsonObjectExpression':
      return `{${node
        .items('Pairs')
        .map(
          (pair) =>
            `${JSON.stringify(String(pair.need('Name').literalValue ?? unquote(pair.need('Name').text)))}:${jsonText(pair.need('Value'), nowTicks)}`,
        )
        .join(',')}}`;
    case 'JsonArrayExpression':
      return `[${node
        .items('Values')
        .filter((item) => !item.missing)
        .map((item) => jsonText(item, nowTicks))
        .join(',')}]`;
    case 'ParenthesizedExpression':
      return jsonText(node.need('Expression'), nowTicks);
    case 'UnaryMinusExpression':
      return negative(node.need('Expression'), nowTicks);
    case 'UnaryPlusExpression':
      return jsonText(node.need('Expression'), nowTicks);
    case 'NullLiteralExpression':
      return 'null';
    default:
      return jsonOfLiteral(lowerLiteral(node, nowTicks), node);
  }
}

/** The least long is the negative of a number that is none. */
function negative(node: Node, nowTicks: bigint): string {
  const text = node.text.trim();
  return text === '9223372036854775808' ? `-${text}` : `-${jsonText(node, nowTicks)}`;
}

function unquote(text: string): string {
  return text.replace(/^(['"])([\s\S]*)\1$/, '$2');
}

function jsonOfLiteral(value: Literal, node: Node): string {
  if (value.value === null || value.value === '') return value.type === 'string' ? '""' : 'null';
  return jsonOfConstant(value.type, value.value) ?? fail(node);
}

function fail(node: Node): never {
  throw unsupported(`\`${node.text}\` inside a dynamic literal`, node);
}

/** JSON text of a constant; undefined for a value that JSON cannot hold. */
function jsonOfConstant(type: KqlType, value: NonNullable<Literal['value']>): string | undefined {
  switch (type) {
    case 'dynamic':
      return String(value);
    case 'bool':
      return value ? 'true' : 'false';
    case 'int':
    case 'long':
    case 'decimal':
      return String(value);
    case 'real': {
      const number = Number(value);
      if (!Number.isFinite(number))
        return `"${Number.isNaN(number) ? 'NaN' : number > 0 ? 'Infinity' : '-Infinity'}"`;
      return Number.isInteger(number) && Math.abs(number) < 1e15 ? `${number}.0` : String(number);
    }
    case 'datetime':
      return JSON.stringify(datetimeText(BigInt(value as bigint)));
    case 'timespan':
      return JSON.stringify(timespanText(BigInt(value as bigint)));
    default:
      return JSON.stringify(String(value));
  }
}

/** `2020-01-01T00:00:00.0000000Z` */
function datetimeText(ticks: bigint): string {
  const second = 10_000_000n;
  const seconds = (ticks - (((ticks % second) + second) % second)) / second;
  const fraction = ticks - seconds * second;
  const date = new Date(Number(seconds) * 1000).toISOString().replace(/^[+-]00/, '');
  return `${date.slice(0, 19)}.${fraction.toString().padStart(7, '0')}Z`;
}

/** `[-][d.]hh:mm:ss[.fffffff]` */
export function timespanText(ticks: bigint): string {
  const size = ticks < 0n ? -ticks : ticks;
  const part = (unit: bigint, wrap: bigint, width: number): string =>
    ((size / unit) % wrap).toString().padStart(width, '0');
  const days = size / 864_000_000_000n;
  const fraction = size % 10_000_000n;
  const clock = `${part(36_000_000_000n, 24n, 2)}:${part(600_000_000n, 60n, 2)}:${part(10_000_000n, 60n, 2)}`;
  return `${ticks < 0n ? '-' : ''}${days > 0n ? `${days}.` : ''}${clock}${fraction > 0n ? `.${fraction.toString().padStart(7, '0')}` : ''}`;
}
