import { count, joinSql, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { need } from './operand.ts';
import { ArgumentFault, type FunctionFamily } from './registry.ts';
import { ofText } from './textual.ts';

/** Texts with a structure of their own, as arrays and bags. */
export const parsingFunctions: FunctionFamily = {
  parse_url: ofText(
    'The parts of a URL, as texts in a bag.',
    'parse-url-function',
    (value) => bind(sql`__u`, sql`extractGroups(${value}, ${text(URL_FORM)})`, urlBag),
    [
      'parse_url("scheme://user:pw@host:1234/a/b?k1=v1&k2=v%202#frag")',
      '{"Scheme":"scheme","Host":"host","Port":"1234","Path":"/a/b","Username":"user","Password":"pw","Query Parameters":{"k1":"v1","k2":"v%202"},"Fragment":"frag"}',
    ],
    ['parse_url("https://example.com").Host', 'example.com'],
    [
      'parse_url("//u@h?a=1&a=2&b")',
      '{"Scheme":"","Host":"h","Port":"","Path":"","Username":"u","Password":"","Query Parameters":{"a":"1","b":""},"Fragment":""}',
    ],
  ),
  url_part: {
    summary: 'One of the texts in what `parse_url` yields: `parse_url(x).Host`, without the others.',
    page: 'parse-url-function',
    params: ['string', 'any'],
    nulls: 'never',
    sql: ([value, name]) => {
      const group = URL_PARTS[String(name?.constant)];
      if (group === undefined) throw new Error('url_part takes the name of a part');
      return sql`toJSONString(extractGroups(${need(value).sql}, ${text(URL_FORM)})[${count(group)}])`;
    },
    examples: [
      ['parse_url("s://u:p@h:1/a?b=c#d")["Port"]', '1'],
      ['strcat(parse_url("s://u:p@h:1/a?b=c#d").Username, parse_url("s://u:p@h:1/a?b=c#d").Path)', 'u/a'],
      ['gettype(parse_url("").Host)', 'string'],
      ['isnull(parse_url("s://h").Nothing)', 'True'],
    ],
  },
  parse_urlquery: ofText(
    'The parameters of the query part of a URL.',
    'parse-urlquery-function',
    (value) => sql`concat('{"Query Parameters":', ${parameters(value)}, '}')`,
    ['parse_urlquery("k1=v1&k2=&k3")', '{"Query Parameters":{"k1":"v1","k2":"","k3":""}}'],
  ),
  parse_path: ofText(
    'The parts of a file path, as texts in a bag.',
    'parse-path-function',
    (value) => bind(sql`__u`, sql`extractGroups(${value}, ${text(PATH_FORM)})`, pathBag),
    [
      'parse_path("file://C:/temp/file.txt:some.exe")',
      '{"Scheme":"file","RootPath":"C:/","DirectoryPath":"C:/temp","DirectoryName":"temp","Filename":"file.txt","Extension":"txt","AlternateDataStreamName":"some.exe"}',
    ],
  ),
  parse_csv: ofText(
    'The fields of the first record of a CSV text.',
    'parse-csv-function',
    (value) => {
      const record = sql`concat(',', regexpExtract(${value}, ${text('^((?:"(?:[^"]|"")*"|[^"\\r\\n])*)')}, 1))`;
      const fields = sql`extractAllGroupsVertical(${record}, ${text(',(?:"((?:[^"]|"")*)"|([^,]*))')})`;
      return sql`toJSONString(arrayMap(__m -> if(__m[1] != '', replaceAll(__m[1], '""', '"'), __m[2]), ${fields}))`;
    },
    ['parse_csv("aa,\\"b,b\\",\\"say \\"\\"x\\"\\"\\",,d\\nnext")', '["aa","b,b","say \\"x\\"","","d"]'],
    ['parse_csv("")', '[""]'],
  ),
  parse_version: {
    summary: 'A number that orders version texts of up to four parts.',
    page: 'parse-version-function',
    params: ['string'],
    nulls: 'maybe',
    sql: ([value]) =>
      bind(sql`__v`, need(value).sql, (v) => {
        const parts = sql`arrayResize(splitByChar('.', ${v}), 4, '0')`;
        const digits = sql`arrayStringConcat(arrayMap(__p -> leftPad(__p, 8, '0'), ${parts}))`;
        const valid = sql`match(${v}, ${text('^[0-9]{1,8}([.][0-9]{1,8}){0,3}$')})`;
        return sql`toDecimal256OrNull(if(${valid}, ${digits}, ''), 28)`;
      }),
    examples: [
      ['parse_version("1.2.3.4") == decimal(1000000020000000300000004)', 'True'],
      ['parse_version("10.22") > parse_version("9.9.9.9")', 'True'],
      ['isnull(parse_version("1.2.3.4.5"))', 'True'],
    ],
  },
  parse_command_line: {
    summary: 'The arguments of a Windows command line.',
    page: 'parse-command-line-function',
    params: ['string'],
    nulls: 'never',
    sql: ([value, kind]) => {
      if (String(need(kind).constant).toLowerCase() !== 'windows') {
        throw new ArgumentFault('`parse_command_line` knows the kind "windows" only');
      }
      return commandLine(need(value).sql);
    },
    examples: [
      ['parse_command_line("echo \\"hello world!\\"", "windows")', '["echo","hello world!"]'],
      ['parse_command_line(@"a\\b  c:\\ ", "windows")', '["a\\\\b","c:\\\\"]'],
      ['parse_command_line(@\'"a b\\" c" "d\\\\" " e\', "windows")', '["a b\\" c","d\\\\"," e"]'],
      [
        'parse_command_line(@\'a.exe "C:\\x y\\\\" \\\\s\\t a\\"b ""\', "windows")',
        '["a.exe","C:\\\\x y\\\\","\\\\\\\\s\\\\t","a\\"b",""]',
      ],
    ],
  },
  format_bytes: {
    summary: 'A number of bytes in the largest fitting unit, or in the given one.',
    page: 'format-bytes-function',
    params: ['real', 'long', 'string'],
    nulls: 'never',
    sql: ([bytes, precision, unit]) => {
      const digits =
        precision === undefined ? sql`0` : sql`toInt8(greatest(0, least(15, ifNull(${precision.sql}, 0))))`;
      return bind(sql`__b`, need(bytes).sql, (b) => {
        const power = unit === undefined ? fittingPower(b) : powerOf(unit.constant);
        return bind(sql`__p`, power, (p) => {
          const scaled = sql`toString(round(${b} / pow(1024, ${p}), ${digits}))`;
          return sql`if(isNull(${b}), '', concat(ifNull(${scaled}, ''), ' ', ${UNIT_LIST}[ifNull(${p}, 0) + 1]))`;
        });
      });
    },
    examples: [
      ['format_bytes(564)', '564 Bytes'],
      ['format_bytes(10332, 1)', '10.1 KB'],
      ['format_bytes(20010332, 2)', '19.08 MB'],
      ['format_bytes(20010332, 0, "KB")', '19541 KB'],
    ],
  },
};

/** Scheme, user, password, host, port, path, query, fragment: RFC 3986, appendix B, with the authority taken apart. */
const URL_FORM =
  '(?s)^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\\[[^\\]]*\\]|[^:/?#]*)(?::([0-9]*))?)?([^?#]*)(?:\\?([^#]*))?(?:#(.*))?$';

/** The groups of `URL_FORM` that are texts of the bag, in its order; the parameters stand before the last. */
export const URL_PARTS: Readonly<Record<string, number>> = {
  Scheme: 1,
  Host: 4,
  Port: 5,
  Path: 6,
  Username: 2,
  Password: 3,
  Fragment: 8,
};

function urlBag(groups: Sql): Sql {
  const parts = Object.entries(URL_PARTS).map(
    ([name, group], i) =>
      sql`${text(`${i === 0 ? '{' : ','}"${name}":`)}, toJSONString(${groups}[${count(group)}])`,
  );
  parts.splice(-1, 0, sql`',"Query Parameters":', ${parameters(sql`${groups}[7]`)}`);
  return sql`concat(${joinSql(parts, ', ')}, '}')`;
}

/** `a=1&b=2` as a bag; of a name that repeats, the first counts. */
function parameters(query: Sql): Sql {
  const pairs = sql`arrayFilter(__p -> __p != '', splitByChar('&', ${query}))`;
  const names = sql`arrayMap(__p -> substringIndex(__p, '=', 1), __l)`;
  const first = sql`arrayFilter((__p, __i) -> indexOf(__n, __n[__i]) = __i, __l, arrayEnumerate(__l))`;
  const firsts = sql`arrayMap(__n -> if(length(arrayDistinct(__n)) = length(__n), __l, ${first}), [${names}])[1]`;
  const value = sql`if(position(__p, '=') = 0, '', substring(__p, position(__p, '=') + 1))`;
  const member = sql`concat(toJSONString(substringIndex(__p, '=', 1)), ':', toJSONString(${value}))`;
  const bag = sql`arrayMap(__l -> concat('{', arrayStringConcat(arrayMap(__p -> ${member}, ${firsts}), ','), '}'), [${pairs}])[1]`;
  return sql`if(${query} = '', '{}', ${bag})`;
}

/** Scheme, directory, file name, alternate data stream. */
const PATH_FORM = '(?s)^(?:([A-Za-z][A-Za-z0-9+.-]+)://)?(?:(.*)[\\\\/])?([^\\\\/:]*)(?::([^\\\\/]*))?$';

function pathBag(groups: Sql): Sql {
  const directory = sql`${groups}[2]`;
  const file = sql`${groups}[3]`;
  const values = [
    sql`'{"Scheme":', toJSONString(${groups}[1])`,
    // The separator after the directory is not in its group.
    sql`',"RootPath":', toJSONString(regexpExtract(concat(${directory}, if(position(${directory}, '/') > 0, '/', '\\\\')), ${text('^(?:\\\\\\\\[?]\\\\)?([A-Za-z]:[\\\\/])')}, 1))`,
    sql`',"DirectoryPath":', toJSONString(${directory})`,
    sql`',"DirectoryName":', toJSONString(regexpExtract(${directory}, ${text('([^\\\\/]*)$')}, 1))`,
    sql`',"Filename":', toJSONString(${file})`,
    sql`',"Extension":', toJSONString(if(position(${file}, '.') = 0, '', substringIndex(${file}, '.', -1)))`,
    sql`',"AlternateDataStreamName":', toJSONString(${groups}[4])`,
  ];
  return sql`concat(${joinSql(values, ', ')}, '}')`;
}

/**
 * Arguments as `CommandLineToArgvW` separates them: an even number of backslashes before a quote stands for half as
 * many and the quote opens or closes; after an odd number the quote is a character; other backslashes are themselves.
 * https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw
 */
const QUOTED = '(?:\\\\\\\\)*"(?:(?:\\\\\\\\)*\\\\"|\\\\+[^"\\\\]|[^"\\\\])*(?:(?:\\\\\\\\)*"|\\\\*$)';
const ARGUMENT = `(?:(?:\\\\\\\\)*\\\\"|${QUOTED}|\\\\+|[^\\s"\\\\])+`;

/**
 * Only quotes make more of a line than its words, and more of a word than its letters: the long way is for those alone.
 * The patterns capture nothing, which is several times as fast.
 */
function commandLine(value: Sql): Sql {
  const slashes = sql`length(__t) - 1`;
  const quote = sql`concat(repeat('\\\\', intDiv(${slashes}, 2)), if((${slashes}) % 2 = 1, '"', ''))`;
  const tokens = sql`extractAll(__a, ${text('\\\\*"|\\\\+|[^"\\\\]+')})`;
  const unquoted = sql`arrayStringConcat(arrayMap(__t -> if(endsWith(__t, '"'), ${quote}, __t), ${tokens}))`;
  // Its one closing quote is its last letter, and no backslash stands before it.
  const wrapped = sql`startsWith(__a, '"') AND position(__a, '"', 2) = length(__a) AND NOT endsWith(__a, '\\\\"')`;
  const plain = sql`arrayMap(__a -> multiIf(position(__a, '"') = 0, __a, ${wrapped}, substring(__a, 2, length(__a) - 2), ${unquoted}), extractAll(${value}, ${text(ARGUMENT)}))`;
  const words = sql`extractAll(${value}, ${text('\\S+')})`;
  return bind(
    sql`__l`,
    sql`if(position(${value}, '"') = 0, ${words}, ${plain})`,
    (list) => sql`if(empty(${list}), '', toJSONString(${list}))`,
  );
}

const UNITS = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];
const UNIT_LIST = sql`[${joinSql(UNITS.map(text), ', ')}]`;

function fittingPower(bytes: Sql): Sql {
  const size = sql`abs(${bytes})`;
  return sql`multiIf(isNull(${bytes}) OR ${size} < 1024, 0, ${size} < 1048576, 1, ${size} < 1073741824, 2, ${size} < 1099511627776, 3, ${size} < 1125899906842624, 4, ${size} < 1152921504606846976, 5, 6)`;
}

function powerOf(unit: unknown): Sql {
  const index = UNITS.findIndex(
    (each) => typeof unit === 'string' && each.toLowerCase() === unit.toLowerCase(),
  );
  if (index < 0)
    throw new ArgumentFault('the unit of `format_bytes` must be one of Bytes, KB, MB, GB, TB, PB, EB');
  return count(index);
}
