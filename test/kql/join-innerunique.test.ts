import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

/** https://learn.microsoft.com/kusto/query/join-innerunique */
describe('`innerunique`, the join without a kind', () => {
  const rows = useRows();
  const LEFT = "datatable(key: long, value: string)[1, 'a', 1, 'b', 2, 'a', 2, 'a', 3, 'c']";
  const RIGHT = "datatable(key: long, value: string)[1, 'x', 1, 'y', 2, 'z']";
  const JOINED = `let L = ${LEFT}; let R = ${RIGHT}; L | join R on key`;

  test('keeps the first row of a key', async () => {
    expect(await rows(`${JOINED} | sort by key asc, value1 asc`)).toEqual([
      '[1,"a",1,"x"]',
      '[1,"a",1,"y"]',
      '[2,"a",2,"z"]',
    ]);
  });

  test.each([
    ['of the left side', "where value == 'b'", ['[1,"b",1,"x"]', '[1,"b",1,"y"]']],
    ['of both sides', "where value == 'b' and value1 == 'y'", ['[1,"b",1,"y"]']],
    ['that asks twice', "where value1 == 'y' | where value == 'b'", ['[1,"b",1,"y"]']],
    ['behind new names', "project-rename w = value | where w == 'b' | count", ['[2]']],
    ['of a list', "where value in ((datatable(v: string)['b'])) and value1 == 'x'", ['[1,"b",1,"x"]']],
    [
      'behind another join',
      "join kind=inner (datatable(key: long)[1]) on key | where value == 'b' and value1 == 'x' | project-away key2",
      ['[1,"b",1,"x"]'],
    ],
  ])('a filter %s is asked before that', async (_what, filter, expected) => {
    expect([...(await rows(`${JOINED} | ${filter}`))].sort()).toEqual(expected);
  });

  test.each([
    ['of a computed column', "extend w = strcat(value, '!') | where w == 'b!'"],
    ['of both sides at once', "where value == 'b' or value1 == 'none'"],
    ['behind `take`', "take 10 | where value == 'b'"],
  ])('a filter %s chooses among the rows that were kept', async (_what, filter) => {
    expect(await rows(`${JOINED} | ${filter}`)).toEqual([]);
  });
});
