import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

const NUMBERS = 'range x from 1 to 100 step 1';
const NOTHING = 'datatable(x:long, s:string, r:real, d:dynamic, t:datetime, p:timespan, b:bool)[]';
const MIXED = 'datatable(x:long, s:string)[1,"a", long(null),"", 3,"b", 3,"a"]';
const BAGS =
  'datatable(d:dynamic)[dynamic({"a":1}), dynamic(null), dynamic({"a":2,"b c":"x\\"y"}), dynamic(5)]';
const ARRAYS = 'datatable(d:dynamic)[dynamic([1,"z"]), dynamic(null), dynamic("z"), dynamic([])]';
const TIED =
  'datatable(k:long, n:long, v:string, w:real)[long(null),1,"never",0.5, 7,long(null),"first",real(null), 5,3,"second",2.5]';

/** Query, and its only row. */
const CASES: readonly (readonly [query: string, row: string])[] = [
  // Over no rows: https://learn.microsoft.com/kusto/query/summarize-operator#aggregates-default-values
  [
    `${NOTHING} | summarize count(), countif(b), dcount(s), count_distinct(s), sum(x), sum(r)`,
    '[0,0,0,0,0,0]',
  ],
  [`${NOTHING} | summarize stdev(x), variancep(r), covariance(x, r)`, '[0,0,0]'],
  [
    `${NOTHING} | summarize min(x), max(t), avg(r), avg(p), take_any(x), take_any(s)`,
    '[null,null,"nan",null,null,""]',
  ],
  [`${NOTHING} | summarize make_list(x), make_set(s), make_bag(d)`, '["[]","[]","{}"]'],
  [
    `${NOTHING} | summarize arg_max(x, s, r), percentile(x, 50), hll(x), tdigest(x)`,
    '[null,"",null,null,"",""]',
  ],
  // A constant column is not Nullable in the engine.
  [
    'datatable(x:long)[1] | where x > 5 | summarize max(x), avg(x), take_any(x), arg_max(x, *), percentile(x, 5), binary_all_or(x)',
    '[null,"nan",null,null,null,null]',
  ],
  // Nulls are left out; a missing string is a value.
  [
    `${MIXED} | summarize count(), sum(x), avg(x), min(x), max(x), dcount(x), dcount(s)`,
    '[4,7,2.3333333333333335,1,3,2,3]',
  ],
  [
    `${MIXED} | summarize make_list(x), make_list_with_nulls(x), make_set(x), make_set(s)`,
    '["[1,3,3]","[1,null,3,3]","[1,3]","[\\"\\",\\"a\\",\\"b\\"]"]',
  ],
  [
    `${MIXED} | summarize countif(x > 1), sumif(x, s == "a"), make_list_if(s, x > 1), dcountif(s, x > 1)`,
    '[2,4,"[\\"b\\",\\"a\\"]",2]',
  ],
  [
    `${MIXED} | summarize make_list(s, 2), take_anyif(s, s != "a"), maxif(x, s == "none")`,
    '["[\\"a\\",\\"\\"]","b",null]',
  ],
  // Dynamics: https://learn.microsoft.com/kusto/query/make-bag-aggregation-function
  [
    `${BAGS} | summarize make_bag(d), make_bag(d, 1)`,
    '["{\\"a\\":1,\\"b c\\":\\"x\\\\\\"y\\"}","{\\"a\\":1}"]',
  ],
  [
    `${ARRAYS} | summarize make_list(d), make_list(d, 3), make_set(d)`,
    '["[1,\\"z\\",null,\\"z\\"]","[1,\\"z\\",null]","[\\"z\\",1]"]',
  ],
  // The values of one row, whatever is null in it.
  [`${TIED} | summarize arg_max(k, n, v, w)`, '[7,null,"first",null]'],
  [`${TIED} | summarize arg_min(k, *)`, '[5,3,"second",2.5]'],
  [`${TIED} | where isnull(k) | summarize arg_max(k, v), arg_min(k, n)`, '[null,"never",null,1]'],
  [`${TIED} | summarize arg_max(w, v), arg_min(w, v)`, '[2.5,"second",0.5,"never"]'],
  // Statistics and types
  [
    `${NUMBERS} | summarize variance(x), variancep(x), stdev(x), covariancep(x, -x)`,
    '[841.6666666666666,833.25,29.011491975882016,-833.25]',
  ],
  [
    'datatable(p:timespan)[1h, 3h] | summarize tostring(avg(p)), tostring(sum(p)), tostring(max(p))',
    '["02:00:00","04:00:00","03:00:00"]',
  ],
  [
    'range i from 1 to 200 step 1 | extend t = datetime(2024-01-01) | summarize avg(t)',
    '["2024-01-01T00:00:00.0000000Z"]',
  ],
  ['datatable(v:long)[9223372036854775807, 1, 2] | summarize sum(v)', '[-9223372036854775806]'],
  [
    'datatable(v:long)[12, 10] | summarize binary_all_and(v), binary_all_or(v), binary_all_xor(v)',
    '[8,14,6]',
  ],
  // Nearest rank: https://learn.microsoft.com/kusto/query/percentiles-aggregation-function
  [`${NUMBERS} | summarize percentiles(x, 0, 5, 7, 50, 99.9, 100)`, '[1,5,7,50,100,100]'],
  [`${NUMBERS} | summarize percentiles_array(x, 25, 75), percentile(tostring(x), 0)`, '["[25,75]","1"]'],
  [
    'datatable(w:long, v:long)[8,10, 6,20, 3,30, 1,40, -5,99] | summarize percentilesw(v, w, 50, 75, 99.9)',
    '[20,20,40]',
  ],
  [
    'datatable(w:long, v:long)[8,10, 6,20, 3,30, 1,40] | summarize percentilesw_array(v, w, dynamic([50, 75, 99.9]))',
    '["[20,20,40]"]',
  ],
  // Sketches
  [`${NUMBERS} | summarize dcount_hll(hll(x)), dcount_hll(hll_if(x, x > 90, 4))`, '[100,10]'],
  [`${NUMBERS} | summarize h = hll(x, 2) by m = x % 3 | summarize dcount_hll(hll_merge(h))`, '[100]'],
  ['print a = dcount_hll(dynamic([99])), b = isnull(dcount_hll(dynamic(["x",[1,[2]]])))', '[null,true]'],
  [
    `${NUMBERS} | summarize d = tdigest(x) | project percentile_tdigest(d, 95, typeof(long)), rank_tdigest(d, 40)`,
    '[95,40]',
  ],
  [
    `${NUMBERS} | summarize d = tdigest(x) by m = x % 3 | summarize e = merge_tdigest(d) | project percentile_tdigest(e, 7), percentrank_tdigest(e, 40)`,
    '["7",40]',
  ],
];

