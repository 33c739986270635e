import { type Sql, sql } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { convert } from './coerce.ts';
import { atIndex } from './dynamic-path.ts';

export interface TuplePart {
  readonly sql: Sql;
  readonly type: KqlType;
}

/** The columns of functions that yield several, by the fragment that stands for the call. */
const PARTS = new WeakMap<Sql, readonly TuplePart[]>();

/**
 * The result of a function with several result columns. Used as a scalar it is its first column, as a dynamic; the
 * columns are reached by `tuplePart`.
 */
export function tuple(parts: readonly TuplePart[]): Sql {
  const [first] = parts;
  if (first === undefined) throw new Error('a tuple has at least one column');
  // A fragment of its own, so that the same fragment made elsewhere is not taken for this tuple.
  const whole = sql`${convert(first.sql, first.type, 'dynamic')}`;
  PARTS.set(whole, parts);
  return whole;
}

/** Whether the fragment stands for several columns. */
export function isTuple(whole: Sql): boolean {
  return (PARTS.get(whole)?.length ?? 0) > 1;
}

/** One column of what `tuple` made, by its zero-based place, as a value of `type`. */
export function tuplePart(whole: Sql, place: bigint, type: KqlType): Sql {
  const part = PARTS.get(whole)?.[Number(place)];
  return part === undefined
    ? convert(atIndex(whole, place), 'dynamic', type)
    : convert(part.sql, part.type, type);
}
