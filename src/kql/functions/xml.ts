import { count, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { operand } from './operand.ts';
import type { FunctionFamily } from './registry.ts';

/** Longer text is null. https://learn.microsoft.com/kusto/query/parse-xml-function */
const MAX_XML_BYTES = 1_048_576;

const NAME = '[^\\s=/<>"\'!?][^\\s=/<>"\']*';
const ATTRIBUTE = `(${NAME})\\s*=\\s*(?:"([^"]*)"|'([^']*)')`;
/** Comments, sections, declarations, tags, text; a `<` that starts none of them ends the reading. */
const TOKEN = `<!--(?s:.*?)-->|<!\\[CDATA\\[(?s:.*?)\\]\\]>|<[?!][^>]*>|</?${NAME}(?:"[^"]*"|'[^']*'|[^<>"'])*>|[^<]+|<`;

/**
 * The tokens are folded over a stack of open elements. `__x` is (names, members, texts, faultless), each array with
 * the outermost first; the bottom stands for the document. Members are keys and JSON texts.
 */
const START = sql`tuple([''], CAST([[]], 'Array(Array(Tuple(String, String)))'), [''], toUInt8(1))`;

/** The JSON of a finished element: null, its text, or a bag of attributes, text and elements. */
function finished(members: Sql, content: Sql): Sql {
  const inner = sql`trimBoth(${content}, ' \\t\\r\\n')`;
  const attributes = sql`arrayFilter(__m -> startsWith(__m.1, '@'), ${members})`;
  const children = sql`arrayFilter(__m -> not(startsWith(__m.1, '@')), ${members})`;
  const own = sql`if(${inner} = '', CAST([], 'Array(Tuple(String, String))'), [tuple('#text', toJSONString(${inner}))])`;
  const values = sql`arrayMap(__m -> __m.2, arrayFilter(__m -> __m.1 = __k, __a))`;
  const member = sql`concat(toJSONString(__k), ':', if(length(${values}) = 1, (${values})[1], concat('[', arrayStringConcat(${values}, ','), ']')))`;
  const bag = sql`concat('{', arrayStringConcat(arrayMap(__k -> ${member}, arrayDistinct(arrayMap(__m -> __m.1, __a))), ','), '}')`;
  const whole = sql`arrayMap(__a -> ${bag}, [arrayConcat(${attributes}, ${own}, ${children})])[1]`;
  return sql`multiIf(notEmpty(${members}), ${whole}, ${inner} = '', 'null', toJSONString(${inner}))`;
}

function attributesOf(tag: Sql): Sql {
  const pair = sql`tuple(concat('@', __g[1]), toJSONString(decodeXMLComponent(concat(__g[2], __g[3]))))`;
  return sql`arrayMap(__g -> ${pair}, extractAllGroupsVertical(${tag}, ${text(ATTRIBUTE)}))`;
}

/** The state with one more text or member in the innermost open element. */
function withText(content: Sql): Sql {
  return sql`tuple(__x.1, __x.2, arrayPushBack(arrayPopBack(__x.3), concat(__x.3[-1], ${content})), __x.4)`;
}

function withMember(members: Sql, member: Sql): Sql {
  return sql`arrayPushBack(arrayPopBack(${members}), arrayPushBack(${members}[-1], ${member}))`;
}

function step(): Sql {
  const name = sql`extract(__t, ${text(`^</?(${NAME})`)})`;
  const opened = sql`tuple(arrayPushBack(__x.1, ${name}), arrayPushBack(__x.2, ${attributesOf(sql`__t`)}), arrayPushBack(__x.3, ''), __x.4)`;
  const empty = sql`tuple(${name}, ${finished(attributesOf(sql`__t`), sql`''`)})`;
  const single = sql`tuple(__x.1, ${withMember(sql`__x.2`, empty)}, __x.3, __x.4)`;
  const value = sql`tuple(__x.1[-1], ${finished(sql`__x.2[-1]`, sql`__x.3[-1]`)})`;
  const matches = sql`length(__x.1) > 1 AND __x.1[-1] = ${name}`;
  const closed = sql`tuple(arrayPopBack(__x.1), ${withMember(sql`arrayPopBack(__x.2)`, value)}, arrayPopBack(__x.3), __x.4)`;
  const fault = sql`tuple(__x.1, __x.2, __x.3, toUInt8(0))`;
  const section = sql`substring(__t, 10, length(__t) - 12)`;
  return sql`multiIf(__x.4 = 0 OR match(__t, '^<([?]|!--|![A-Z])'), __x, startsWith(__t, '<![CDATA['), ${withText(section)}, not(startsWith(__t, '<')), ${withText(sql`decodeXMLComponent(__t)`)}, startsWith(__t, '</'), if(${matches}, ${closed}, ${fault}), ${name} = '', ${fault}, endsWith(__t, '/>'), ${single}, ${opened})`;
}

/** XML read into dynamics. */
export const xml: FunctionFamily = {
  parse_xml: {
    summary:
      'XML text as a bag: attributes as `@name`, text beside others as `#text`, repeated elements as arrays.',
    page: 'parse-xml-function',
    params: ['string'],
    sql: (args) => {
      const source = operand(args, 0).sql;
      const fold = sql`arrayFold((__x, __t) -> ${step()}, extractAll(${source}, ${text(TOKEN)}), ${START})`;
      const root = sql`length(__x.1) = 1 AND length(__x.2[1]) = 1 AND trimBoth(__x.3[1], ' \\t\\r\\n') = '' AND __x.4 = 1`;
      const document = sql`concat('{', toJSONString(__x.2[1][1].1), ':', __x.2[1][1].2, '}')`;
      const read = sql`arrayMap(__x -> if(${root}, ${document}, ''), [${fold}])[1]`;
      return sql`if(length(${source}) > ${count(MAX_XML_BYTES)}, '', ${read})`;
    },
    examples: [
      ["parse_xml('<e/>')", '{"e":null}'],
      [`parse_xml('<e name="value">text</e>')`, '{"e":{"@name":"value","#text":"text"}}'],
      ['parse_xml(\'<?xml version="1.0"?><e> <a>1 &lt; 2</a> <a/> </e>\')', '{"e":{"a":["1 < 2",null]}}'],
      ["parse_xml('<e> text <a>text</a> </e>')", '{"e":{"#text":"text","a":"text"}}'],
      ["isnull(parse_xml('<e><a></e>'))", 'True'],
    ],
  },
};