describe('aggregations', () => {
  const rows = useRows();
  test.each(CASES)('%s', async (query, row) => {
    expect(await rows(query)).toEqual([row]);
  });

  test('all columns of arg_max come from one row of many equal ones', async () => {
    const query =
      'range i from 1 to 300000 step 1 | extend g = i % 50, k = i % 7, s = tostring(i), n = iff(i % 2 == 0, long(null), i)' +
      ' | summarize arg_max(k, i, s, n) by g | where tostring(i) != s or (i % 2 == 0) != isnull(n) | count';
    expect(await rows(query)).toEqual(['[0]']);
  });

  test('states stay close with many values', async () => {
    const query =
      'range i from 1 to 300000 step 1 | summarize h = hll(i), e = dcount(i), d = tdigest(i)' +
      ' | project abs(dcount_hll(h) - 300000) < 6000, abs(e - 300000) < 3000, abs(percentile_tdigest(d, 50, typeof(long)) - 150000) < 300';
    expect(await rows(query)).toEqual(['[true,true,true]']);
  });

  test('a wrong constant is a fault of the query', async () => {
    expect(await rows('range x from 1 to 3 step 1 | summarize percentile(x, 101)')).toEqual(['SPOOR004']);
    expect(await rows('range x from 1 to 3 step 1 | summarize dcount(x, 9)')).toEqual(['SPOOR004']);
    expect(await rows('range x from 1 to 3 step 1 | summarize make_list(x, 0)')).toEqual(['SPOOR004']);
  });
});
