import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

const COUNTRY = `declare pattern country = (name:string)[state:string]
  { ("USA").["New York"] = { let c = "Albany"; print Capital = c }; ("Canada").["Alberta"] = { print Capital = "Edmonton" }; };`;
const VIEWS = 'let T = view () { print a = 1 }; let V = view () { print b = 2 };';
const GROUPS = 'range x from 1 to 4 step 1 | extend g = x % 2';

/** Query, and its rows in any order, or the codes of its faults. */
const CASES: Readonly<Record<string, readonly (readonly [query: string, rows: readonly string[]])[]>> = {
  // https://learn.microsoft.com/kusto/query/set-statement
  set: [
    ['set query_take_max_records=2; set servertimeout=1m; range x from 1 to 5 step 1', ['[1]', '[2]']],
    ['set truncationmaxrecords=1; set notruncation; range x from 1 to 5 step 1', ['[1]']],
    ['set query_take_max_records=1; range x from 1 to 5 step 1 | count', ['[5]']],
    ['set query_now=datetime(2020-01-01); print now() - 1h', ['["2019-12-31T23:00:00.0000000Z"]']],
    ['set query_take_max_records=1; set query_take_max_records=-1; print 1', ['KS130']],
    // https://learn.microsoft.com/kusto/query/bin-auto-function
    ['set query_bin_auto_size=2; set query_bin_auto_at=1; print bin_auto(4)', ['[3]']],
    [
      'set query_bin_auto_size=1h; print bin_auto(datetime(2020-01-01 05:45))',
      ['["2020-01-01T05:00:00.0000000Z"]'],
    ],
    ['print bin_auto(4)', ['SPOOR002']],
  ],
  // https://learn.microsoft.com/kusto/query/pattern-statement
  pattern: [
    [`${COUNTRY} country("Canada").Alberta`, ['["Edmonton"]']],
    [
      `${COUNTRY} union country("Canada").Alberta, country("USA").["New York"]`,
      ['["Albany"]', '["Edmonton"]'],
    ],
    [`${COUNTRY} country("Canada").["New York"]`, ['KS142']],
    ['declare pattern p = (n:string) { ("1") = { print v = 7 }; ("2") = { print v = 8 }; }; p("2")', ['[8]']],
    ['declare pattern p = (n:string) { ("1") = { print v = 7 }; }; p("3")', ['KS188']],
  ],
  // https://learn.microsoft.com/kusto/query/restrict-statement
  'restrict access': [
    [`${VIEWS} restrict access to (T); T`, ['[1]']],
    [`${VIEWS} restrict access to (T); V`, ['SPOOR002']],
    [`${VIEWS} restrict access to (T); V() | count`, ['SPOOR002']],
    [`let X = print z = 1; ${VIEWS} restrict access to (T); X`, ['SPOOR002']],
    [`${VIEWS} let W = view () { V }; restrict access to (W); W`, ['[2]']],
    [`${VIEWS} restrict access to (T); union withsource=s * | project s`, ['["T"]']],
  ],
  // https://learn.microsoft.com/kusto/query/let-statement
  'views behind a wildcard': [
    [`${VIEWS} union * | project a, b`, ['[1,null]', '[null,2]']],
    [
      `${VIEWS} let VW = view () { print c = 3 }; union withsource=s V* | project s, c`,
      ['["V",null]', '["VW",3]'],
    ],
    [`${VIEWS} let N = print a = 7; union * | where isnotnull(a) | project a`, ['[1]']],
    [`${VIEWS} find in (V*) where b == 2 | project source_, b`, ['["V",2]']],
    [`${VIEWS} T | extend z = 5 | project-away a*`, ['[5]']],
  ],
  // https://learn.microsoft.com/kusto/query/alias-statement
  alias: [['alias database d = cluster("c").database("x"); print 1', ['[1]']]],
  // https://learn.microsoft.com/kusto/query/partition-operator
  'partition with braces': [
    [
      `${GROUPS} | partition by g { range z from 1 to 2 step 1 | summarize sum(z + 10 * g) by g }`,
      ['[0,3]', '[1,23]'],
    ],
    [
      `${GROUPS} | partition hint.strategy=legacy by x { range z from 1 to 9 step 1 | where z % 2 == x } | count`,
      ['[5]'],
    ],
    [`${GROUPS} | partition by g { range z from 1 to g step 1 }`, ['SPOOR001']],
  ],
  // https://learn.microsoft.com/kusto/query/assert-schema-operator and its neighbours
  schema: [
    ['print x = 1 | assert-schema (x:long)', ['[1]']],
    ['print x = 1 | assert-schema (x:string)', ['SPOOR002']],
    ['print x = 1 | consume', []],
    ['print column_names_of(datatable(a:int, b:string)[])', ['["[\\"a\\",\\"b\\"]"]']],
  ],
};

describe.each(Object.entries(CASES))('%s', (_name, cases) => {
  const rows = useRows();
  test.each(cases)('%s', async (query, expected) => {
    expect([...(await rows(query))].sort()).toEqual(expected);
  });
});
