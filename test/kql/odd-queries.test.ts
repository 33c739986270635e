import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

const STEPS = "datatable(t: int, e: string)[1, 'a', 2, 'b', 3, 'a', 9, 'b'] | sort by t asc";

/** Query, and its rows in order, or the codes of its faults. */
const CASES: readonly (readonly [query: string, rows: readonly string[]])[] = [
  // https://learn.microsoft.com/kusto/query/print-operator
  ['print (a, b) = series_fit_line(dynamic([1, 2, 3])), z = 5', ['[1,1,5]']],
  ['print x = series_fit_line(dynamic([1, 2, 3])), 5, y = 6', ['[1,5,6]']],
  // https://learn.microsoft.com/kusto/query/summarize-operator
  ['datatable(a: int)[1, 2] | summarize | count', ['SPOOR002']],
  // https://learn.microsoft.com/kusto/query/scan-operator
  [
    `${STEPS} | scan with_match_id=id declare (x: int = 0) with
      (step s1 output=none: e == 'a'; step s2 output=last: e == 'b' => x = t - s1.t;)`,
    ['[2,"b",1,0]', '[9,"b",6,1]'],
  ],
  [
    `${STEPS} | scan declare (n: long = 0) with (step s output=last: t - s.t != 1 => n = s.n * 2 + t;)`,
    ['[1,"a",1]', '[3,"a",5]', '[9,"b",19]'],
  ],
];

describe('odd queries', () => {
  const rows = useRows();
  test.each(CASES)('%s', async (query, expected) => {
    expect(await rows(query)).toEqual(expected);
  });
});
