import { joinSql, type Sql, Strength, sql, sqlOp, text } from '../../clickhouse/sql.ts';
import { termText } from '../../clickhouse/types.ts';
import { type Folding, foldConstant, foldValue, isAscii } from './folding.ts';
import { placeFilter } from './place-filter.ts';
import { literalPattern } from './regex-syntax.ts';
import type { Argument } from './registry.ts';

/**
 * Terms: maximal runs of letters and digits of any alphabet; everything else, `_` included, separates.
 * Source: https://learn.microsoft.com/kusto/query/datatypes-string-operators#what-is-a-term
 */
const TERM = /[\p{L}\p{N}]+/gu;
const TERM_CHARACTER = '[\\p{L}\\p{N}]';
const STARTS = /^[\p{L}\p{N}]/u;
const ENDS = /[\p{L}\p{N}]$/u;

/** Which ends of the searched text must be ends of terms in the value. */
export interface Boundaries {
  readonly left: boolean;
  readonly right: boolean;
}

export const WHOLE: Boundaries = { left: true, right: true };

export const ALWAYS = sql`1`;

/** The terms of `needle` that a value containing it must have whole. An end inside a term leaves its term out. */
export function wholeTerms(needle: string, boundaries: Boundaries): string[] {
  const found = [...needle.matchAll(TERM)];
  return found
    .filter((match) => boundaries.left || match.index > 0)
    .filter((match) => boundaries.right || match.index + match[0].length < needle.length)
    .map((match) => match[0]);
}

export function isTerm(needle: string): boolean {
  return needle !== '' && wholeTerms(needle, WHOLE)[0] === needle;
}

/** True for rows whose value has all the terms: exact on its own for one term, a filter by index for more. */
function hasAllTerms(value: Sql, terms: readonly string[]): Sql {
  return sql`hasAllTokens(${termText(value)}, [${joinSql(
    terms.map((term) => foldConstant(term, 'folded')),
    ', ',
  )}])`;
}

export function hasAnyTerm(value: Sql, terms: readonly string[]): Sql {
  return sql`hasAnyTokens(${termText(value)}, [${joinSql(
    terms.map((term) => foldConstant(term, 'folded')),
    ', ',
  )}])`;
}

/** The filter by index that `needle` allows on this column, if any. */
export function indexFilter(value: Argument, needle: string, boundaries: Boundaries): Sql[] {
  if (!value.indexes.includes('terms')) return [];
  const terms = wholeTerms(needle, boundaries);
  return terms.length === 0 ? [] : [hasAllTerms(value.sql, terms)];
}

/** `LIKE` with the wildcards of `shape` around the constant; `value` is folded as the n-gram index is. */
export function likeConstant(
  value: Sql,
  needle: string,
  folding: Folding,
  shape: 'contains' | 'starts' | 'ends',
): Sql {
  const head = shape === 'starts' ? '' : '%';
  const tail = shape === 'ends' ? '' : '%';
  const escaped = needle.replaceAll(/[\\%_]/g, '\\$&');
  const ascii = isAscii(needle);
  const folded = folding === 'exact' || ascii;
  const constant = folding === 'folded' && ascii ? escaped.toLowerCase() : escaped;
  const pattern = folded ? text(head + constant + tail) : sql`lowerUTF8(${text(head + escaped + tail)})`;
  return sqlOp(Strength.comparison)`${foldValue(value, folding, ascii)} LIKE ${pattern}`;
}

