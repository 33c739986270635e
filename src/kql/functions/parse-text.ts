import { type Sql, sql } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { bind } from './bind.ts';
import { parseDatetime, parseTimespan } from './parse-time.ts';

/**
 * The value that a text writes out, as `toint()` and its kin read it: blanks around it are ignored, integers may be
 * hexadecimal, and text that is no such value gives NULL. Never throws.
 */
export function parseText(value: Sql, type: Exclude<KqlType, 'dynamic' | 'string'>): Sql {
  return PARSE[type](value);
}

const PARSE: Readonly<Record<Exclude<KqlType, 'dynamic' | 'string'>, (value: Sql) => Sql>> = {
  long: (value) => bind(sql`__s`, trimmed(value), parseLong),
  int: (value) =>
    bind(sql`__s`, trimmed(value), (s) => sql`if(${isHex(s)}, toInt32(${hexLong(s)}), toInt32OrNull(${s}))`),
  // `inf` and `Infinity` are read, `INF` is not.
  real: (value) =>
    bind(sql`__s`, trimmed(value), (s) => sql`if(match(${s}, '^[+-]?INF'), NULL, toFloat64OrNull(${s}))`),
  decimal: (value) => sql`toDecimal256OrNull(${trimmed(value)}, 28)`,
  bool: (value) =>
    bind(
      sql`__b`,
      trimmed(value),
      (s) => sql`multiIf(lower(${s}) = 'true', true, lower(${s}) = 'false', false, ${parseLong(s)} != 0)`,
    ),
  datetime: parseDatetime,
  timespan: parseTimespan,
  guid: (value) =>
    sql`toUUIDOrNull(substring(replaceAll(replaceRegexpOne(${trimmed(value)}, '^[{(]', ''), '-', ''), 1, 32))`,
};

function trimmed(value: Sql): Sql {
  return sql`trimBoth(${value}, ' \\t\\r\\n')`;
}

function parseLong(s: Sql): Sql {
  return sql`if(${isHex(s)}, ${hexLong(s)}, toInt64OrNull(${s}))`;
}

function isHex(s: Sql): Sql {
  return sql`startsWith(${s}, '0x') OR startsWith(${s}, '0X')`;
}

/** Sixteen digits fill all 64 bits: `0xFFFFFFFFFFFFFFFF` is -1. */
function hexLong(s: Sql): Sql {
  return sql`if(match(${s}, '^0[xX][0-9a-fA-F]{1,16}$'), reinterpretAsInt64(reverse(unhex(leftPad(substring(${s}, 3), 16, '0')))), NULL)`;
}
