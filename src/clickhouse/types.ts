import type { KqlType } from '../model/kql-type.ts';
import { type Sql, sql } from './sql.ts';

/**
 * How each KQL type is held in ClickHouse, in tables and in every intermediate result:
 * - a missing string is '' and a missing dynamic is '' (JSON text is never empty), so neither is ever NULL;
 * - a dynamic is compact JSON text; JSON `null` is written as '';
 * - datetimes count 100 ns ticks since 1970 and hold the whole range 0001 to 9999;
 * - timespans are 100 ns ticks; the compiler, not the engine, knows that they are timespans.
 */
export const SQL_TYPE: Readonly<Record<KqlType, string>> = {
  bool: 'Nullable(Bool)',
  int: 'Nullable(Int32)',
  long: 'Nullable(Int64)',
  real: 'Nullable(Float64)',
  decimal: 'Nullable(Decimal(76, 28))',
  string: 'String',
  datetime: "Nullable(DateTime64(7, 'UTC'))",
  timespan: 'Nullable(Int64)',
  guid: 'Nullable(UUID)',
  dynamic: 'String',
};

/**
 * The text whose tokens are a column's terms: what the `text` index of a column is built on and what `has` and its
 * kin compare. The engine's tokenizer takes every non-ASCII byte as part of a token, so text that is not plain ASCII
 * has its separators blanked first; the rest takes the fast path.
 */
export function termText(column: Sql): Sql {
  return sql`if(isValidASCII(${column}), lower(${column}), lowerUTF8(replaceRegexpAll(${column}, '[^\\\\p{L}\\\\p{N}]+', ' ')))`;
}
