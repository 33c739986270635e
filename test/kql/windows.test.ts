import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

/** Query, and its rows in order. */
const CASES: readonly (readonly [query: string, rows: readonly string[]])[] = [
  [
    'datatable(v:string)["b","b","a",""] | serialize p = prev(v), n = next(v, 2, "end"), r = row_rank_dense(v), q = row_number(5), w = row_rank_min(v)',
    ['["b","","a",1,5,1]', '["b","b","",1,6,1]', '["a","b","end",2,7,3]', '["","a","end",3,8,4]'],
  ],
  [
    'datatable(v:long, w:dynamic)[1, dynamic([1])] | serialize p = prev(w), m = next(v), s = row_cumsum(v)',
    ['[1,"[1]","",null,1]'],
  ],
  [
    'range i from 1 to 6 step 1 | extend b = i in (1, 4) | sort by i asc | serialize n = row_number(0, b), s = row_cumsum(i, b), r = row_rank_dense(i / 2, b), w = row_rank_min(i / 2, b) | project-away b',
    ['[1,0,1,1,1]', '[2,1,3,2,2]', '[3,2,6,2,2]', '[4,0,4,1,1]', '[5,1,9,1,1]', '[6,2,15,2,3]'],
  ],
  [
    'datatable(v:long)[long(null), long(null), 3, long(null)] | serialize r = row_rank_dense(v), s = row_cumsum(v), p = prev(v, 1, -1)',
    ['[null,1,0,-1]', '[null,1,0,null]', '[3,2,3,null]', '[null,3,3,3]'],
  ],
  [
    'datatable(i:long, k:string)[1,"b", 2,"a", 3,"c", 4,"a"] | sort by k asc, i desc | extend p = prev(i), n = next(k, 1, "end"), q = prev(i, 2, 0)' +
      ' | where k != "b" | project i, p, n, q',
    ['[4,null,"a",0]', '[2,4,"b",0]', '[3,1,"end",2]'],
  ],
  // A gap of the longest neighbour distance, a null and the longest session each begin one.
  [
    'datatable(t:datetime)[datetime(2024-01-01), datetime(2024-01-01 00:10), datetime(null), datetime(2024-01-01 00:20), datetime(2024-01-01 00:30), datetime(2024-01-01 00:40), datetime(2024-01-01 00:55)]' +
      ' | serialize s = row_window_session(t, 20m, 15m) | project (s - datetime(2024-01-01)) / 1m',
    ['[0]', '[0]', '[null]', '[20]', '[20]', '[40]', '[55]'],
  ],
];

describe('window functions', () => {
  const rows = useRows();
  test.each(CASES)('%s', async (query, expected) => {
    expect(await rows(query)).toEqual(expected);
  });

  test('many rows in one long session', async () => {
    const query =
      'range i from 0 to 2999 step 1 | extend t = datetime(2024-01-01) + i * 1s | sort by i asc' +
      ' | extend s = row_window_session(t, 1m, 5s) | where s != bin(t, 1m) | count';
    expect(await rows(query)).toEqual(['[0]']);
  });

  test('an offset that is no positive constant is refused', async () => {
    expect(await rows('range i from 1 to 3 step 1 | serialize p = prev(i, 0)')).toEqual(['SPOOR004']);
  });
});
