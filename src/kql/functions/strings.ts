import { int64, joinSql, type Sql, Strength, sql, sqlOp, text } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { printedTexts } from './dynamic-path.ts';
import { elementTexts } from './list-members.ts';
import { need } from './operand.ts';
import type { Argument, FunctionFamily, ScalarFunction } from './registry.ts';
import { ofTexts } from './textual.ts';

const same = sqlOp(Strength.comparison);

const isEmpty: ScalarFunction = {
  summary: 'True for an empty text and for null.',
  page: 'isempty-function',
  nulls: 'never',
  sql: ([value]) => emptiness(need(value)),
  examples: [
    ['isempty("")', 'True'],
    ['isempty(int(null))', 'True'],
    ['isempty(0)', 'False'],
  ],
};

const isNotEmpty: ScalarFunction = {
  summary: 'False for an empty text and for null.',
  page: 'isnotempty-function',
  nulls: 'never',
  sql: ([value]) => {
    const argument = need(value);
    return argument.type === 'string'
      ? same`${argument.sql} != ''`
      : sqlOp(Strength.not)`NOT ${emptiness(argument)}`;
  },
  examples: [['isnotempty("a")', 'True']],
};

function emptiness(value: Argument): Sql {
  if (value.type === 'string') return same`${value.sql} = ''`;
  if (value.type === 'dynamic') return same`${value.sql} IN ('', '""')`;
  return value.nullable ? sql`isNull(${value.sql})` : sql`0`;
}

/** Functions of whole texts. Positions and lengths count code points. */
export const strings: FunctionFamily = {
  isempty: isEmpty,
  isnotempty: isNotEmpty,
  notempty: isNotEmpty,
  strlen: {
    ...ofTexts(
      'The length in code points.',
      'strlen-function',
      (value) => sql`toInt64(lengthUTF8(${value}))`,
    ),
    examples: [['strlen("naïve")', '5']],
  },
  string_size: {
    ...ofTexts(
      'The length in bytes of UTF-8.',
      'string-size-function',
      (value) => sql`toInt64(length(${value}))`,
    ),
    examples: [['string_size("naïve")', '6']],
  },
  tolower: ofTexts('The text in lower case.', 'tolower-function', (value) => sql`lowerUTF8(${value})`, [
    'tolower("ÀB")',
    'àb',
  ]),
  toupper: ofTexts('The text in upper case.', 'toupper-function', (value) => sql`upperUTF8(${value})`, [
    'toupper("àb")',
    'ÀB',
  ]),
  reverse: ofTexts(
    'The code points in reverse order.',
    'reverse-function',
    (value) => sql`reverseUTF8(${value})`,
    ['reverse("aéb")', 'béa'],
    ['reverse(12345)', '54321'],
  ),
  strcat: ofTexts(
    'The texts of all values, one after another.',
    'strcat-function',
    (...values) => sql`concat('', ${joinSql(values, ', ')})`,
    ['strcat("a", 1, 1h)', 'a101:00:00'],
  ),
  strcat_delim: ofTexts(
    'The texts of all values, with the first one between them.',
    'strcat-delim-function',
    (delimiter, first, ...rest) => {
      const between = delimiter ?? sql`''`;
      const tail = rest.flatMap((each) => [between, each]);
      return sql`concat('', ${joinSql([first ?? sql`''`, ...tail], ', ')})`;
    },
    ['strcat_delim("-", 1, "2", "A", 1s)', '1-2-A-00:00:01'],
  ),
  strcat_array: {
    summary: 'The texts of the elements, with the delimiter between them.',
    page: 'strcat-array-function',
    params: ['dynamic', 'string'],
    nulls: 'never',
    sql: ([array, delimiter]) => joined(elementTexts(need(array).sql), need(delimiter)),
    examples: [['strcat_array(dynamic([1, null, "b"]), "->")', '1->->b']],
  },
  strrep: {
    summary: 'The text of the value, up to 1024 times, with the delimiter between.',
    page: 'strrep-function',
    params: ['string', 'long', 'string'],
    nulls: 'never',
    sql: ([value, times, delimiter]) => {
      const copies = sql`arrayWithConstant(toUInt64(greatest(0, least(1024, ifNull(${need(times).sql}, 0)))), ${need(value).sql})`;
      return delimiter ? joined(copies, delimiter) : sql`arrayStringConcat(${copies})`;
    },
    examples: [
      ['strrep("ABC", 2)', 'ABCABC'],
      ['strrep(123, 3, ".")', '123.123.123'],
    ],
  },
  strcmp: {
    ...ofTexts('-1, 0 or 1: the order of two texts by code points.', 'strcmp-function', (left, right) => {
      const [a, b] = [need(left), need(right)];
      return sql`toInt64(multiIf(${a} < ${b}, -1, ${a} > ${b}, 1, 0))`;
    }),
    examples: [['strcmp("abc", "ABC")', '1']],
  },
  substring: {
    summary: 'A part of the text from a zero-based start; a negative start counts from the end.',
    page: 'substring-function',
    params: ['string', 'long', 'long'],
    nulls: 'never',
    sql: ([value, start, length]) => substring(need(value).sql, need(start), length),
    examples: [
      ['substring("123456", 1)', '23456'],
      ['substring("123456", 2, 2)', '34'],
      ['substring("ABCD", -2, 5)', 'CD'],
      ['substring("héé", -7, 2)', ''],
    ],
  },
  split: {
    summary: 'An array of the parts between the delimiters, or of the part at one index.',
    page: 'split-function',
    params: ['string', 'string', 'long'],
    nulls: 'never',
    sql: ([value, delimiter, index]) => split(need(value).sql, need(delimiter), index),
    examples: [
      ['split("aa__bb", "_")', '["aa","","bb"]'],
      ['split("aaa_bbb_ccc", "_", 1)', '["bbb"]'],
      ['split("", "_")', '[""]'],
    ],
  },
};

