import { type Sql, sql, text } from '../../clickhouse/sql.ts';

/** Sensitive to case, or not. */
export type Folding = 'exact' | 'folded';

/**
 * `value` in lower case. Where all that it is compared with is ASCII, the engine's fast ASCII folding is enough, and
 * right: no other letter equals an ASCII letter.
 */
export function foldValue(value: Sql, folding: Folding, ascii: boolean): Sql {
  if (folding === 'exact') return value;
  return ascii ? sql`lower(${value})` : sql`lowerUTF8(${value})`;
}

export function isAscii(value: string): boolean {
  return /^\p{ASCII}*$/u.test(value);
}

/** A constant in lower case: folded by the engine where only it knows how it folds the other side. */
export function foldConstant(value: string, folding: Folding): Sql {
  if (folding === 'exact') return text(value);
  return isAscii(value) ? text(value.toLowerCase()) : sql`lowerUTF8(${text(value)})`;
}
