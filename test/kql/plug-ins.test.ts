import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

const VISITS = `datatable(u:string, t:datetime, place:string) [
  "A", datetime(2024-01-01), "x", "B", datetime(2024-01-01 10:00), "x", "A", datetime(2024-01-02), "y",
  "C", datetime(2024-01-02), "x", "C", datetime(2024-01-02 05:00), "y", "A", datetime(2024-01-04), "x"]`;
const DAYS = 'u, t, datetime(2024-01-01), datetime(2024-01-04)';
const day = (n: number): string => `"2024-01-0${n}T00:00:00.0000000Z"`;

/** Query, and its rows in order. */
const CASES: Readonly<Record<string, readonly (readonly [query: string, rows: readonly string[]])[]>> = {
  // https://learn.microsoft.com/kusto/query/activity-counts-metrics-plugin and its neighbours
  'over a time axis': [
    [
      `${VISITS} | evaluate activity_counts_metrics(${DAYS}, 1d)`,
      [`[${day(1)},2,2,2,2]`, `[${day(2)},3,2,1,3]`, `[${day(4)},1,1,0,3]`],
    ],
    [
      `${VISITS} | evaluate activity_metrics(${DAYS}, 1d) | project t, dcount_values, retention_rate`,
      [`[${day(1)},2,"nan"]`, `[${day(2)},2,0.5]`, `[${day(4)},1,"nan"]`],
    ],
    [`${VISITS} | evaluate activity_metrics(u, t, 1d) | count`, ['[3]']],
    [
      `${VISITS} | evaluate activity_engagement(${DAYS}, 1d, 2d) | project dcount_activities_inner, dcount_activities_outer`,
      ['[2,2]', '[2,3]', '[0,2]', '[1,1]'],
    ],
    [
      `${VISITS} | evaluate sliding_window_counts(${DAYS}, 2d, 1d, place) | where place == "x" | project t, Count, Dcount`,
      [`[${day(1)},2,2]`, `[${day(2)},3,3]`, `[${day(3)},1,1]`, `[${day(4)},1,1]`],
    ],
    [
      `${VISITS} | evaluate session_count(${DAYS}, 1d, 2d)`,
      [`[${day(1)},2]`, `[${day(2)},1]`, `[${day(4)},1]`],
    ],
    [`${VISITS} | evaluate active_users_count(${DAYS}, 3d, 1d, 2, 1d)`, [`[${day(2)},1]`, `[${day(4)},1]`]],
    [
      `${VISITS} | evaluate new_activity_metrics(${DAYS}, 1d) | where from_t == datetime(2024-01-01) | project dcount_retained_values`,
      ['[2]', '[1]', '[0]', '[1]'],
    ],
    [
      'range x from 1 to 6 step 1 | evaluate rolling_percentile(x, 50, x, 2, 2) | sort by x asc',
      ['[0,1]', '[2,2]', '[4,3]', '[6,5]'],
    ],
  ],
  // https://learn.microsoft.com/kusto/query/funnel-sequence-completion-plugin and its neighbours
  sequences: [
    [
      `${VISITS} | evaluate funnel_sequence_completion(${DAYS}, 10d, place, dynamic(["x", "y"]), dynamic([6h, 2d])) | project place, Period, dcount`,
      ['["x",216000000000,3]', '["y",216000000000,1]', '["x",1728000000000,3]', '["y",1728000000000,2]'],
    ],
    [
      `${VISITS} | evaluate funnel_sequence(${DAYS}, 3d, 30d, place, dynamic(["y"])) | project prev, next, dcount`,
      ['["x","x",1]', '["x","",1]'],
    ],
    [
      `${VISITS} | evaluate sequence_detect(t, 2d, 3d, x = place == "x", y = place == "y", u) | project u, Duration`,
      ['["A",864000000000]', '["C",180000000000]'],
    ],
  ],
  // https://learn.microsoft.com/kusto/query/basket-plugin and its neighbours
  patterns: [
    [`${VISITS} | project u, place | evaluate basket(0.4)`, ['[0,4,66.7,"","x"]', '[1,3,50,"A",""]']],
    [`${VISITS} | project u, place | evaluate basket(0.6, '~', '~', '*')`, ['[0,4,66.7,"*","x"]']],
    [
      `${VISITS} | project place, w = 3 | evaluate autocluster(0.5, w)`,
      ['[0,12,66.7,"x",null]', '[1,6,33.3,"y",null]'],
    ],
    [`${VISITS} | project place, a = u == "A" | evaluate diffpatterns(a, "true", "false", '~', 0.5)`, []],
    [
      'range x from 1 to 8 step 1 | project a = x % 2, b = iff(x % 2 == 0, "e", "o") | evaluate diffpatterns(a, "0", "1") | project CountA, CountB, PercentDiffAB, b',
      ['[4,0,100,"e"]', '[0,4,100,"o"]'],
    ],
    [`${VISITS} | evaluate basket(2.0)`, ['SPOOR002']],
  ],
  // https://learn.microsoft.com/kusto/query/reduce-operator
  reduce: [
    [
      'print s = pack_array("San Jose", "San Diego", "Rome") | mv-expand s to typeof(string) | reduce by s with threshold=0.5',
      ['["San *",2,"San Diego"]', '["others",1,""]'],
    ],
    [
      'datatable(n:long, s:string) [1, "a 1", 2, "a 22"] | reduce kind=source by s | sort by n asc',
      ['[1,"a 1","a *",2,"a 1"]', '[2,"a 22","a *",2,"a 1"]'],
    ],
  ],
  // https://learn.microsoft.com/kusto/query/narrow-plugin and its neighbours
  shapes: [
    ['print a = 1, b = "x" | evaluate narrow()', ['[0,"a","1"]', '[0,"b","x"]']],
    ['range x from 1 to 9 step 1 | evaluate preview(2)', ['[1]', '[2]']],
    [
      'range x from 1 to 9 step 1 | evaluate rows_near(x == 4 or x == 8, 1)',
      ['[3]', '[4]', '[5]', '[7]', '[8]', '[9]'],
    ],
    [
      'range x from 1 to 9 step 1 | summarize a = hll(x), b = hll(x + 5) | evaluate dcount_intersect(a, b) | project s0, s1',
      ['[9,4]'],
    ],
    ['(print a = 1 | getschema) | evaluate schema_merge()', ['["a",0,"System.Int64","long"]']],
  ],
  // https://learn.microsoft.com/kusto/query/scan-operator
  scan: [
    [
      'datatable(t:long, e:string) [1, "a", 2, "b", 3, "b", 4, "c", 5, "b"] | scan with_match_id=m order by t asc with (step s1 output=none: e == "a"; step s2 output=last: e == "b"; step s3: e == "c";)',
      ['[3,"b",0]', '[4,"c",0]'],
    ],
    [
      'datatable(t:long, k:string) [3, "x", 1, "x", 2, "y", 4, "y"] | scan order by t asc partition by k declare (n:long = 10) with (step s: true => n = s.n + t;) | project t, n',
      ['[1,11]', '[2,12]', '[3,14]', '[4,16]'],
    ],
    [
      'range x from 1 to 3 step 1 | scan declare (l:dynamic = dynamic([])) with (step s: true => l = array_concat(s.l, pack_array(x));) | project l',
      ['["[1]"]', '["[1,2]"]', '["[1,2,3]"]'],
    ],
    [
      'range x from 1 to 6 step 1 | extend g = x % 2 | partition by g (sort by x asc | scan declare (c:long = 0) with (step s: true => c = s.c + x;)) | sort by x asc | project c',
      ['[1]', '[2]', '[4]', '[6]', '[9]', '[12]'],
    ],
  ],
};

const rowsOf = useRows();

for (const [name, cases] of Object.entries(CASES)) {
  describe(name, () => {
    test.each(cases)('%s', async (query, expected) => {
      expect(await rowsOf(query)).toEqual(expected);
    });
  });
}

test('scan takes a partition of 100,000 rows', async () => {
  const query =
    'range x from 1 to 100000 step 1 | scan declare (c:long = 0) with (step s: true => c = s.c + x;) | summarize count(), max(c)';
  expect(await rowsOf(query)).toEqual(['[100000,5000050000]']);
});
