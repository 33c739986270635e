import { int64, type Sql, sql } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { coerce, toJson } from './coerce.ts';
import {
  addDecimals,
  decimalRemainder,
  divideDecimals,
  multiplyDecimals,
  subtractDecimals,
} from './decimals.ts';
import { need } from './operand.ts';
import type { Argument, CallContext, FunctionFamily } from './registry.ts';
import { datetimeAtOrNull, divided, minus, ORIGIN_TICKS, plus, ticksOf, times } from './ticks.ts';

/**
 * Whole numbers wrap around at 64 bits, division by zero is null for whole numbers and infinite for reals, times out of
 * 0001 to 9999 are null. https://learn.microsoft.com/kusto/query/numerical-operators and .../datetime-timespan-arithmetic
 */
export const arithmetic: FunctionFamily = {
  '+': {
    summary: 'Adds numbers, timespans, or a timespan to a datetime.',
    page: 'numerical-operators',
    nulls: 'maybe',
    sql: (args, context) => operate('+', args, context),
    examples: [
      ['1 + 2', '3'],
      ['9223372036854775807 + 1', '-9223372036854775808'],
      ['datetime(2020-06-15) + 1d', '2020-06-16T00:00:00.0000000Z'],
    ],
  },
  '-': {
    summary: 'Subtracts numbers, timespans, a timespan from a datetime, or a datetime from a datetime.',
    page: 'numerical-operators',
    nulls: 'maybe',
    sql: (args, context) => operate('-', args, context),
    examples: [
      ['(datetime(2020-06-15) - datetime(2020-06-14)) / 1h', '24.0'],
      ['isnull(datetime(0001-01-01) - 1tick)', 'True'],
    ],
  },
  '*': {
    summary: 'Multiplies numbers, or a timespan by a number.',
    page: 'numerical-operators',
    nulls: 'maybe',
    sql: (args, context) => operate('*', args, context),
    examples: [
      ['2 * 3', '6'],
      ['1d * 2.5', '2.12:00:00'],
    ],
  },
  '/': {
    summary: 'Divides; whole numbers truncate, two timespans give a real.',
    page: 'numerical-operators',
    nulls: 'maybe',
    sql: (args, context) => operate('/', args, context),
    examples: [
      ['7 / 2', '3'],
      ['1d / 5h', '4.8'],
      ['isnull(1 / 0)', 'True'],
    ],
  },
  '%': {
    summary: 'The remainder, which is never negative.',
    page: 'numerical-operators',
    nulls: 'maybe',
    sql: (args, context) => operate('%', args, context),
    examples: [
      ['-14 % 12', '10'],
      ['14 % -12', '2'],
      ['1d % 5h', '04:00:00'],
    ],
  },
  'unary -': {
    summary: 'Changes the sign.',
    page: 'numerical-operators',
    nulls: 'maybe',
    sql: ([value], context) => negative(need(value), context.type),
    examples: [['-(1d + 2h)', '-1.02:00:00']],
  },
};

type Sign = '+' | '-' | '*' | '/' | '%';

function operate(sign: Sign, args: readonly Argument[], context: CallContext): Sql {
  const [left, right] = operands(need(args[0]), need(args[1]), context.type);
  const types: readonly KqlType[] = [left.type, right.type];
  if (types.includes('datetime')) return withDatetime(sign, left, right);
  if (types.includes('timespan')) return withTimespan(sign, left, right);
  if (context.type === 'dynamic') return dynamicResult(sign, left, right);
  if (types.includes('real')) {
    const real = reals(sign, left, right);
    return context.type === 'real' ? real : sql`accurateCastOrNull(trunc(${real}), 'Int64')`;
  }
  if (types.includes('decimal')) return DECIMAL[sign](asDecimal(left), asDecimal(right));
  return integers(sign, left.sql, right);
}

/** A dynamic operand is read as what the other one and the result make of it. */
function operands(left: Argument, right: Argument, result: KqlType): readonly [Argument, Argument] {
  if (left.type === 'dynamic' && right.type === 'dynamic')
    return [coerce(left, 'real'), coerce(right, 'real')];
  if (left.type === 'dynamic') return [coerce(left, beside(right.type, result)), right];
  if (right.type === 'dynamic') return [left, coerce(right, beside(left.type, result))];
  return [left, right];
}

function beside(other: KqlType, result: KqlType): KqlType {
  if (other === 'datetime') return result === 'timespan' ? 'datetime' : 'timespan';
  if (other === 'timespan') return result === 'datetime' ? 'datetime' : 'timespan';
  return other === 'real' || other === 'decimal' ? other : 'long';
}

