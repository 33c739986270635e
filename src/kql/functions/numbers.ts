import { type Sql, sql } from '../../clickhouse/sql.ts';

/**
 * Conversions between the types that count something. Each takes and gives the SQL types of `clickhouse/types.ts` and
 * never throws. Where .NET's arithmetic shows (integers keep their low bits, reals are cut and clamped) it is followed.
 */

/** Ticks from 0001-01-01, by which datetimes are numbers in KQL, to 1970-01-01. */
const EPOCH_TICKS = sql`621355968000000000`;

/** Toward zero; beyond the range of a long the nearest long; NaN and the infinities give NULL. */
export function realToLong(real: Sql): Sql {
  return cut(real, sql`'Int64'`, sql`9223372036854775807`, sql`toInt64('-9223372036854775808')`);
}

export function realToInt(real: Sql): Sql {
  return cut(real, sql`'Int32'`, sql`toInt32(2147483647)`, sql`toInt32('-2147483648')`);
}

function cut(real: Sql, type: Sql, most: Sql, least: Sql): Sql {
  return sql`ifNull(accurateCastOrNull(trunc(${real}), ${type}), multiIf(isNull(${real}) OR isNaN(${real}) OR isInfinite(${real}), NULL, ${real} > 0, ${most}, ${least}))`;
}

/** Toward zero; NULL beyond the range of a long. */
export function decimalToLong(decimal: Sql): Sql {
  return sql`toInt64OrNull(extract(toString(${decimal}), '^-?[0-9]+'))`;
}

/** By the shortest text of the real, so that 0.1 stays 0.1; NULL where it is not finite or too large. */
export function realToDecimal(real: Sql): Sql {
  return sql`toDecimal256OrNull(toString(${real}), 28)`;
}

/** Ticks since 0001-01-01; NULL outside the years 1 to 9999. */
export function ticksToDatetime(ticks: Sql): Sql {
  return sql`if(${ticks} >= 0 AND ${ticks} <= 3155378975999999999, reinterpret(${ticks} - ${EPOCH_TICKS}, 'DateTime64(7, \\'UTC\\')'), NULL)`;
}

export function datetimeToTicks(datetime: Sql): Sql {
  return sql`plus(reinterpretAsInt64(${datetime}), ${EPOCH_TICKS})`;
}
