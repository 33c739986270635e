import { type Sql, sql, text } from '../../clickhouse/sql.ts';
import { SQL_TYPE } from '../../clickhouse/types.ts';
import type { KqlType } from '../../model/kql-type.ts';
import type { Literal } from '../plan/expression.ts';
import { bind } from './bind.ts';
import { fromJson, toJson } from './json.ts';
import {
  datetimeToTicks,
  decimalToLong,
  realToDecimal,
  realToInt,
  realToLong,
  ticksToDatetime,
} from './numbers.ts';
import { parseText } from './parse-text.ts';
import type { Argument } from './registry.ts';
import { toText } from './to-text.ts';

export { fromElement, fromJson, toElement, toJson } from './json.ts';
export { toText } from './to-text.ts';

/** The argument as a value of another type, as `toint()` and its kin convert it; null where that fails. */
export function coerce(arg: Argument, to: KqlType): Argument {
  if (arg.type === to || arg.isRelation) return arg;
  return {
    sql: arg.constant === null ? nullOf(to) : convert(arg.sql, arg.type, to),
    type: to,
    nullable: to !== 'string' && to !== 'dynamic' && (arg.nullable || !isTotal(arg.type, to)),
    constant: arg.constant === undefined ? undefined : constantAs(arg.constant, arg.type, to),
    indexes: [],
    isRelation: false,
  };
}

/** The null of a type; '' for strings and dynamics. */
export function nullOf(type: KqlType): Sql {
  return type === 'string' || type === 'dynamic' ? sql`''` : sql`CAST(NULL, ${text(SQL_TYPE[type])})`;
}

/** From `from` to `to`, both in the SQL types of `clickhouse/types.ts`. Never throws; what does not fit is NULL. */
export function convert(value: Sql, from: KqlType, to: KqlType): Sql {
  if (from === to) return value;
  if (to === 'string') return toText(value, from);
  if (to === 'dynamic') return toJson(value, from);
  if (from === 'dynamic') return fromJson(value, to);
  if (from === 'string') return parseText(value, to);
  const make = BETWEEN[from][to];
  return make === undefined ? nullOf(to) : bind(sql`__c`, value, make);
}

type Counted = Exclude<KqlType, 'dynamic' | 'string'>;
type Conversions = Readonly<Partial<Record<Counted, (value: Sql) => Sql>>>;

const same = (value: Sql) => value;
const notZero = (value: Sql) => sql`notEquals(${value}, 0)`;
const toDecimal = (value: Sql) => sql`toDecimal256(${value}, 28)`;
const toLong = (value: Sql) => sql`toInt64(${value})`;
const toReal = (value: Sql) => sql`toFloat64(${value})`;
/** A long that is too large keeps its low 32 bits. */
const toInt = (value: Sql) => sql`toInt32(${value})`;

/** What is missing has no conversion and is null. */
const BETWEEN: Readonly<Record<Counted, Conversions>> = {
  bool: {
    int: toInt,
    long: toLong,
    real: toReal,
    decimal: (value) => sql`toDecimal256(toUInt8(${value}), 28)`,
  },
  int: {
    bool: notZero,
    long: toLong,
    real: toReal,
    decimal: toDecimal,
    datetime: (value) => ticksToDatetime(toLong(value)),
    timespan: toLong,
  },
  long: {
    bool: notZero,
    int: toInt,
    real: toReal,
    decimal: toDecimal,
    datetime: ticksToDatetime,
    timespan: same,
  },
  real: {
    bool: notZero,
    int: realToInt,
    long: realToLong,
    decimal: realToDecimal,
    datetime: (value) => bind(sql`__k`, realToLong(value), ticksToDatetime),
    timespan: realToLong,
  },
  decimal: {
    bool: notZero,
    int: (value) => sql`toInt32(${decimalToLong(value)})`,
    long: decimalToLong,
    real: toReal,
    datetime: (value) => bind(sql`__k`, decimalToLong(value), ticksToDatetime),
    timespan: decimalToLong,
  },
  datetime: {
    int: (value) => toInt(datetimeToTicks(value)),
    long: datetimeToTicks,
    real: (value) => toReal(datetimeToTicks(value)),
    decimal: (value) => toDecimal(datetimeToTicks(value)),
  },
  timespan: {
    bool: notZero,
    int: toInt,
    long: same,
    real: toReal,
    decimal: toDecimal,
    datetime: ticksToDatetime,
  },
  guid: {},
};

const TOTAL: Readonly<Partial<Record<KqlType, readonly KqlType[]>>> = {
  bool: ['int', 'long', 'real', 'decimal'],
  int: ['bool', 'long', 'real', 'decimal', 'timespan'],
  long: ['bool', 'int', 'real', 'decimal', 'timespan'],
  datetime: ['int', 'long', 'real', 'decimal'],
  timespan: ['bool', 'int', 'long', 'real', 'decimal'],
};

/** Whether the conversion yields a value for every value. */
function isTotal(from: KqlType, to: KqlType): boolean {
  return TOTAL[from]?.includes(to) ?? false;
}

/** The constant in the new type where that is plain; `undefined` leaves it to the engine. */
function constantAs(constant: Literal['value'], from: KqlType, to: KqlType): Literal['value'] | undefined {
  if (constant === null) return to === 'string' || to === 'dynamic' ? '' : null;
  if (typeof constant === 'bigint' && (from === 'int' || from === 'long')) {
    if (to === 'long' || (to === 'int' && BigInt.asIntN(32, constant) === constant)) return constant;
    if (to === 'real') return Number(constant);
    if (to === 'string' || to === 'decimal') return String(constant);
  }
  if (from === 'string' && to === 'dynamic' && typeof constant === 'string') return JSON.stringify(constant);
  if (from === 'guid' && to === 'string') return constant;
  if (from === 'dynamic' && to === 'string' && typeof constant === 'string')
    return dynamicConstantText(constant);
  return undefined;
}

/** Only a string's content: the text of anything else is the engine's to print. */
function dynamicConstantText(json: string): string | undefined {
  if (json === '') return '';
  if (!json.startsWith('"')) return undefined;
  return JSON.parse(json) as string;
}
