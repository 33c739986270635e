import type { Sql } from '../../clickhouse/sql.ts';

/**
 * By identity of a fragment: one inside it whose value tells the fragment's value, and is told by it. Rows are grouped
 * by that one, so the rest is computed for groups, not for rows.
 */
const KEYS = new WeakMap<Sql, Sql>();

/** `value`, whose groups are those of `key`. The text of `value` must hold the text of `key`. */
export function groupedBy(value: Sql, key: Sql): Sql {
  KEYS.set(value, key);
  return value;
}

/** What to group by for the groups of `value`: itself where nothing else is known. */
export function groupKey(value: Sql): Sql {
  return KEYS.get(value) ?? value;
}

/** `name`, by which a statement calls `value`. Holds only where what the key is made of is in scope. */
export function namedGroup(name: Sql, value: Sql): Sql {
  const key = KEYS.get(value);
  return key === undefined ? name : groupedBy(name, key);
}
