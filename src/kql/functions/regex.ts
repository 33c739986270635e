import { count, joinSql, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { convert } from './coerce.ts';
import { need } from './operand.ts';
import { constantRegex, guarded } from './regex-match.ts';
import type { Regex } from './regex-syntax.ts';
import { type Argument, ArgumentFault, type FunctionFamily } from './registry.ts';

/**
 * Functions of regular expressions. Groups that took no part are ''.
 * https://learn.microsoft.com/kusto/query/regex
 */
export const regex: FunctionFamily = {
  extract: {
    summary: 'The part of the text that one group of the first match took, as a value of the given type.',
    page: 'extract-function',
    params: ['string', 'long', 'string', 'any'],
    nulls: 'maybe',
    sql: ([pattern, group, value], context) =>
      convert(extract(need(pattern), need(group), need(value)), 'string', context.type),
    examples: [
      ['extract("(\\\\d+)-(\\\\d+)", 2, "10-20-30")', '20'],
      ['extract("x(y)?", 1, "x")', ''],
      ['extract("\\\\d+", 0, "a12b", typeof(long)) + 1', '13'],
    ],
  },
  extract_all: {
    summary: 'All matches: their one group each, or an array of their groups.',
    page: 'extract-all-function',
    params: ['string', 'any', 'string'],
    nulls: 'never',
    sql: (args) => extractAll(args),
    examples: [
      ['extract_all("([a-z])(\\\\d)", "a1 b2")', '[["a","1"],["b","2"]]'],
      ['extract_all("([a-z])(\\\\d)", dynamic([2]), "a1 b2")', '["1","2"]'],
      ['isnull(extract_all("(x)", "a1 b2"))', 'True'],
    ],
  },
  replace_regex: {
    summary:
      'Replaces every match; `\\1` to `\\9` in the new text stand for its groups, `\\0` for all of it.',
    page: 'replace-regex-function',
    params: ['string'],
    nulls: 'never',
    sql: ([value, pattern, rewrite]) => replaceAll(need(value), need(pattern), need(rewrite)),
    examples: [
      ['replace_regex("a1 b2", "([a-z])(\\\\d)", "\\\\2\\\\1")', '1a 2b'],
      ['replace_regex(make_string(dynamic([97, 0, 98])), @"\\0", "")', 'ab'],
    ],
  },
  replace: {
    summary: 'The old name of `replace_regex`, with the text last.',
    page: 'replace-function',
    params: ['string'],
    nulls: 'never',
    sql: ([pattern, rewrite, value]) => replaceAll(need(value), need(pattern), need(rewrite)),
  },
  trim: {
    summary: 'Removes one match at each end.',
    page: 'trim-function',
    params: ['string'],
    nulls: 'never',
    sql: ([pattern, value]) => cut(need(pattern), cut(need(pattern), need(value).sql, 'start'), 'end'),
    examples: [
      ['trim("x", "xxabcxx")', 'xabcx'],
      ['trim("[^\\\\w]+", "- te st! ")', 'te st'],
    ],
  },
  trim_start: {
    summary: 'Removes one match at the start.',
    page: 'trim-start-function',
    params: ['string'],
    nulls: 'never',
    sql: ([pattern, value]) => cut(need(pattern), need(value).sql, 'start'),
    examples: [['trim_start("\\\\s+", "  a ")', 'a ']],
  },
  trim_end: {
    summary: 'Removes one match at the end.',
    page: 'trim-end-function',
    params: ['string'],
    nulls: 'never',
    sql: ([pattern, value]) => cut(need(pattern), need(value).sql, 'end'),
    examples: [['trim_end(".com", "bing.com")', 'bing']],
  },
  regex_quote: {
    summary: 'A regular expression that matches exactly the text.',
    page: 'regex-quote-function',
    params: ['string'],
    nulls: 'never',
    sql: ([value]) =>
      sql`replaceRegexpAll(${need(value).sql}, '[\\\\\\\\.+*?()|{}^$#\\\\[\\\\] \\\\t\\\\n]', '\\\\\\\\\\\\0')`,
    examples: [['regex_quote("(so.$)")', '\\(so\\.\\$\\)']],
  },
};

function extract(pattern: Argument, group: Argument, value: Argument): Sql {
  const wanted = group.constant;
  if (typeof wanted !== 'bigint') throw new ArgumentFault('the group of `extract` must be a constant number');
  const known = constantRegex(pattern);
  if (wanted < 0n || wanted > 100n || (known && wanted > known.groups)) return sql`''`;
  const number = count(Number(wanted));
  if (known) return sql`regexpExtract(${value.sql}, ${text(known.re2)}, ${number})`;
  if (wanted > 9n) throw new ArgumentFault('a group above 9 needs a constant regular expression');
  // Only the replacing functions take patterns by row: the whole text is replaced by the group.
  const whole = (usable: Sql) =>
    sql`concat('(?s)^.*?', ${wanted === 0n ? sql`'('` : sql`'(?:'`}, ${usable}, ')()()()()()()()()().*$')`;
  const took = text(`\\${wanted === 0n ? 1n : wanted}`);
  return guarded(
    pattern.sql,
    (usable) =>
      sql`if(match(${value.sql}, ${usable}), replaceRegexpOne(${value.sql}, ${whole(usable)}, ${took}), '')`,
    sql`''`,
  );
}

function extractAll(args: readonly Argument[]): Sql {
  const pattern = need(args[0]);
  const value = need(args.at(-1));
  const subject = value.type === 'string' ? value.sql : convert(value.sql, value.type, 'string');
  const known = constantRegex(pattern);
  if (!known) throw new ArgumentFault('`extract_all` needs a constant regular expression');
  const whole = known.groups === 0;
  const wanted = args.length > 2 ? chosenGroups(need(args[1]), known) : undefined;
  const groups = wanted ?? Array.from({ length: Math.max(1, known.groups) }, (_, i) => i + 1);
  const re2 = text(whole ? `(${known.re2})` : known.re2);
  const picks = groups.map((group) => sql`__m[${count(group)}]`);
  const [single, ...more] = picks;
  if (single === undefined) throw new ArgumentFault('`extract_all` needs at least one group');
  const pick = more.length === 0 ? single : sql`[${joinSql(picks, ', ')}]`;
  const all = sql`extractAllGroupsVertical(${subject}, ${re2})`;
  return bind(
    sql`__a`,
    all,
    (found) => sql`if(empty(${found}), '', toJSONString(arrayMap(__m -> ${pick}, ${found})))`,
  );
}

/** The groups of a constant `dynamic([1, "name"])`. */
function chosenGroups(argument: Argument, known: Regex): number[] {
  if (typeof argument.constant !== 'string' || argument.constant === '') {
    throw new ArgumentFault('the groups of `extract_all` must be a constant array');
  }
  const listed: unknown = JSON.parse(argument.constant);
  if (!Array.isArray(listed)) throw new ArgumentFault('the groups of `extract_all` must be an array');
  return listed.map((each: unknown) => {
    const group = typeof each === 'string' ? (known.names.get(each) ?? Number(each)) : Number(each);
    if (!Number.isInteger(group) || group < 1 || group > known.groups) {
      throw new ArgumentFault('`extract_all` names a group that its regular expression does not have');
    }
    return group;
  });
}

function replaceAll(value: Argument, pattern: Argument, rewrite: Argument): Sql {
  const known = constantRegex(pattern);
  if (known)
    return sql`replaceRegexpAll(${value.sql}, ${text(known.re2)}, ${rewriting(rewrite, known.groups)})`;
  return guarded(
    pattern.sql,
    (usable) => {
      // Empty groups make every reference valid; those past the pattern's own groups are empty.
      const padded = sql`concat('(?:', ${usable}, ')()()()()()()()()()')`;
      return sql`replaceRegexpAll(${value.sql}, ${padded}, ${rewriting(rewrite, 9)})`;
    },
    value.sql,
  );
}

/** The new text as RE2 takes it: a reference to a group that is not there is dropped, a stray backslash is itself. */
function rewriting(rewrite: Argument, groups: number): Sql {
  if (typeof rewrite.constant === 'string') {
    const safe = rewrite.constant.replaceAll(/\\([0-9])?/g, (_, digit: string | undefined) => {
      if (digit === undefined) return '\\\\';
      return Number(digit) <= groups ? `\\${digit}` : '';
    });
    return text(safe);
  }
  const valid = text(`\\\\([^0-${Math.min(9, groups)}]|$)`);
  return sql`replaceRegexpAll(${rewrite.sql}, ${valid}, ${text('\\\\\\\\\\1')})`;
}

function cut(pattern: Argument, value: Sql, end: 'start' | 'end'): Sql {
  const known = constantRegex(pattern);
  const around = end === 'start' ? (['^(?:', ')'] as const) : (['(?:', ')$'] as const);
  if (known) return sql`replaceRegexpOne(${value}, ${text(around[0] + known.re2 + around[1])}, '')`;
  return guarded(
    pattern.sql,
    (usable) =>
      sql`replaceRegexpOne(${value}, concat(${text(around[0])}, ${usable}, ${text(around[1])}), '')`,
    value,
  );
}
