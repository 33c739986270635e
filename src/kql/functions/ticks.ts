import { int64, type Sql, Strength, sql, sqlOp, text } from '../../clickhouse/sql.ts';
import { FIRST_TICKS, LAST_TICKS } from './time-literals.ts';

/** 100 ns ticks of one unit; `dayTicks * 7` is a week. */
export const SECOND_TICKS = 10_000_000n;
export const MINUTE_TICKS = 600_000_000n;
export const HOUR_TICKS = 36_000_000_000n;
export const DAY_TICKS = 864_000_000_000n;

/** Ticks from 0001-01-01, where Kusto's calendar starts, to 1970-01-01, where the engine's does. */
export const ORIGIN_TICKS = -FIRST_TICKS;

/** The Int64 ticks since 1970 of a datetime. */
export function ticksOf(datetime: Sql): Sql {
  return sql`reinterpretAsInt64(${datetime})`;
}

/** The datetime of Int64 ticks since 1970 that are known to lie in 0001 to 9999. */
export function datetimeAt(ticks: Sql): Sql {
  return sql`reinterpret(${ticks}, 'DateTime64(7, \\'UTC\\')')`;
}

/** The datetime of Int64 ticks since 1970; NULL outside 0001 to 9999. Mentions `ticks` once. */
export function datetimeAtOrNull(ticks: Sql): Sql {
  const before = int64(FIRST_TICKS - 1n);
  const after = int64(LAST_TICKS + 1n);
  return datetimeAt(sql`nullIf(nullIf(clamp(${ticks}, ${before}, ${after}), ${before}), ${after})`);
}

/** A constant datetime, in the form that prunes by primary key. */
export function datetimeLiteral(ticks: bigint): Sql {
  const inDay = ((ticks % DAY_TICKS) + DAY_TICKS) % DAY_TICKS;
  const date = new Date(Number((ticks - inDay) / 10_000n)).toISOString().slice(0, 10);
  const part = (unit: bigint, wrap: bigint) => String((inDay / unit) % wrap).padStart(2, '0');
  const clock = `${part(HOUR_TICKS, 24n)}:${part(MINUTE_TICKS, 60n)}:${part(SECOND_TICKS, 60n)}`;
  const fraction = String(inDay % SECOND_TICKS).padStart(7, '0');
  return sql`toDateTime64(${text(`${date} ${clock}.${fraction}`)}, 7, 'UTC')`;
}

/** Integer operands, not negative whatever their signs, in `0 .. size - 1`; `size` is a positive constant. */
export function remainder(value: Sql, size: bigint): Sql {
  return sql`toInt64(positiveModulo(${value}, ${int64(size)}))`;
}

/** `value` rounded down to a multiple of the positive constant `size`. */
export function roundDown(value: Sql, size: bigint): Sql {
  return minus(value, remainder(value, size));
}

/** Where one of the bins of times begins that are `size` ticks wide, and its number, which grows with time. */
export interface TimeBin {
  readonly number: Sql;
  readonly start: Sql;
}

/** Wider bins could leave 64 bits. */
export const WIDEST_BIN = 2n ** 62n;

/**
 * The bin of a datetime's ticks, where one bin begins at `-origin`; `size` is a constant above 0, `WIDEST_BIN` at most.
 * No datetime is before year 1: counted from there, or a little earlier, none is negative, and a division that cuts off
 * is one that rounds down.
 */
export function timeBin(ticks: Sql, size: bigint, origin: bigint): TimeBin {
  const rest = (origin - ORIGIN_TICKS) % size;
  const lift = int64(ORIGIN_TICKS + (rest < 0n ? rest + size : rest));
  const number = sql`intDiv(${plus(ticks, lift)}, ${int64(size)})`;
  return { number, start: minus(times(number, int64(size)), lift) };
}

export const plus = (left: Sql, right: Sql): Sql => sqlOp(Strength.additive)`${left} + ${right}`;
export const minus = (left: Sql, right: Sql): Sql => sqlOp(Strength.additive)`${left} - ${right}`;
export const times = (left: Sql, right: Sql): Sql => sqlOp(Strength.multiplicative)`${left} * ${right}`;
export const divided = (left: Sql, right: Sql): Sql => sqlOp(Strength.multiplicative)`${left} / ${right}`;