function withDatetime(sign: Sign, left: Argument, right: Argument): Sql {
  const a = left.type === 'datetime' ? ticksOf(left.sql) : left.sql;
  const b = right.type === 'datetime' ? ticksOf(right.sql) : right.sql;
  if (sign === '-' && left.type === right.type) return minus(a, b);
  // Like the bins of `bin()`, the rest is counted from 0001-01-01.
  if (sign === '%') return integers('%', plus(a, int64(ORIGIN_TICKS)), right);
  if (sign !== '+' && sign !== '-') throw new Error(`the binder let \`${sign}\` of a datetime pass`);
  return datetimeAtOrNull(sign === '+' ? plus(a, b) : minus(a, b));
}

function withTimespan(sign: Sign, left: Argument, right: Argument): Sql {
  const both = left.type === right.type;
  if (sign === '+') return plus(left.sql, right.sql);
  if (sign === '-') return minus(left.sql, right.sql);
  if (sign === '/' && both) return divided(sql`toFloat64(${left.sql})`, sql`toFloat64(${right.sql})`);
  if (sign === '%') return integers('%', left.sql, both ? right : coerce(right, 'long'));
  const number = left.type === 'timespan' ? right : left;
  if (number.type === 'int' || number.type === 'long') return integers(sign, left.sql, right);
  const a = sql`toFloat64(${left.sql})`;
  const b = sql`toFloat64(${right.sql})`;
  return sql`accurateCastOrNull(round(${sign === '*' ? times(a, b) : divided(a, b)}), 'Int64')`;
}

function integers(sign: Sign, left: Sql, right: Argument): Sql {
  switch (sign) {
    case '+':
      return sql`toInt64(${plus(left, right.sql)})`;
    case '-':
      return sql`toInt64(${minus(left, right.sql)})`;
    case '*':
      return sql`toInt64(${times(sql`toInt64(${left})`, right.sql)})`;
    case '/':
      return sql`toInt64(intDivOrNull(toInt64(${left}), toInt64(${right.sql})))`;
    case '%':
      // The engine takes -2^63 % -1 for an error; by 1 it is 0 too.
      if (typeof right.constant === 'bigint' && right.constant > 0n)
        return sql`toInt64(positiveModulo(toInt64(${left}), toInt64(${right.sql})))`;
      return sql`toInt64(positiveModuloOrNull(toInt64(${left}), if(${right.sql} = -1, 1, toInt64(${right.sql}))))`;
  }
}

function reals(sign: Sign, left: Argument, right: Argument): Sql {
  const a = sql`toFloat64(${left.sql})`;
  const b = sql`toFloat64(${right.sql})`;
  switch (sign) {
    case '+':
      return plus(a, b);
    case '-':
      return minus(a, b);
    case '*':
      return times(a, b);
    case '/':
      return divided(a, b);
    case '%':
      return sql`if(${b} = 0, nan, ${minus(a, times(sql`abs(${b})`, sql`floor(${divided(a, sql`abs(${b})`)})`))})`;
  }
}

const DECIMAL: Readonly<Record<Sign, (left: Sql, right: Sql) => Sql>> = {
  '+': addDecimals,
  '-': subtractDecimals,
  '*': multiplyDecimals,
  '/': divideDecimals,
  '%': decimalRemainder,
};

function asDecimal(value: Argument): Sql {
  return value.type === 'decimal' ? value.sql : sql`toDecimal256(${value.sql}, 28)`;
}

/** Whole results stay whole numbers; the rest are reals. A missing operand gives null. */
function dynamicResult(sign: Sign, left: Argument, right: Argument): Sql {
  const result = reals(sign, left, right);
  const whole = sql`accurateCastOrNull(${result}, 'Int64')`;
  return sql`if(isNull(${whole}), ${toJson(result, 'real')}, ${toJson(whole, 'long')})`;
}

function negative(value: Argument, type: KqlType): Sql {
  if (value.type === 'dynamic') {
    const read = coerce(value, type === 'dynamic' ? 'real' : type);
    const result = negative(read, read.type);
    return type === 'dynamic' ? toJson(result, 'real') : result;
  }
  if (type === 'decimal') return subtractDecimals(sql`toDecimal256(0, 28)`, value.sql);
  return value.type === 'int' && type === 'int'
    ? sql`toInt32(negate(${value.sql}))`
    : sql`negate(${value.sql})`;
}
