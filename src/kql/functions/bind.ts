import { parenthesize, type Sql, sql } from '../../clickhouse/sql.ts';

/**
 * `body` over `value`, which the printed text holds only once: long text that is repeated in nested calls would grow
 * exponentially. `variable` must be no column: KQL reserves names that start with `__`.
 */
export function bind(variable: Sql, value: Sql, body: (value: Sql) => Sql): Sql {
  if (isRepeatable(value)) return body(parenthesize(value));
  return sql`arrayMap(${variable} -> ${body(variable)}, [${value}])[1]`;
}

/** Short enough to be printed several times. */
export function isRepeatable(value: Sql): boolean {
  return value.text.length <= REPEATABLE_LENGTH;
}

const REPEATABLE_LENGTH = 48;
