import { type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';

/**
 * Addresses in the engine. An address may carry a suffix, `10.1.2.3/8`. All SQL here is NULL for text that is no
 * address and never throws. `address` must be short: it is printed several times.
 */

/** The 32 bits as Int64. */
function bits4(address: Sql): Sql {
  return sql`toInt64(IPv4StringToNumOrNull(substringIndex(${address}, '/', 1)))`;
}

/** 0 to 32. */
export function suffix4(address: Sql): Sql {
  const given = sql`toInt64OrNull(substringIndex(${address}, '/', -1))`;
  return sql`multiIf(isNull(${bits4(address)}), NULL, position(${address}, '/') = 0, toInt64(32), match(${address}, '/([0-9]|[12][0-9]|3[0-2])$'), ${given}, NULL)`;
}

/** The network of the address under `length` bits; NULL where the length is not 0 to 32. */
export function network4(address: Sql, length: Sql): Sql {
  return masked4(bits4(address), length);
}

/** The network of the address under its own suffix. Most have none, and are their network. */
export function ownNetwork4(address: Sql): Sql {
  const suffixed = network4(address, suffix4(address));
  return sql`if(position(${address}, '/') = 0, toInt64(IPv4StringToNumOrNull(${address})), ${suffixed})`;
}

export function masked4(bits: Sql, length: Sql): Sql {
  return bind(sql`__m`, length, (m) => {
    const mask = sql`bitShiftLeft(toInt64(4294967295), toUInt8(32 - ifNull(${m}, 0)))`;
    return sql`if(ifNull(${m} BETWEEN 0 AND 32, 0), bitAnd(${bits}, bitAnd(${mask}, toInt64(4294967295))), NULL)`;
  });
}

/** The dotted text of 32 bits, '' for NULL and numbers out of range. */
export function text4(bits: Sql): Sql {
  return bind(
    sql`__b`,
    bits,
    (b) => sql`if(ifNull(${b} BETWEEN 0 AND 4294967295, 0), IPv4NumToString(toUInt32(ifNull(${b}, 0))), '')`,
  );
}

/** The part before the suffix as IPv6; dotted addresses count as `::ffff:a.b.c.d`. */
function host6(address: Sql): Sql {
  const host = sql`substringIndex(${address}, '/', 1)`;
  return sql`if(position(${host}, '.') > 0, replaceRegexpOne(${host}, '^(::([fF]{4}:)?)?', '::ffff:'), ${host})`;
}

/** The 128 bits as UInt128. */
function bits6(address: Sql): Sql {
  const bytes = sql`IPv6StringToNumOrNull(${host6(address)})`;
  return sql`if(isNull(${bytes}), NULL, reinterpretAsUInt128(reverse(assumeNotNull(${bytes}))))`;
}

/** 0 to 128; the suffix of a dotted address counts its 32 bits only. */
export function suffix6(address: Sql): Sql {
  const given = sql`toInt64OrNull(substringIndex(${address}, '/', -1))`;
  const dotted = sql`position(${address}, '.') > 0 AND ${given} <= 32`;
  const valid = sql`match(${address}, '/([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8])$')`;
  return sql`multiIf(isNull(${bits6(address)}), NULL, position(${address}, '/') = 0, toInt64(128), NOT ${valid}, NULL, ${dotted}, ${given} + 96, ${given})`;
}

export function network6(address: Sql, length: Sql): Sql {
  return bind(sql`__m`, length, (m) => {
    const mask = sql`bitShiftLeft(bitNot(toUInt128(0)), toUInt8(128 - ifNull(${m}, 0)))`;
    return sql`if(ifNull(${m} BETWEEN 0 AND 128, 0), bitAnd(${bits6(address)}, ${mask}), NULL)`;
  });
}

/** Eight groups of four digits, '' for NULL. */
export function text6(bits: Sql): Sql {
  return bind(sql`__b`, bits, (b) => {
    const digits = sql`leftPad(lower(hex(ifNull(${b}, toUInt128(0)))), 32, '0')`;
    const groups = sql`arrayStringConcat(arrayMap(__g -> substring(${digits}, __g * 4 + 1, 4), range(8)), ':')`;
    return sql`if(isNull(${b}), '', ${groups})`;
  });
}
