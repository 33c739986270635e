import { joinSql, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { dynamicText } from './dynamic-path.ts';
import { elementTexts } from './list-members.ts';
import { need } from './operand.ts';
import { constantRegex } from './regex-match.ts';
import { type Argument, ArgumentFault, type FunctionFamily } from './registry.ts';
import { hasExpression, WHOLE } from './terms.ts';

/** Finding, counting and replacing texts in texts. Positions are zero-based and count code points. */
export const textSearch: FunctionFamily = {
  indexof: {
    summary:
      'The position of an occurrence, -1 if there is none; null for an empty text or impossible arguments.',
    page: 'indexof-function',
    params: ['string', 'string', 'long', 'long', 'long'],
    nulls: 'maybe',
    sql: (args) => indexOf(args),
    examples: [
      ['indexof("abcdefg", "cde", -5)', '2'],
      ['indexof(1234567, 5, 1, 4)', '4'],
      ['indexof("abcdefgabcdefg", "cde", 1, 10, 2)', '9'],
      ['indexof("abcdefgabcdefg", "cde", 1, -1, 3)', '-1'],
      ['isnull(indexof("abc", ""))', 'True'],
    ],
  },
  indexof_regex: {
    summary: 'The position of a match of a regular expression, -1 if there is none.',
    page: 'indexof-regex-function',
    params: ['string', 'string', 'long', 'long', 'long'],
    nulls: 'maybe',
    sql: (args) => indexOfRegex(args),
    examples: [
      ['indexof_regex("abcabc", "a.c")', '0'],
      ['indexof_regex("abcabcdefg", "a.c", 0, 9, 2)', '3'],
      ['indexof_regex("ababaa", "a.a", 0, -1, 2)', '-1'],
      ['isnull(indexof_regex("abcabc", "a|ab", -1))', 'True'],
    ],
  },
  countof: {
    summary: 'How often a text occurs, overlaps counted; or a regular expression, without overlaps.',
    page: 'countof-function',
    params: ['string'],
    nulls: 'never',
    sql: ([value, search, kind]) => countOf(need(value), need(search), kind),
    examples: [
      ['countof("aaaa", "aa")', '3'],
      ['countof("ababa", "aba")', '2'],
      ['countof("ababa", "aba", "regex")', '1'],
      ['countof("abc", "")', '0'],
    ],
  },
  replace_string: {
    summary: 'Replaces every occurrence of a text.',
    page: 'replace-string-function',
    params: ['string'],
    nulls: 'never',
    sql: ([value, search, rewrite]) => {
      const [v, s, r] = [need(value).sql, need(search), need(rewrite).sql];
      if (s.constant === '') return v;
      if (typeof s.constant === 'string') return sql`replaceAll(${v}, ${s.sql}, ${r})`;
      return sql`if(${s.sql} = '', ${v}, replaceAll(${v}, ${s.sql}, ${r}))`;
    },
    examples: [
      ['replace_string("a.b.c", ".", "-")', 'a-b-c'],
      ['replace_string("abc", "", "_")', 'abc'],
    ],
  },
  replace_strings: {
    summary: 'Replaces the occurrences of several texts; what was put in is not searched again.',
    page: 'replace-strings-function',
    params: ['string', 'dynamic', 'dynamic'],
    nulls: 'never',
    sql: ([value, searches, rewrites]) =>
      replaceStrings(need(value).sql, need(searches).sql, need(rewrites).sql),
    examples: [
      [
        'replace_strings("a cat into a dog", dynamic(["cat", "dog"]), dynamic(["dog", "pigeon"]))',
        'a dog into a pigeon',
      ],
      ['replace_strings("This is", dynamic(["is", "This"]), dynamic(["was", "This"]))', 'Thwas was'],
      ['replace_strings("This is", dynamic(["This", "is"]), dynamic([12345, "was"]))', 'This was'],
      ['replace_strings("a1b", dynamic([1, "b"]), dynamic(["x", "y"]))', 'a1y'],
      ['replace_strings("This is", dynamic(["This", "is"]), dynamic(["That"]))', 'That '],
    ],
  },
  has_any_index: {
    summary: 'The index of the first of the values that the text has as a term, -1 if it has none.',
    page: 'has-any-index-function',
    params: ['string', 'dynamic'],
    nulls: 'never',
    sql: ([value, values]) =>
      sql`toInt64(arrayFirstIndex(__n -> ${hasExpression(need(value).sql, sql`__n`, WHOLE, 'folded')}, ${elementTexts(need(values).sql)})) - 1`,
    examples: [
      ['has_any_index("this is an example", dynamic(["not", "example"]))', '1'],
      ['has_any_index("this is an example", dynamic([]))', '-1'],
    ],
  },
  translate: {
    summary:
      'Replaces characters of one list by those of another; a shorter list repeats its last character.',
    page: 'translate-function',
    params: ['string'],
    nulls: 'never',
    sql: ([from, to, value]) => translate(need(from).sql, need(to).sql, need(value).sql),
    examples: [
      ['translate("krasp", "otsku", "spark")', 'kusto'],
      ['translate("abc", "x", "abc")', 'xxx'],
      ['translate("abc", "", "ab1")', '1'],
    ],
  },
};

function indexOf(args: readonly Argument[]): Sql {
  const [value, search, start, length, occurrence] = args;
  const needle = need(search);
  return bind(sql`__v`, need(value).sql, (v) =>
    bind(sql`__b`, from(v, start), (first) => {
      const hit = (after: Sql) => sql`positionUTF8(${v}, ${needle.sql}, toUInt64(${after}))`;
      const next = sql`if(__p = 0, toUInt64(0), ${hit(sql`__p + 1`)})`;
      const opening = hit(sql`${first} + 1`);
      const found = isOne(occurrence)
        ? opening
        : sql`arrayFold((__p, __i) -> ${next}, range(toUInt64(greatest(0, least(10000, ${wanted(occurrence)} - 1)))), ${opening})`;
      const place = sql`toInt64(${found}) - 1`;
      const answer = bind(sql`__f`, sql`(${place})`, (at) => within(at, first, length));
      return possible([sql`${needle.sql} != ''`], length, occurrence, answer);
    }),
  );
}

/** The zero-based start; a negative one counts from the end. */
function from(value: Sql, start: Argument | undefined): Sql {
  if (start === undefined) return sql`0`;
  if (typeof start.constant === 'bigint' && start.constant >= 0n) {
    return sql`least(${start.sql}, 1000000000)`;
  }
  const fromEnd = sql`greatest(0, toInt64(lengthUTF8(${value})) + greatest(${start.sql}, -1000000000))`;
  return sql`(if(ifNull(${start.sql}, 0) < 0, ${fromEnd}, least(ifNull(${start.sql}, 0), 1000000000)))`;
}

function isOne(occurrence: Argument | undefined): boolean {
  return occurrence === undefined || occurrence.constant === 1n;
}

function wanted(occurrence: Argument | undefined): Sql {
  return occurrence === undefined ? sql`1` : sql`ifNull(${occurrence.sql}, 1)`;
}

/** The length bounds where an occurrence starts; -1 is no bound. */
function within(at: Sql, first: Sql, length: Argument | undefined): Sql {
  if (length === undefined || length.constant === -1n) return sql`if(${at} < 0, toInt64(-1), ${at})`;
  const bound = sql`ifNull(${length.sql}, -1)`;
  return sql`if(${at} < 0 OR (${bound} >= 0 AND ${at} - ${first} >= ${bound}), toInt64(-1), ${at})`;
}

function possible(
  conditions: readonly Sql[],
  length: Argument | undefined,
  occurrence: Argument | undefined,
  answer: Sql,
): Sql {
  const all = [
    ...conditions,
    ...(length === undefined ? [] : [sql`ifNull(${length.sql}, -1) >= -1`]),
    ...(isOne(occurrence) ? [] : [sql`${wanted(occurrence)} >= 1`]),
  ];
  return all.length === 0 ? answer : sql`if(${joinSql(all, ' AND ')}, ${answer}, NULL)`;
}

function indexOfRegex(args: readonly Argument[]): Sql {
  const [value, pattern, start, length, occurrence] = args;
  const regex = constantRegex(need(pattern));
  const nth = occurrence === undefined ? 1n : occurrence.constant;
  if (!regex) throw new ArgumentFault('`indexof_regex` needs a constant regular expression');
  if (typeof nth !== 'bigint')
    throw new ArgumentFault('the occurrence of `indexof_regex` must be a constant');
  if (nth < 1n || nth > 100n) return sql`CAST(NULL, 'Nullable(Int64)')`;
  const before = nth === 1n ? '' : `(?:(?s:.*?)(?:${regex.re2})){${nth - 1n}}`;
  const first = start === undefined ? sql`0` : sql`least(greatest(ifNull(${start.sql}, 0), 0), 1000000000)`;
  const rest = start === undefined ? need(value).sql : sql`substringUTF8(${need(value).sql}, ${first} + 1)`;
  const found = bind(sql`__r`, rest, (v) => {
    // The group is what stands before the match.
    const lead = text(`^(${before}(?s:.*?))(?:${regex.re2})`);
    const position = sql`toInt64(lengthUTF8(regexpExtract(${v}, ${lead}, 1)))`;
    return sql`if(match(${v}, ${lead}), ${position} + ${first}, -1)`;
  });
  const answer = bind(sql`__f`, found, (at) => within(at, first, length));
  const conditions = start === undefined ? [] : [sql`ifNull(${start.sql}, 0) >= 0`];
  return possible(conditions, length, undefined, answer);
}

function countOf(value: Argument, search: Argument, kind: Argument | undefined): Sql {
  if (kind !== undefined && typeof kind.constant !== 'string') {
    throw new ArgumentFault('the kind of `countof` must be a constant: "normal" or "regex"');
  }
  if (kind?.constant === 'regex') {
    const regex = constantRegex(search);
    if (!regex) throw new ArgumentFault('`countof` needs a constant regular expression');
    return sql`toInt64(countMatches(${value.sql}, ${text(regex.re2)}))`;
  }
  const needle = search.constant;
  if (needle === '') return sql`toInt64(0)`;
  if (typeof needle === 'string' && !overlapsItself(needle)) {
    return sql`toInt64(countSubstrings(${value.sql}, ${search.sql}))`;
  }
  // The engine counts without overlaps, so each position is looked at; there are none in texts without any.
  return bind(sql`__v`, value.sql, (v) =>
    bind(sql`__s`, search.sql, (s) => {
      const places = sql`range(1, greatest(1, toInt64(length(${v})) - toInt64(length(${s})) + 2))`;
      const each = sql`arrayCount(__i -> substring(${v}, __i, length(${s})) = ${s}, ${places})`;
      return sql`toInt64(if(${s} = '' OR position(${v}, ${s}) = 0, 0, ${each}))`;
    }),
  );
}

/** Whether some start of the text is also its end. */
function overlapsItself(needle: string): boolean {
  for (let length = 1; length < needle.length; length++) {
    if (needle.startsWith(needle.slice(needle.length - length))) return true;
  }
  return false;
}

/** First every text gives way to a private character of its own, then those to the new texts. */
/**
 * A lookup that is no string is never found. What a lookup finds stays as it is where its replacement is no string, and
 * no later lookup finds anything in it; a missing replacement is empty.
 */
function replaceStrings(value: Sql, lookups: Sql, replacements: Sql): Sql {
  const raw = (array: Sql) =>
    sql`JSONExtractArrayRaw(if(startsWith(${array}, '['), ${array}, concat('[', ${array}, ']')))`;
  const pairs = sql`arrayFilter(__p -> startsWith(__p.1, '"'), arrayZip(${raw(lookups)}, arrayResize(${raw(replacements)}, length(${raw(lookups)}), '""')))`;
  const texts = (part: Sql) => sql`arrayMap(__p -> ${dynamicText(part)}, ${pairs})`;
  const [searches, rewrites] = [texts(sql`__p.1`), texts(sql`if(startsWith(__p.2, '"'), __p.2, __p.1)`)];
  const mark = sql`concat(${text('\u{fdd0}')}, toString(__i), ${text('\u{fdd1}')})`;
  const indexes = sql`arrayEnumerate(${searches})`;
  const marked = sql`arrayFold((__acc, __i, __s) -> if(__s = '', __acc, replaceAll(__acc, __s, ${mark})), ${indexes}, ${searches}, ${value})`;
  return sql`arrayFold((__acc, __i, __s) -> replaceAll(__acc, ${mark}, __s), ${indexes}, ${rewrites}, ${marked})`;
}

function translate(fromList: Sql, toList: Sql, value: Sql): Sql {
  const characters = (each: Sql) => sql`extractAll(${each}, '(?s).')`;
  return bind(sql`__f`, sql`(${characters(fromList)})`, (f) =>
    bind(sql`__t`, sql`(${characters(toList)})`, (t) => {
      const place = sql`indexOf(${f}, __c)`;
      const other = sql`${t}[least(${place}, length(${t}))]`;
      return sql`arrayStringConcat(arrayMap(__c -> multiIf(${place} = 0, __c, empty(${t}), '', ${other}), ${characters(value)}))`;
    }),
  );
}
