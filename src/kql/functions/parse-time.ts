import { type Sql, sql, text } from '../../clickhouse/sql.ts';
import {
  CLOCK_FIRST,
  DATETIME_FORM,
  MONTHS,
  TIMESPAN_FORM,
  TIMESPAN_UNIT_FORM,
  UNIT_TICKS,
  YEAR4,
} from './time-literals.ts';

/** What most stored text looks like: the engine's own parser reads it without help. */
const ISO_FORM = `^${YEAR4}-[0-9]{2}-[0-9]{2}(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]+)?)?)?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?$`;

/**
 * A `Nullable(DateTime64(7, 'UTC'))` from a String, NULL where the text is no datetime. Never throws. The engine's
 * parser alone is too generous (`1` is this year's January to it, hours of 25 roll over), so the form is checked first.
 */
export function parseDatetime(value: Sql): Sql {
  const clockLast = sql`replaceRegexpOne(lower(trimBoth(s)), ${text(CLOCK_FIRST)}, '\\\\2 \\\\1')`;
  const groups = sql`extractGroups(${clockLast}, ${text(DATETIME_FORM)})`;
  const read = sql`arrayMap(s -> if(match(s, ${text(ISO_FORM)}), ${bestEffort(sql`s`)}, ${bestEffort(
    sql`arrayMap(g -> ${canonicalText()}, [${groups}])[1]`,
  )}), [toString(${value})])[1]`;
  return read;
}

/** The groups of `DATETIME_FORM`, in `g`, as ISO text; '' where there are none. */
function canonicalText(): Sql {
  const year = sql`concat(g[1], g[6], g[9], g[12])`;
  const fullYear = sql`if(length(${year}) = 2, concat(if(${year} < '50', '20', '19'), ${year}), ${year})`;
  const name = sql`concat(g[8], g[10])`;
  const dayFirst = sql`length(g[4]) = 2 AND g[4] > '12'`;
  const named = sql`toString(intDiv(position(${text(MONTHS)}, ${name}) + 2, 3))`;
  const month = sql`if(${name} != '', ${named}, concat(g[2], if(${dayFirst}, g[5], g[4])))`;
  const day = sql`concat(g[3], g[7], g[11], if(${dayFirst}, g[4], g[5]))`;
  const twelve = sql`toString(toUInt8OrZero(g[13]) % 12 + if(g[17] = 'p', 12, 0))`;
  const hour = sql`if(g[17] = '', g[13], ${twelve})`;
  const wrongHour = sql`(g[17] != '' AND (toUInt8OrZero(g[13]) = 0 OR toUInt8OrZero(g[13]) > 12))`;
  const fraction = sql`rightPad(substring(g[16], 1, 7), 7, '0')`;
  const sign = sql`substring(g[18], 1, 1)`;
  const offset = sql`if(g[18] = '', '', concat(${sign}, ${two(sql`substring(g[18], 2)`)}, ':', ${two(sql`g[19]`)}))`;
  const clock = sql`concat(' ', ${two(hour)}, ':', ${two(sql`g[14]`)}, ':', ${two(sql`g[15]`)}, '.', ${fraction})`;
  return sql`if(empty(g) OR ${wrongHour}, '', concat(${fullYear}, '-', ${two(month)}, '-', ${two(day)}, ${clock}, ${offset}))`;
}

function two(value: Sql): Sql {
  return sql`leftPad(${value}, 2, '0')`;
}

/** The engine's parser; year 0 and what an offset shifts out of 0001 to 9999 is NULL. */
function bestEffort(iso: Sql): Sql {
  const first = sql`toDateTime64('0001-01-01 00:00:00', 7, 'UTC')`;
  const last = sql`toDateTime64('9999-12-31 23:59:59.9999999', 7, 'UTC')`;
  const parsed = sql`parseDateTime64BestEffortOrNull(${iso}, 7, 'UTC')`;
  return sql`arrayMap(d -> if(d >= ${first} AND d <= ${last}, d, NULL), [${parsed}])[1]`;
}

/** Ticks (`Nullable(Int64)`) from a String, NULL where the text is no timespan. Never throws. */
export function parseTimespan(value: Sql): Sql {
  const units = Object.keys(UNIT_TICKS);
  const factor = sql`transform(u[2], [${list(units.map(text))}], [${list(units.map((unit) => text(String(UNIT_TICKS[unit]))))}], '0')`;
  const number = sql`toFloat64OrNull(u[1]) * toFloat64OrZero(${factor})`;
  const whole = sql`toInt256OrNull(u[1]) * toInt256OrNull(${factor})`;
  const byUnit = sql`ifNull(${whole}, accurateCastOrNull(trunc(round(${number}, 3)), 'Int256'))`;
  const seconds = sql`toInt256OrZero(g[2]) * 86400 + toInt256OrZero(g[3]) * 3600 + toInt256OrZero(g[4]) * 60 + toInt256OrZero(g[5])`;
  const byClock = sql`if(empty(g), NULL, (${seconds}) * 10000000 + toInt256OrZero(rightPad(g[6], 7, '0'))) * if(g[1] = '-', -1, 1)`;
  const clock = sql`arrayMap(g -> ${byClock}, [extractGroups(s, ${text(TIMESPAN_FORM)})])[1]`;
  const ticks = sql`arrayMap(u -> if(empty(u), ${clock}, ${byUnit}), [extractGroups(s, ${text(TIMESPAN_UNIT_FORM)})])[1]`;
  return sql`accurateCastOrNull(arrayMap(s -> ${ticks}, [lower(trimBoth(toString(${value})))])[1], 'Int64')`;
}

function list(values: readonly Sql[]): Sql {
  return values.reduce((all, value) => sql`${all}, ${value}`);
}
