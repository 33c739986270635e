import { type Sql, sql } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { bind } from './bind.ts';
import { dynamicText } from './dynamic-path.ts';

/**
 * `tostring()` of a value of each type: a String, '' for null. Never throws.
 * https://learn.microsoft.com/kusto/query/tostring-function
 */
export function toText(value: Sql, type: KqlType): Sql {
  return TEXT_OF[type](value);
}

const TEXT_OF: Readonly<Record<KqlType, (value: Sql) => Sql>> = {
  string: (value) => value,
  dynamic: dynamicText,
  bool: (value) => sql`multiIf(${value}, 'True', isNull(${value}), '', 'False')`,
  int: digits,
  long: digits,
  decimal: digits,
  guid: digits,
  datetime: (value) => sql`ifNull(concat(replaceOne(toString(${value}), ' ', 'T'), 'Z'), '')`,
  real: (value) => bind(sql`__r`, value, realText),
  timespan: (value) => bind(sql`__t`, value, timespanText),
};

function digits(value: Sql): Sql {
  return sql`ifNull(toString(${value}), '')`;
}

/**
 * A whole real keeps a `.0`, as in `1500.0`. One `match`, not `OR match`: the engine rewrites such a chain and then fails
 * where the value is an aggregate.
 */
function realText(value: Sql): Sql {
  const shortest = sql`toString(${value})`;
  return sql`ifNull(multiIf(isNaN(${value}), 'NaN', match(${shortest}, 'inf|[.e]'), ${shortest}, concat(${shortest}, '.0')), '')`;
}

/** `[-][d.]hh:mm:ss[.fffffff]`; the whole days and the fraction only where they are not zero. */
function timespanText(ticks: Sql): Sql {
  const size = sql`abs(${ticks})`;
  const part = (ticksPerUnit: Sql, units: Sql) =>
    sql`leftPad(toString(intDiv(${size}, ${ticksPerUnit}) % ${units}), 2, '0')`;
  const sign = sql`if(${ticks} < 0, '-', '')`;
  const days = sql`if(${size} >= 864000000000, concat(toString(intDiv(${size}, 864000000000)), '.'), '')`;
  const clock = sql`${part(sql`36000000000`, sql`24`)}, ':', ${part(sql`600000000`, sql`60`)}, ':', ${part(sql`10000000`, sql`60`)}`;
  const fraction = sql`if(${size} % 10000000 = 0, '', concat('.', leftPad(toString(${size} % 10000000), 7, '0')))`;
  return sql`ifNull(concat(${sign}, ${days}, ${clock}, ${fraction}), '')`;
}
