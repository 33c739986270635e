import { joinSql, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { arrayElements, bagMembers } from './dynamic-path.ts';
import { commaList, isArray, isBag, printBag } from './elements.ts';
import { toElement, toJson } from './json.ts';
import { parseJsonPath } from './json-path-text.ts';
import { operand } from './operand.ts';
import { type Argument, ArgumentFault, type FunctionFamily, type ScalarFunction } from './registry.ts';
import { toText } from './to-text.ts';

const bagPack: ScalarFunction = {
  summary: 'A bag of the keys and values, which alternate.',
  page: 'pack-function',
  sql: (args) => {
    if (args.every((arg, i) => i % 2 === 1 || arg.constant === '')) return sql`'{}'`;
    if (args.length % 2 === 1) throw new ArgumentFault('a key has no value');
    const parts: Sql[] = [];
    for (let i = 0; i < args.length; i += 2) {
      if (operand(args, i).constant === '') continue;
      const value = operand(args, i + 1);
      parts.push(
        parts.length === 0 ? sql`'{'` : sql`','`,
        keyText(operand(args, i)),
        sql`':'`,
        toElement(value.sql, value.type),
      );
    }
    return sql`concat(${commaList([...parts, sql`'}'`])})`;
  },
  examples: [['bag_pack("a", 1, "b", "x", "c", int(null))', '{"a":1,"b":"x","c":null}']],
};

function keyText(key: Argument): Sql {
  if (typeof key.constant === 'string' && key.type === 'string') return text(JSON.stringify(key.constant));
  return toJson(toText(key.sql, key.type), 'string');
}

/** Property names of a constant `$.a['b']` path, or the whole text as one key. */
function keysOf(constant: Argument['constant']): readonly string[] {
  const key = String(constant);
  if (!key.startsWith('$')) return [key];
  const steps = parseJsonPath(key);
  if (steps === undefined || steps.some((step) => typeof step !== 'string')) {
    throw new ArgumentFault(`\`${key}\` is no path of property names`);
  }
  return steps.map(String);
}

/** The bag with the value at a path of keys replaced, or added where it is missing. */
function withValue(bag: Sql, keys: readonly string[], value: Sql, depth = 0): Sql {
  const [first = '', ...rest] = keys;
  const members = bagMembers(bag);
  const inner = sql`(arrayFirst(__w -> __w.1 = ${text(first)}, ${members})).2`;
  const whole =
    rest.length === 0 ? value : withValue(sql`if(${isBag(inner)}, ${inner}, '{}')`, rest, value, depth + 1);
  const replaced = sql`arrayMap(__w -> if(__w.1 = ${text(first)}, tuple(__w.1, ${whole}), __w), ${members})`;
  const added = sql`arrayPushBack(${members}, tuple(${text(first)}, ${whole}))`;
  return printBag(sql`if(arrayExists(__w -> __w.1 = ${text(first)}, ${members}), ${replaced}, ${added})`);
}

/** The bag without the members at constant paths. */
function without(bag: Sql, paths: readonly (readonly string[])[]): Sql {
  const members = bagMembers(bag);
  const gone = paths.filter((path) => path.length === 1).map((path) => text(path[0] ?? ''));
  const kept =
    gone.length === 0 ? members : sql`arrayFilter(__w -> __w.1 NOT IN (${commaList(gone)}), ${members})`;
  const deeper = new Map<string, (readonly string[])[]>();
  for (const [first = '', ...rest] of paths) {
    if (rest.length > 0) deeper.set(first, [...(deeper.get(first) ?? []), rest]);
  }
  const branches = [...deeper].flatMap(([key, rest]) => [
    sql`__w.1 = ${text(key)} AND ${isBag(sql`__w.2`)}`,
    sql`tuple(__w.1, ${without(sql`__w.2`, rest)})`,
  ]);
  if (branches.length === 0) return printBag(kept);
  return printBag(sql`arrayMap(__w -> multiIf(${commaList([...branches, sql`__w`])}), ${kept})`);
}

function overBag(bag: Sql, body: (bag: Sql) => Sql): Sql {
  return bind(sql`__b`, bag, (b) => sql`if(${isBag(b)}, ${body(b)}, '')`);
}

function constantKeys(json: Argument['constant']): readonly string[] | undefined {
  if (typeof json !== 'string' || json === '') return undefined;
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** Functions of property bags. Key order is kept. */
export const bags: FunctionFamily = {
  bag_pack: bagPack,
  pack: bagPack,
  pack_dictionary: bagPack,
  bag_without_nulls: {
    summary: 'What the compiler makes of `pack_all(true)`: no member that is null or an empty string.',
    page: 'pack-all-function',
    params: ['dynamic'],
    sql: (args) =>
      overBag(operand(args, 0).sql, (bag) =>
        printBag(sql`arrayFilter(__w -> __w.2 NOT IN ('null', '""'), ${bagMembers(bag)})`),
      ),
  },
  bag_keys: {
    summary: 'The keys of a bag; null for what is no bag.',
    page: 'bag-keys-function',
    params: ['dynamic'],
    sql: (args) => overBag(operand(args, 0).sql, (bag) => sql`toJSONString(JSONExtractKeys(${bag}))`),
    examples: [['bag_keys(dynamic({"b": 1, "a": {"c": 2}}))', '["b","a"]']],
  },
  bag_merge: {
    summary: 'The members of all bags; of equal keys the leftmost stays.',
    page: 'bag-merge-function',
    params: ['dynamic'],
    sql: (args) => {
      const all = sql`arrayConcat(${commaList(args.map((arg) => bagMembers(arg.sql)))})`;
      const distinct = bind(
        sql`__g`,
        all,
        (members) =>
          sql`arrayFilter((__w, __u) -> __u = 1, ${members}, arrayEnumerateUniq(arrayMap(__w -> __w.1, ${members})))`,
      );
      return sql`if(${joinSql(
        args.map((arg) => isBag(arg.sql)),
        ' OR ',
      )}, ${printBag(distinct)}, '')`;
    },
    examples: [['bag_merge(dynamic({"a": 1}), dynamic(null), dynamic({"a": 2, "b": 3}))', '{"a":1,"b":3}']],
  },
  bag_remove_keys: {
    summary: 'The bag without the members with these keys, or at these `$.a.b` paths.',
    page: 'bag-remove-keys-function',
    params: ['dynamic'],
    sql: (args) => {
      const keys = operand(args, 1);
      const constant = constantKeys(keys.constant);
      return overBag(operand(args, 0).sql, (bag) =>
        constant
          ? without(bag, constant.map(keysOf))
          : printBag(
              sql`arrayFilter(__w -> not(has(arrayMap(__k -> JSONExtractString(__k), ${arrayElements(keys.sql)}), __w.1)), ${bagMembers(bag)})`,
            ),
      );
    },
    examples: [
      [
        'bag_remove_keys(dynamic({"a": 1, "b": {"c": 2, "d": 3}, "e": 4}), dynamic(["$.b.c", "e"]))',
        '{"a":1,"b":{"d":3}}',
      ],
    ],
  },
  bag_has_key: {
    summary: 'True where the bag has the key, or something at the `$.a.b` path.',
    page: 'bag-has-key-function',
    params: ['dynamic', 'string'],
    nulls: 'maybe',
    sql: (args) => {
      const key = operand(args, 1);
      const steps = key.constant === undefined ? [key.sql] : keysOf(key.constant).map(text);
      return bind(
        sql`__b`,
        operand(args, 0).sql,
        (bag) => sql`if(${isBag(bag)}, JSONHas(${commaList([bag, ...steps])}), NULL)`,
      );
    },
    examples: [
      ['bag_has_key(dynamic({"a": {"b": null}}), "$.a.b")', 'True'],
      ['bag_has_key(dynamic({"a": 1}), "b")', 'False'],
    ],
  },
  bag_set_key: {
    summary: 'The bag with the value under the key, or at the `$.a.b` path.',
    page: 'bag-set-key-function',
    params: ['dynamic', 'any'],
    sql: (args) => {
      const value = operand(args, 2);
      return overBag(operand(args, 0).sql, (bag) =>
        withValue(bag, keysOf(operand(args, 1).constant), toElement(value.sql, value.type)),
      );
    },
    examples: [
      ['bag_set_key(dynamic({"a": 1}), "b", 2)', '{"a":1,"b":2}'],
      ['bag_set_key(dynamic({"a": 1}), "$.b.c", "x")', '{"a":1,"b":{"c":"x"}}'],
    ],
  },
  bag_zip: {
    summary: 'A bag of the keys in one array and the values at the same places of the other.',
    page: 'bag-zip',
    params: ['dynamic'],
    sql: (args) => {
      const keys = arrayElements(operand(args, 0).sql);
      const values = arrayElements(operand(args, 1).sql);
      const pair = sql`tuple(JSONExtractString(__k), if(__n <= length(${values}), (${values})[__n], 'null'))`;
      const pairs = sql`arrayMap((__k, __n) -> ${pair}, arrayFilter(__k -> startsWith(__k, '"'), ${keys}), arrayFilter((__n, __k) -> startsWith(__k, '"'), arrayEnumerate(${keys}), ${keys}))`;
      return sql`if(${isArray(operand(args, 0).sql)}, ${printBag(pairs)}, '')`;
    },
    examples: [['bag_zip(dynamic(["a", 1, "b"]), dynamic([1, 2]))', '{"a":1,"b":null}']],
  },
};
