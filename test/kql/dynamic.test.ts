import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

/**
 * Whatever is in dynamics and texts, no function fails in the engine and every dynamic that it makes can be read again:
 * every call is made on every combination of these values, in columns.
 */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  dynamic: [
    'dynamic(null)',
    'dynamic(1)',
    'dynamic(-1.5)',
    'dynamic(true)',
    'dynamic("")',
    'dynamic("0x1F")',
    'dynamic([])',
    'dynamic({})',
    'dynamic([1, 2, 3])',
    'dynamic([null, "a", {"b": [1]}, [2], 1e308, true])',
    'dynamic({"a": {"b": 1}, "": 2})',
    'dynamic([9223372036854775807, [[]]])',
  ],
  long: [
    'long(0)',
    'long(1)',
    'long(-1)',
    'long(9223372036854775807)',
    'long(-9223372036854775807)',
    'long(null)',
  ],
  string: [
    '""',
    '"a"',
    '"$.a"',
    '"[1,"',
    '"{\\"a\\":1}"',
    '"<a>"',
    '"<a x=\\"1\\">t</a>"',
    '"\\\\\\u0000\\u001b é"',
  ],
};

const CALLS = [
  'array_concat(dynamic_a, dynamic_b)',
  'array_iff(dynamic_a, dynamic_b, string_a)',
  'array_index_of(dynamic_a, dynamic_b, long_a, long_b)',
  'array_length(dynamic_a)',
  'array_reverse(dynamic_a)',
  'array_rotate_left(dynamic_a, long_a)',
  'array_rotate_right(dynamic_a, long_a)',
  'array_shift_left(dynamic_a, long_a, dynamic_b)',
  'array_shift_right(dynamic_a, long_a, string_a)',
  'array_slice(dynamic_a, long_a, long_b)',
  'array_sort_asc(dynamic_a)',
  'array_sort_desc(dynamic_a, dynamic_b)[1]',
  'array_split(dynamic_a, dynamic_b)',
  'array_split(dynamic_a, long_a)',
  'array_sum(dynamic_a)',
  'bag_has_key(dynamic_a, string_a)',
  'bag_keys(dynamic_a)',
  'bag_merge(dynamic_a, dynamic_b)',
  'bag_pack(string_a, dynamic_a, "b", string_b)',
  'bag_remove_keys(dynamic_a, dynamic(["$.a.b"]))',
  'bag_remove_keys(dynamic_a, dynamic_b)',
  'bag_set_key(dynamic_a, "$.a.b.c", dynamic_b)',
  'bag_zip(dynamic_a, dynamic_b)',
  'dynamic_a[long_a]',
  'dynamic_a[string_a]',
  'dynamic_a.a.b[0]["c"]',
  'dynamic_to_json(dynamic_a)',
  'extract_json("$.a[0]", string_a, typeof(long))',
  'gettype(dynamic_a)',
  'jaccard_index(dynamic_a, dynamic_b)',
  'pack_array(dynamic_a, string_a, long_a)',
  'parse_json(string_a)',
  'parse_xml(string_a)',
  'repeat(string_a, toint(long_a) % 3)',
  'set_difference(dynamic_a, dynamic_b)',
  'set_has_element(dynamic_a, long_a)',
  'set_intersect(dynamic_a, dynamic_b)',
  'set_union(dynamic_a, dynamic_b)',
  'tobool(dynamic_a)',
  'todatetime(dynamic_a)',
  'todecimal(dynamic_a)',
  'toguid(dynamic_a)',
  'toint(dynamic_a)',
  'tolong(dynamic_a)',
  'toreal(dynamic_a)',
  'totimespan(dynamic_a)',
  'treepath(dynamic_a)',
  'zip(dynamic_a, dynamic_b)',
];

/** Rows of every pair of values; a dynamic that cannot be read has no type inside. */
function query(call: string): string {
  const columns = [...new Set(call.match(/\b(?:dynamic|long|string)_[ab]\b/g))];
  const tables = columns.map((column) => {
    const type = column.slice(0, -2);
    const cells = (VALUES[type] ?? []).map((value) => `1, ${value}`).join(', ');
    return `(datatable(k:int, ${column}:${type})[${cells}])`;
  });
  const [first, ...rest] = tables;
  const joined = rest.map((table) => ` | join kind=inner ${table} on k`).join('');
  const unreadable = 'countif(isnotnull(v) and gettype(v) == "null")';
  return `${first}${joined} | extend v = ${call} | summarize n = count(), unreadable = ${unreadable}, made = sum(strlen(tostring(v)))`;
}

describe('functions of dynamics on any data', () => {
  const rows = useRows();
  for (const call of CALLS) {
    test(call, async () => {
      const [row] = await rows(query(call));
      expect(row).toMatch(/^\[[1-9][0-9]*,0,[0-9]+\]$/);
    });
  }
});

describe('places inside JSON text', () => {
  const rows = useRows();
  const text = `datatable(s:string)['{"a": {"b": [10, {"c": null, "d": "x y"}]}, "0": 1}', 'no json', '', '[1, 2]']`;
  const places: Readonly<Record<string, readonly string[]>> = {
    'd.a.b[1].d': ['["\\"x y\\""]', '[""]', '[""]', '[""]'],
    'd.a.b[1].c': ['[""]', '[""]', '[""]', '[""]'],
    'd.a.b[-2]': ['["10"]', '[""]', '[""]', '[""]'],
    'd[0]': ['[""]', '[""]', '[""]', '["1"]'],
    'tostring(d)': [
      '["{\\"a\\":{\\"b\\":[10,{\\"c\\":null,\\"d\\":\\"x y\\"}]},\\"0\\":1}"]',
      '["no json"]',
      '[""]',
      '["[1,2]"]',
    ],
  };
  for (const [place, expected] of Object.entries(places)) {
    test(`${place} is the same by name, by path and from a carried column`, async () => {
      const direct = place.replace(/\bd(?=[.[)]|$)/, 'parse_json(s)');
      expect(await rows(`${text} | project v = ${direct}`)).toEqual(expected);
      expect(await rows(`${text} | extend d = parse_json(s) | project v = ${place}`)).toEqual(expected);
      expect(
        await rows(
          `${text} | extend d = parse_json(s) | limit 9 | where true | project d | limit 8 | project v = ${place}`,
        ),
      ).toEqual(expected);
    });
  }
});