/** Searches a constant whose ends must be ends of terms where `boundaries` say so and where they are in a term. */
export function hasConstant(value: Argument, needle: string, boundaries: Boundaries, folding: Folding): Sql {
  if (needle === '') return ALWAYS;
  const indexed = indexFilter(value, needle, boundaries);
  const whole = boundaries.left && boundaries.right;
  if (whole && folding === 'folded' && indexed.length > 0 && isTerm(needle)) return joinSql(indexed, ' AND ');
  // A literal search is several times faster than the pattern and leaves it few rows.
  const searched = likeConstant(value.sql, needle, folding, 'contains');
  const quick = indexed.length > 0 ? indexed : [...placeFilter(value.sql, [needle], folding), searched];
  const left = boundaries.left && STARTS.test(needle);
  const right = boundaries.right && ENDS.test(needle);
  if (!left && !right && indexed.length === 0) return joinSql(quick, ' AND ');
  const pattern = boundedPattern(literalText(needle, folding), { left, right });
  return joinSql(
    [...quick, sql`match(${foldValue(value.sql, folding, isAscii(needle))}, ${pattern})`],
    ' AND ',
  );
}

/** The same for a text that is known only in the engine. */
export function hasExpression(value: Sql, needle: Sql, boundaries: Boundaries, folding: Folding): Sql {
  const folded = foldValue(value, folding, false);
  const wanted = foldValue(needle, folding, false);
  const found = sqlOp(Strength.comparison)`position(${folded}, ${wanted}) > 0`;
  // RE2 refuses patterns of some hundred KB: there the ends are not looked at.
  const bounded = sql`match(${folded}, ${boundedExpression(wanted, boundaries)})`;
  const ends = sqlOp(Strength.or)`length(${wanted}) > 20000 OR ${bounded}`;
  return sql`if(empty(${needle}), 1, ${joinSql([found, ends], ' AND ')})`;
}

/** The pattern of a text known in the engine. */
function boundedExpression(wanted: Sql, boundaries: Boundaries): Sql {
  const left = sql`if(match(${wanted}, ${text(`^${TERM_CHARACTER}`)}), ${text(BEFORE)}, '')`;
  const right = sql`if(match(${wanted}, ${text(`${TERM_CHARACTER}$`)}), ${text(AFTER)}, '')`;
  const parts = [
    sql`''`,
    ...(boundaries.left ? [left] : []),
    sql`regexpQuoteMeta(${wanted})`,
    ...(boundaries.right ? [right] : []),
  ];
  return sql`concat(${joinSql(parts, ', ')})`;
}

/** A pattern of a constant, in lower case if folded: every escape in it is of a punctuation character. */
function literalText(needle: string, folding: Folding): Sql {
  return foldConstant(literalPattern(needle), folding);
}

export const BEFORE = '(?:^|[^\\p{L}\\p{N}])';
export const AFTER = '(?:$|[^\\p{L}\\p{N}])';

function boundedPattern(pattern: Sql, boundaries: Boundaries): Sql {
  return sql`concat(${text(boundaries.left ? BEFORE : '')}, ${pattern}, ${text(boundaries.right ? AFTER : '')})`;
}

/** Any of several constants, as one pattern over one folding of the value. None may be empty. */
export function hasAnyConstant(value: Sql, needles: readonly string[]): Sql {
  const ascii = needles.every(isAscii);
  const alternatives = chunks(needles, 200).map((some) => {
    const kinds = [true, false].flatMap((left) => [true, false].map((right) => ({ left, right })));
    const branches = kinds.flatMap((kind) => {
      const same = some.filter((each) => STARTS.test(each) === kind.left && ENDS.test(each) === kind.right);
      if (same.length === 0) return [];
      const literals = same.map(literalPattern).join('|');
      const folded = ascii ? text(literals.toLowerCase()) : sql`lowerUTF8(${text(literals)})`;
      return [
        sql`concat(${text(`${kind.left ? BEFORE : ''}(?:`)}, ${folded}, ${text(`)${kind.right ? AFTER : ''}`)})`,
      ];
    });
    return branches.map((branch) => sql`match(${foldValue(value, 'folded', ascii)}, ${branch})`);
  });
  return joinSql(alternatives.flat(), ' OR ');
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < items.length; i += size) out.push(items.slice(i, i + size));
  return out;
}
