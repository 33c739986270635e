import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

/** https://learn.microsoft.com/kusto/query/union-operator */
describe('`union kind=inner`', () => {
  const rows = useRows();
  test.each([
    ['union kind=inner (print a=1, b=2), (print a=2, c=3)', ['[1]', '[2]']],
    ['print a=1, b=2 | union kind=inner (print a=2, c=3) | extend z=a', ['[1,1]', '[2,2]']],
    [
      'union kind=inner withsource=src (print a=1, b=2), (print a=2, c=3)',
      ['["union_arg0",1]', '["union_arg1",2]'],
    ],
    [
      "union kind=inner (print a=1, d='x'), (print a='other type', d='y') | getschema | project ColumnName",
      ['["d"]'],
    ],
    [
      'let x = union kind=inner (print a=1, b=2), (print a=1, c=3); x | join kind=leftsemi x on a | count',
      ['[2]'],
    ],
  ])('%s', async (query, expected) => {
    expect([...(await rows(query))].sort()).toEqual(expected);
  });

  test('shows no other column to what follows', async () => {
    expect(await rows('union kind=inner (print a=1, b=2), (print a=2, c=3) | where c == 1')).toEqual([
      'KS142',
    ]);
  });
});
