import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

const HOURS = 'range i from 0 to 335 step 1 | extend v = iff(i % 24 < 8, 10.0, 50.0) + (i * 7 % 5)';

/** Query, and its only row. */
const CASES: readonly (readonly [query: string, row: string])[] = [
  [
    'print series_abs(dynamic([1, -2.5, null])), series_multiply(10, dynamic([1, 2])), series_add(dynamic([1, 2]), dynamic([1, 2, 3]))',
    '["[1.0,2.5,null]","[10,20]","[2,4,null]"]',
  ],
  [
    'print series_less(dynamic([1, 5]), 3), series_divide(dynamic([1, 0]), dynamic([0, 0])), series_log(dynamic([1, -1, "x"]))',
    '["[true,false]","[\\"Infinity\\",\\"NaN\\"]","[0.0,null,null]"]',
  ],
  [
    'print series_sum(dynamic([1, null])), series_sum(dynamic([1, 2.5])), series_dot_product(dynamic([1, 2]), dynamic([1]))',
    '[null,3.5,null]',
  ],
  ['print isnull(series_abs(parse_json("{}"))), series_magnitude(dynamic([3, 4]))', '[true,5]'],
  ['range x from 1 to 3 step 1 | summarize y = make_list(x) | project series_multiply(y, y)', '["[1,4,9]"]'],
  // https://learn.microsoft.com/kusto/query/series-fit-line-function
  [
    'print y = dynamic([2, 5, 6, 8, 11, 15, 17, 18, 25, 26, 30, 30]) | extend (r, slope, v, rv, i, f) = series_fit_line(y) | project round(r, 3), round(slope, 3), round(v, 3), round(rv, 3), round(i, 3), f[0]',
    '[0.983,2.731,98.629,1.686,-1.667,"1.0641025641025645"]',
  ],
  [
    'print series_stats_dynamic(dynamic([1, null, 3]), true)',
    '["{\\"min\\":1.0,\\"min_idx\\":0,\\"max\\":3.0,\\"max_idx\\":2,\\"avg\\":2.0,\\"stdev\\":1.4142135623730951,\\"variance\\":2.0,\\"sum\\":4.0,\\"len\\":3}"]',
  ],
  [
    'print series_fir(dynamic([0, 0, 3, 0, 0]), dynamic([1, 1, 1]), true, true), series_iir(dynamic([1, 1, 1]), dynamic([0.5]), dynamic([1, -0.5]))',
    '["[0.0,1.0,1.0,1.0,0.0]","[0.5,0.75,0.875]"]',
  ],
  ['print isnull(series_fir(dynamic([1, 2]), dynamic([1, -1]), true))', '[true]'],
  [
    'print series_fill_linear(dynamic([null, 1, null, 4, null])), series_fill_const(dynamic([1, -1, null]), 7, -1), series_fill_backward(dynamic([null, "x", 2.0]))',
    '["[1,1,2,4,4]","[1,7,7]","[2,2,2]"]',
  ],
  // A day is found, and a dip on the tenth day at noon.
  [
    `${HOURS} | extend v = iff(i == 228, -90.0, v) | summarize y = make_list(v) | extend (flag, score, base) = series_decompose_anomalies(y) | project array_index_of(flag, -1), toint(series_sum(series_abs(flag)))`,
    '[228,1]',
  ],
  [
    `${HOURS} | summarize y = make_list(v) | extend (p, s) = series_periods_detect(y, 4.0, 100.0, 2) | project p`,
    '["[24.0,0.0]"]',
  ],
  [
    `${HOURS} | summarize y = make_list(v) | extend f = series_decompose_forecast(y, 24) | project abs(todouble(f[330]) - 52) < 3, array_length(f)`,
    '[true,336]',
  ],
];

describe('series', () => {
  const rows = useRows();
  test.each(CASES)('%s', async (query, row) => {
    expect(await rows(query)).toEqual([row]);
  });

  test('an unknown trend is a fault of the query', async () => {
    const query = 'print (a, b, c) = series_decompose_anomalies(dynamic([1]), 1.5, -1, "spline")';
    expect(await rows(query)).toEqual(['SPOOR004']);
  });
});