/** The engine joins by constants only; other delimiters take the place of a constant that no text holds. */
function joined(texts: Sql, delimiter: Argument): Sql {
  if (typeof delimiter.constant === 'string')
    return sql`arrayStringConcat(${texts}, ${text(delimiter.constant)})`;
  return sql`replaceAll(arrayStringConcat(${texts}, ${text(MARK)}), ${text(MARK)}, ${delimiter.sql})`;
}

/** Noncharacters, which Unicode reserves for such use inside programs. */
const MARK = '\u{fdd0}\u{fdd1}\u{fdd0}';

/** One beyond any position in a text. */
const FAR = 1_000_000_000n;

function substring(value: Sql, start: Argument, length: Argument | undefined): Sql {
  const far = sql`1000000000`;
  const taken = length === undefined ? far : sql`greatest(0, least(${far}, ifNull(${length.sql}, 0)))`;
  if (typeof start.constant === 'bigint' && start.constant >= 0n) {
    const from = start.constant > FAR ? FAR : start.constant;
    return sql`substringUTF8(${value}, ${int64(from + 1n)}, ${taken})`;
  }
  return bind(sql`__v`, value, (v) =>
    bind(sql`__s`, sql`ifNull(${start.sql}, 0)`, (start) => {
      const fromEnd = sql`toInt64(lengthUTF8(${v})) + greatest(${start}, -${far})`;
      return bind(
        sql`__f`,
        sql`(if(${start} < 0, ${fromEnd}, least(${start}, ${far})))`,
        (first) => sql`if(${first} < 0, '', substringUTF8(${v}, ${first} + 1, ${taken}))`,
      );
    }),
  );
}

function split(value: Sql, delimiter: Argument, index: Argument | undefined): Sql {
  const parts = bind(sql`__v`, value, (v) => sql`if(${v} = '', [''], ${partsOf(v, delimiter)})`);
  if (index === undefined) {
    const list = sql`toJSONString(${parts})`;
    return delimiter.constant === '' || typeof delimiter.constant !== 'string'
      ? list
      : printedTexts(list, partsOf(value, delimiter));
  }
  // A negative index asks for all parts.
  const at = sql`least(ifNull(${index.sql}, -1), 1000000000)`;
  return sql`toJSONString(if(${at} < 0, ${parts}, arraySlice(${parts}, ${at} + 1, 1)))`;
}

function partsOf(value: Sql, delimiter: Argument): Sql {
  if (delimiter.constant === '') return sql`[${value}]`;
  if (typeof delimiter.constant === 'string')
    return sql`splitByString(${text(delimiter.constant)}, ${value})`;
  const marked = sql`if(${delimiter.sql} = '', ${value}, replaceAll(${value}, ${delimiter.sql}, ${text(MARK)}))`;
  return sql`splitByString(${text(MARK)}, ${marked})`;
}
