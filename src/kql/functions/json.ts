import { type Sql, sql } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { bind } from './bind.ts';
import { dynamicText } from './dynamic-path.ts';
import { realToInt, realToLong, ticksToDatetime } from './numbers.ts';
import { parseText } from './parse-text.ts';
import { toText } from './to-text.ts';

/**
 * A value as a dynamic: JSON text, '' for null. Datetimes, timespans and guids become strings, as does a real that is
 * not finite; a null string does not exist, so '' becomes `""`.
 */
export function toJson(value: Sql, type: KqlType): Sql {
  return JSON_OF[type](value);
}

/** A value as a member of an array or a bag: the same, but `null` for null. */
export function toElement(value: Sql, type: KqlType): Sql {
  if (type === 'string') return toJson(value, type);
  return bind(sql`__e`, toJson(value, type), (json) => sql`if(${json} = '', 'null', ${json})`);
}

/** The dynamic that a member of an array or a bag is: `null` becomes ''. */
export function fromElement(element: Sql): Sql {
  return bind(sql`__e`, element, (json) => sql`if(${json} = 'null', '', ${json})`);
}

const JSON_OF: Readonly<Record<KqlType, (value: Sql) => Sql>> = {
  dynamic: (value) => value,
  // One byte that is no UTF-8 would make the whole text around it unreadable.
  string: (value) => sql`toJSONString(toValidUTF8(${value}))`,
  bool: (value) => sql`multiIf(${value}, 'true', isNull(${value}), '', 'false')`,
  int: (value) => sql`ifNull(toString(${value}), '')`,
  long: (value) => sql`ifNull(toString(${value}), '')`,
  decimal: (value) => quoted(value, 'decimal'),
  real: (value) => bind(sql`__n`, value, realJson),
  datetime: (value) => quoted(value, 'datetime'),
  timespan: (value) => quoted(value, 'timespan'),
  guid: (value) => quoted(value, 'guid'),
};

function quoted(value: Sql, type: KqlType): Sql {
  return bind(sql`__q`, toText(value, type), (q) => sql`if(${q} = '', '', concat('"', ${q}, '"'))`);
}

function realJson(value: Sql): Sql {
  const infinity = sql`if(${value} > 0, '"Infinity"', '"-Infinity"')`;
  return sql`multiIf(isNull(${value}), '', isNaN(${value}), '"NaN"', isInfinite(${value}), ${infinity}, ${toText(value, 'real')})`;
}

/**
 * A dynamic read as a value of a type: strings by their text, numbers and bools by their value, what does not fit is
 * null. `value` must be '' or JSON text. Never throws.
 */
export function fromJson(value: Sql, type: KqlType): Sql {
  if (type === 'dynamic') return value;
  if (type === 'string') return dynamicText(value);
  return bind(
    sql`__d`,
    value,
    (json) =>
      sql`if(startsWith(${json}, '"'), ${parseText(sql`JSONExtractString(${json})`, type)}, ${SCALAR_OF[type](json)})`,
  );
}

/** Of JSON text that is no string. */
const SCALAR_OF: Readonly<Record<Exclude<KqlType, 'dynamic' | 'string'>, (json: Sql) => Sql>> = {
  bool: (json) => sql`multiIf(${json} = 'true', true, ${json} = 'false', false, ${number(json)} != 0)`,
  real: (json) => withBools(json, number(json)),
  long: (json) => withBools(json, wholeOf(json)),
  int: (json) =>
    withBools(json, sql`ifNull(toInt32(toInt64OrNull(${json})), ${bind(sql`__f`, number(json), realToInt)})`),
  decimal: (json) => withBools(json, sql`toDecimal256OrNull(${json}, 28)`),
  datetime: (json) => bind(sql`__k`, wholeOf(json), ticksToDatetime),
  timespan: wholeOf,
  guid: () => sql`CAST(NULL AS Nullable(UUID))`,
};

function number(json: Sql): Sql {
  return sql`toFloat64OrNull(${json})`;
}

function wholeOf(json: Sql): Sql {
  return sql`ifNull(toInt64OrNull(${json}), ${bind(sql`__f`, number(json), realToLong)})`;
}

function withBools(json: Sql, value: Sql): Sql {
  return sql`multiIf(${json} = 'true', 1, ${json} = 'false', 0, ${value})`;
}
