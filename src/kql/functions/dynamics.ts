import { count, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { coerce, convert } from './coerce.ts';
import { atComputedIndex, atIndex, atKey, parsedText } from './dynamic-path.ts';
import { isBag, printArray } from './elements.ts';
import { parseJsonPath } from './json-path-text.ts';
import { operand } from './operand.ts';
import { type Argument, ArgumentFault, type FunctionFamily, type ScalarFunction } from './registry.ts';
import { isTuple, tuplePart } from './tuple.ts';

/** The value at a string key or an integer place, or at what a dynamic holds of either. */
function elementAt(value: Argument, index: Argument): Sql {
  const { constant } = index;
  // `array_sort_asc(a, b)[1]` is the second column, not an element of the first.
  if (typeof constant === 'bigint' && isTuple(value.sql)) return tuplePart(value.sql, constant, 'dynamic');
  if (typeof constant === 'bigint') return atIndex(value.sql, constant);
  if (index.type === 'string') return atKey(value.sql, index.sql);
  if (index.type !== 'dynamic') return atComputedIndex(value.sql, coerce(index, 'long').sql);
  const key = atKey(value.sql, convert(index.sql, 'dynamic', 'string'));
  const place = atComputedIndex(value.sql, convert(index.sql, 'dynamic', 'long'));
  return sql`if(startsWith(${index.sql}, '"'), ${key}, ${place})`;
}

const extractJson: ScalarFunction = {
  summary: 'The value at a JSONPath of JSON text, as the given type; null where there is none.',
  page: 'extract-json-function',
  params: ['any'],
  nulls: 'maybe',
  sql: (args, context) => {
    const path = operand(args, 0).constant;
    const steps = typeof path === 'string' ? parseJsonPath(path) : undefined;
    if (steps === undefined) throw new ArgumentFault(`\`${String(path)}\` is no JSON path`);
    const source = operand(args, 1);
    const root = source.type === 'dynamic' ? source.sql : parsedText(source.sql);
    const found = steps.reduce<Sql>(
      (value, step) => (typeof step === 'string' ? atKey(value, text(step)) : atIndex(value, step)),
      root,
    );
    return convert(found, 'dynamic', context.type);
  },
  examples: [
    [`extract_json("$.a[1]['b c']", '{"a": [0, {"b c": "x"}]}', typeof(string))`, 'x'],
    [`extract_json("$.n", '{"n": 5}', typeof(int)) + 1`, '6'],
  ],
};

/** Deepest value that `treepath` names. */
const MAX_DEPTH = 24;

/** Every level adds the paths of the members of the level above; all places of an array are one, `[0]`. */
function treePaths(root: Sql): Sql {
  const name = sql`concat(__p.1, '[\\'', __m.1, '\\']')`;
  const ofBag = sql`arrayMap(__m -> tuple(${name}, __m.2), JSONExtractKeysAndValuesRaw(__p.2))`;
  const ofArray = sql`arrayMap(__m -> tuple(concat(__p.1, '[0]'), __m), JSONExtractArrayRaw(__p.2))`;
  const below = sql`arrayFlatten(arrayMap(__p -> arrayConcat(${ofBag}, ${ofArray}), __t.2))`;
  const step = sql`tuple(arrayConcat(__t.1, arrayMap(__p -> __p.1, ${below})), ${below})`;
  const start = sql`tuple(CAST([], 'Array(String)'), [tuple('', ${root})])`;
  const depths = sql`range(${count(MAX_DEPTH)})`;
  return sql`arraySort(arrayDistinct((arrayFold((__t, __l) -> ${step}, ${depths}, ${start})).1))`;
}

/** One variable per level of bags and arrays in which `dynamic_to_json` sorts keys. */
const LEVELS = [sql`__s1`, sql`__s2`, sql`__s3`, sql`__s4`, sql`__s5`, sql`__s6`, sql`__s7`, sql`__s8`];

/** JSON text with the keys of every bag in the order of their bytes, as deep as `levels` go. */
function sortedJson(json: Sql, [member, ...levels] = LEVELS): Sql {
  if (member === undefined) return json;
  const bag = sql`arraySort(${member} -> ${member}.1, JSONExtractKeysAndValuesRaw(${json}))`;
  const array = sql`arrayMap(${member} -> tuple('', ${member}), JSONExtractArrayRaw(${json}))`;
  const label = sql`if(${isBag(json)}, concat(toJSONString(${member}.1), ':'), '')`;
  const print = sql`${member} -> concat(${label}, ${sortedJson(sql`(${member}.2)`, levels)})`;
  const body = sql`arrayStringConcat(arrayMap(${print}, if(${isBag(json)}, ${bag}, ${array})), ',')`;
  const nested = sql`concat(if(${isBag(json)}, '{', '['), ${body}, if(${isBag(json)}, '}', ']'))`;
  return sql`if(match(${json}, '^[\\[{]'), ${nested}, ${json})`;
}

/** Access to what is inside dynamics. */
export const dynamics: FunctionFamily = {
  '[]': {
    summary:
      'The value at a key of a bag or a place of an array, from the end if negative; null where there is none.',
    page: 'scalar-data-types/dynamic',
    params: ['dynamic', 'any'],
    sql: (args) => elementAt(operand(args, 0), operand(args, 1)),
    examples: [
      ['dynamic({"a": {"b": [10, 20, 30]}}).a.b[-1]', '30'],
      ['isnull(dynamic({"a": null}).a)', 'True'],
    ],
  },
  extract_json: extractJson,
  extractjson: extractJson,
  treepath: {
    summary: 'The paths of everything in a bag, sorted, with one path for all places of an array.',
    page: 'treepath-function',
    params: ['dynamic'],
    sql: (args) => {
      const bag = operand(args, 0).sql;
      return sql`if(${isBag(bag)}, ${printArray(sql`arrayMap(__q -> toJSONString(__q), ${treePaths(bag)})`)}, '')`;
    },
    examples: [
      ['treepath(dynamic({"a": [1, {"b": 2}], "c": 3}))', `["['a']","['a'][0]","['a'][0]['b']","['c']"]`],
    ],
  },
  dynamic_to_json: {
    summary: 'JSON text with sorted keys, so that equal values have equal text.',
    page: 'dynamic-to-json-function',
    params: ['dynamic'],
    nulls: 'never',
    sql: (args) => bind(sql`__d`, operand(args, 0).sql, (json) => sortedJson(json)),
    examples: [
      ['dynamic_to_json(dynamic({"b": [{"d": 1, "c": 2}], "a": 1}))', '{"a":1,"b":[{"c":2,"d":1}]}'],
    ],
  },
};
