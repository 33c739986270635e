import { joinSql, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { termText } from '../../clickhouse/types.ts';
import { coerce } from './coerce.ts';
import { foldConstant, foldValue, isAscii } from './folding.ts';
import { elementTexts, listMembers, overTexts } from './list-members.ts';
import { placeFilter } from './place-filter.ts';
import type { Argument } from './registry.ts';
import {
  AFTER,
  ALWAYS,
  BEFORE,
  hasAnyConstant,
  hasAnyTerm,
  hasConstant,
  hasExpression,
  isTerm,
  likeConstant,
  WHOLE,
  wholeTerms,
} from './terms.ts';

/** `has` for any member of the list. No member finds nothing, an empty text everything. */
export function hasAny(value: Argument, list: readonly Argument[]): Sql {
  const { texts, arrays, relations, others } = needles(list);
  if (texts.includes('')) return ALWAYS;
  const tests = [
    ...anyConstant(value, texts),
    ...relations.map((each) => anyRow(value, each)),
    ...arrays.map((each) => sql`arrayExists(__n -> ${has(value, sql`__n`)}, ${elementTexts(each.sql)})`),
    ...others.map((each) => has(value, each.sql)),
  ];
  return tests.length === 0 ? sql`0` : joinSql(tests, ' OR ');
}

/** `has` for every member of the list. */
export function hasAll(value: Argument, list: readonly Argument[]): Sql {
  const { texts, arrays, relations, others } = needles(list);
  const every = (array: Sql) => sql`arrayAll(__n -> ${has(value, sql`__n`)}, ${array})`;
  const tests = [
    ...texts.filter((each) => each !== '').map((each) => hasConstant(value, each, WHOLE, 'folded')),
    ...relations.map((each) => every(overTexts(each, (texts) => texts))),
    ...arrays.map((each) => every(elementTexts(each.sql))),
    ...others.map((each) => has(value, each.sql)),
  ];
  return tests.length === 0 ? ALWAYS : joinSql(tests, ' AND ');
}

/** What the column's terms say of being equal to any of the texts, if the column has them. */
export function indexFilterOfAny(value: Argument, texts: readonly string[]): Sql[] {
  if (!value.indexes.includes('terms')) return [];
  const termsOf = texts.map((each) => wholeTerms(each, WHOLE));
  const sharers = countMembers(termsOf);
  const terms = termsOf.map((own) => rarestTerm(own, sharers));
  const known = terms.filter((each) => each !== undefined);
  return known.length === 0 || known.length < terms.length
    ? []
    : [hasAnyTerm(value.sql, [...new Set(known)])];
}

function has(value: Argument, needle: Sql): Sql {
  return hasExpression(value.sql, needle, WHOLE, 'folded');
}

function needles(list: readonly Argument[]) {
  const { constants, arrays, relations, others } = listMembers(list);
  const asTexts = constants.map((each) => coerce(each, 'string'));
  const texts = asTexts.flatMap((each) => (typeof each.constant === 'string' ? [each.constant] : []));
  const unknown = asTexts.filter((each) => typeof each.constant !== 'string');
  return {
    texts: [...new Set(texts)],
    arrays,
    relations,
    others: [...others.map((each) => coerce(each, 'string')), ...unknown],
  };
}

function anyConstant(value: Argument, texts: readonly string[]): Sql[] {
  if (texts.length === 0) return [];
  if (!value.indexes.includes('terms')) {
    const [single, ...more] = texts;
    if (single !== undefined && more.length === 0) return [hasConstant(value, single, WHOLE, 'folded')];
    const quick = [...placeFilter(value.sql, texts, 'folded'), quickSearch(value.sql, texts)];
    return [joinSql([...quick, hasAnyConstant(value.sql, texts)], ' AND ')];
  }
  const terms = texts.filter(isTerm);
  const phrases = texts.filter((each) => !isTerm(each) && wholeTerms(each, WHOLE).length > 0);
  const separators = texts.filter((each) => wholeTerms(each, WHOLE).length === 0);
  return [
    ...(terms.length > 0 ? [hasAnyTerm(value.sql, terms)] : []),
    ...(phrases.length > 0
      ? [joinSql([...indexFilterOfAny(value, phrases), hasAnyConstant(value.sql, phrases)], ' AND ')]
      : []),
    ...separators.map((each) => likeConstant(value.sql, each, 'exact', 'contains')),
  ];
}

/** A literal search for all texts at once, in groups of the engine's limit. Several times faster than a pattern. */
function quickSearch(value: Sql, texts: readonly string[]): Sql {
  const ascii = texts.every(isAscii);
  const searches: Sql[] = [];
  for (let i = 0; i < texts.length; i += 255) {
    const some = texts.slice(i, i + 255).map((each) => foldConstant(each, 'folded'));
    searches.push(sql`multiSearchAny(${foldValue(value, 'folded', ascii)}, [${joinSql(some, ', ')}])`);
  }
  return joinSql(searches, ' OR ');
}

/** Terms that stand in very many values: a poor start for a search. */
const COMMON = new Set([
  'exe',
  'dll',
  'com',
  'www',
  'http',
  'https',
  'net',
  'org',
  'windows',
  'system32',
  'microsoft',
]);

/** A shorter term is in many values too. */
const MIN_RARE_LENGTH = 4;

/** How many members of a list have each term, by the term in lower case. */
function countMembers(termsOf: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const members = new Map<string, number>();
  for (const own of termsOf) {
    for (const term of new Set(own.map((each) => each.toLowerCase())))
      members.set(term, (members.get(term) ?? 0) + 1);
  }
  return members;
}

/**
 * The term of a member that is probably in the fewest values: what the members of a list share (`example` in names of
 * one domain) says little, and of the others the longest says most.
 */
function rarestTerm(own: readonly string[], sharers: ReadonlyMap<string, number>): string | undefined {
  const rare = own.filter((term) => !COMMON.has(term.toLowerCase()));
  const long = rare.filter((term) => term.length >= MIN_RARE_LENGTH);
  const candidates = [long, rare, own].find((terms) => terms.length > 0) ?? [];
  const shared = (term: string) => sharers.get(term.toLowerCase()) ?? 0;
  return candidates.reduce<string | undefined>((best, term) => {
    if (best === undefined || shared(term) < shared(best)) return term;
    return shared(term) === shared(best) && term.length > best.length ? term : best;
  }, undefined);
}

/**
 * The rows of a relation: those that are one term are looked up as tokens; the others are found by their longest term
 * and then looked at one by one.
 */
function anyRow(value: Argument, relation: Argument): Sql {
  const n = sql`__n`;
  const longest = sql`arrayReverseSort(__s -> length(__s), splitByRegexp(${text('[^\\p{L}\\p{N}]+')}, lowerUTF8(__n)))[1]`;
  const isOneTerm = sql`${longest} = lowerUTF8(__n) AND __n != ''`;
  const terms = overTexts(
    relation,
    (all) => sql`arrayMap(__n -> lowerUTF8(__n), arrayFilter(__n -> ${isOneTerm}, ${all}))`,
  );
  const phrases = (all: Sql) => sql`arrayFilter(__n -> NOT (${isOneTerm}), ${all})`;
  const starts = overTexts(relation, (all) => sql`arrayMap(__n -> ${longest}, ${phrases(all)})`);
  const words = (array: Sql) => sql`hasAnyTokens(${termText(value.sql)}, ${array})`;
  const candidates = joinSql([sql`has(${starts}, '')`, words(starts)], ' OR ');
  // Phrases that start and end in a term share one pattern, compiled once. RE2 refuses very long ones, which go one by one.
  const isEnclosed = sql`match(__n, ${text('^[\\p{L}\\p{N}]')}) AND match(__n, ${text('[\\p{L}\\p{N}]$')})`;
  const enclosed = (all: Sql) => sql`arrayFilter(__n -> ${isEnclosed}, ${phrases(all)})`;
  const others = overTexts(relation, (all) => sql`arrayFilter(__n -> NOT (${isEnclosed}), ${phrases(all)})`);
  const literals = overTexts(
    relation,
    (all) => sql`arrayStringConcat(arrayMap(__n -> regexpQuoteMeta(lowerUTF8(__n)), ${enclosed(all)}), '|')`,
  );
  const isShort = sql`length(${literals}) <= 200000`;
  const pattern = sql`concat(${text(`${BEFORE}(?:`)}, if(${isShort}, ${literals}, ''), ${text(`)${AFTER}`)})`;
  const oneByOne = (array: Sql) => sql`arrayExists(__n -> ${has(value, n)}, ${array})`;
  const together = sql`if(${isShort}, match(lowerUTF8(${value.sql}), ${pattern}), ${oneByOne(overTexts(relation, enclosed))})`;
  const exact = joinSql(
    [sql`notEmpty(${literals}) AND ${together}`, oneByOne(others)].map((each) => sql`(${each})`),
    ' OR ',
  );
  const exactly = sql`(${exact})`;
  return joinSql([words(terms), joinSql([candidates, exactly], ' AND ')], ' OR ');
}
