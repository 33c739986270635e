import { joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { convert } from './coerce.ts';
import { elementTexts } from './list-members.ts';
import { need } from './operand.ts';
import type { FunctionFamily, ScalarFunction } from './registry.ts';
import { ofText } from './textual.ts';

const encode64 = ofText(
  'The UTF-8 bytes of the text as base64.',
  'base64-encode-tostring-function',
  (value) => sql`base64Encode(${value})`,
  ['base64_encode_tostring("Kusto")', 'S3VzdG8='],
);

const decode64 = ofText(
  'The text behind base64, empty where it is invalid or no UTF-8.',
  'base64-decode-tostring-function',
  (value) =>
    bind(sql`__b`, sql`tryBase64Decode(${value})`, (bytes) => sql`if(isValidUTF8(${bytes}), ${bytes}, '')`),
  ['base64_decode_tostring("S3VzdG8=")', 'Kusto'],
  ['base64_decode_tostring("U3RyaW5n0KHR0tGA0L7Rh9C60LA=")', ''],
);

const fromCodePoints: ScalarFunction = {
  summary: 'The text of the code points, given one by one or in arrays.',
  page: 'make-string-function',
  nulls: 'never',
  sql: (args) => {
    const texts = args.map((each) =>
      each.type === 'dynamic' ? elementTexts(each.sql) : sql`[${convert(each.sql, each.type, 'string')}]`,
    );
    const codes = sql`arrayMap(__k -> ifNull(toUInt32OrNull(__k), 0), arrayConcat(${joinSql(texts, ', ')}))`;
    return sql`arrayStringConcat(arrayMap(__k -> ${utf8(sql`__k`)}, ${codes}))`;
  },
  examples: [
    ['unicode_codepoints_to_string(dynamic([75, 117]), 8364, 128512)', 'Ku€😀'],
    ['make_string(75, 117, 115)', 'Kus'],
  ],
};

const toCodePoints: ScalarFunction = {
  ...ofText(
    'An array of the code points of the text.',
    'unicode-codepoints-from-string-function',
    (value) => {
      const byte = (at: Sql, mask: Sql) =>
        sql`bitAnd(toUInt32(reinterpretAsUInt8(substring(__c, ${at}, 1))), ${mask})`;
      const tail = sql`${byte(sql`length(__c)`, sql`63`)}`;
      const before = sql`${byte(sql`length(__c) - 1`, sql`63`)} * 64`;
      const third = sql`${byte(sql`length(__c) - 2`, sql`63`)} * 4096`;
      const code = sql`multiIf(length(__c) = 1, ${byte(sql`1`, sql`127`)}, length(__c) = 2, ${byte(sql`1`, sql`31`)} * 64 + ${tail}, length(__c) = 3, ${byte(sql`1`, sql`15`)} * 4096 + ${before} + ${tail}, ${byte(sql`1`, sql`7`)} * 262144 + ${third} + ${before} + ${tail})`;
      return sql`toJSONString(arrayMap(__c -> toUInt32(${code}), extractAll(${value}, '(?s).')))`;
    },
  ),
  examples: [['unicode_codepoints_from_string("aé⒦😀")', '[97,233,9382,128512]']],
};

/** Texts in and out of base64, URLs and code points. */
export const encoding: FunctionFamily = {
  base64_encode_tostring: encode64,
  base64_encodestring: encode64,
  base64_decode_tostring: decode64,
  base64_decodestring: decode64,
  base64_decode_toarray: ofText(
    'The bytes behind base64 as an array, null where it is invalid.',
    'base64-decode-toarray-function',
    (value) =>
      bind(sql`__b`, sql`tryBase64Decode(${value})`, (bytes) => {
        const each = sql`arrayMap(__i -> reinterpretAsUInt8(substring(${bytes}, __i, 1)), range(1, length(${bytes}) + 1))`;
        return sql`if(${bytes} = '', '', toJSONString(${each}))`;
      }),
    ['base64_decode_toarray("S3VzdG8=")', '[75,117,115,116,111]'],
  ),
  base64_encode_fromarray: {
    summary: 'An array of bytes as base64, empty where an element is no byte.',
    page: 'base64-encode-fromarray-function',
    params: ['dynamic'],
    nulls: 'never',
    sql: ([array]) => {
      const numbers = sql`arrayMap(__k -> ifNull(toUInt8OrNull(__k), 0), __l)`;
      const valid = sql`arrayAll(__k -> isNotNull(toUInt8OrNull(__k)), __l)`;
      const bytes = sql`arrayStringConcat(arrayMap(__k -> char(__k), ${numbers}))`;
      return sql`arrayMap(__l -> if(${valid}, base64Encode(${bytes}), ''), [${elementTexts(need(array).sql)}])[1]`;
    },
    examples: [['base64_encode_fromarray(dynamic([75, 117, 115, 116, 111]))', 'S3VzdG8=']],
  },
  base64_encode_fromguid: {
    summary: 'The 16 bytes of a guid as base64.',
    page: 'base64-encode-fromguid-function',
    params: ['guid'],
    nulls: 'never',
    sql: ([guid]) => {
      const digits = sql`replaceAll(toString(${need(guid).sql}), '-', '')`;
      return sql`ifNull(base64Encode(unhex(${swapped(digits)})), '')`;
    },
    examples: [
      ['base64_encode_fromguid(guid(ae3133f2-6e22-49ae-b06a-16e6a9b212eb))', '8jMxriJurkmwahbmqbIS6w=='],
    ],
  },
  base64_decode_toguid: {
    ...ofText('The guid behind base64, null where it is none.', 'base64-decode-toguid-function', (value) =>
      bind(sql`__b`, sql`hex(tryBase64Decode(${value}))`, (digits) => {
        const uuid = sql`replaceRegexpOne(${swapped(digits)}, '^(.{8})(.{4})(.{4})(.{4})(.{12})$', '\\\\1-\\\\2-\\\\3-\\\\4-\\\\5')`;
        return sql`if(length(${digits}) = 32, toUUIDOrNull(${uuid}), NULL)`;
      }),
    ),
    nulls: 'maybe',
    examples: [
      ['base64_decode_toguid("JpbpECu8dUy7Pv5gbeJXAA==")', '10e99626-bc2b-4c75-bb3e-fe606de25700'],
      ['isnull(base64_decode_toguid("abcd1231"))', 'True'],
    ],
  },
  url_encode: ofText(
    'The text with special characters as %xx and blanks as +.',
    'url-encode-function',
    (value) => {
      const kept = [
        sql`'%21', '!'`,
        sql`'%2A', '*'`,
        sql`'%28', '('`,
        sql`'%29', ')'`,
        sql`'%20', '+'`,
        sql`'~', '%7E'`,
      ];
      return percent(
        kept.reduce((text, pair) => sql`replaceAll(${text}, ${pair})`, sql`encodeURLComponent(${value})`),
      );
    },
    ['url_encode("https://a.b/hello world!")', 'https%3a%2f%2fa.b%2fhello+world!'],
  ),
  url_encode_component: ofText(
    'The text with special characters as %xx.',
    'url-encode-component-function',
    (value) => percent(sql`encodeURLComponent(${value})`),
    ['url_encode_component("https://a.b/hello world")', 'https%3a%2f%2fa.b%2fhello%20world'],
  ),
  url_decode: ofText(
    'The text behind %xx and +.',
    'url-decode-function',
    (value) => sql`toValidUTF8(decodeURLFormComponent(${value}))`,
    ['url_decode("https%3a%2f%2fwww.bing.com%2f+x%zz")', 'https://www.bing.com/ x%zz'],
  ),
  unicode_codepoints_to_string: fromCodePoints,
  make_string: fromCodePoints,
  unicode_codepoints_from_string: toCodePoints,
  to_utf8: toCodePoints,
  new_guid: {
    summary: 'A new random guid for every row.',
    page: 'new-guid-function',
    nulls: 'never',
    sql: () => sql`generateUUIDv4()`,
  },
};

/** 32 hex digits with the first three groups of a guid turned round, as its bytes stand in memory. */
function swapped(digits: Sql): Sql {
  const at = [sql`7`, sql`5`, sql`3`, sql`1`, sql`11`, sql`9`, sql`15`, sql`13`];
  const pairs = at.map((place) => sql`substring(${digits}, ${place}, 2)`);
  return sql`concat(${joinSql([...pairs, sql`substring(${digits}, 17)`], ', ')})`;
}

/** The digits after each `%` in lower case. */
function percent(value: Sql): Sql {
  const lowered = sql`concat('%', lower(substring(__p, 1, 2)), substring(__p, 3))`;
  const parts = sql`splitByChar('%', ${value})`;
  return sql`arrayStringConcat(arrayMap((__p, __i) -> if(__i = 1, __p, ${lowered}), ${parts}, arrayEnumerate(${parts})))`;
}

/** The bytes of one code point; '' for what is none. */
function utf8(code: Sql): Sql {
  const tail = (shift: Sql) => sql`128 + bitAnd(bitShiftRight(${code}, ${shift}), 63)`;
  const two = sql`char(192 + bitShiftRight(${code}, 6), ${tail(sql`0`)})`;
  const three = sql`char(224 + bitShiftRight(${code}, 12), ${tail(sql`6`)}, ${tail(sql`0`)})`;
  const four = sql`char(240 + bitShiftRight(${code}, 18), ${tail(sql`12`)}, ${tail(sql`6`)}, ${tail(sql`0`)})`;
  return sql`multiIf(${code} = 0 OR ${code} > 1114111 OR ${code} BETWEEN 55296 AND 57343, '', ${code} < 128, char(${code}), ${code} < 2048, ${two}, ${code} < 65536, ${three}, ${four})`;
}
