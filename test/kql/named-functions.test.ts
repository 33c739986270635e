import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

/** https://learn.microsoft.com/kusto/query/functions/user-defined-functions */
describe('a function of the query, named without a call', () => {
  const rows = useRows();
  test.each([
    ['let F = () { let x = 3; range i from 1 to x step 1 }; F | count', ['[3]']],
    ['let F = (n: int = 3) { range i from 1 to n step 1 }; F | count', ['[3]']],
    ['let F = () { let x = 3; x + 1 }; print F, F()', ['[4,4]']],
    ['let F = (n: int = 3) { n + 1 }; print F', ['[4]']],
    [
      'let F = () { let T = datatable(a: int)[1, 2]; T | where a > 1 }; F | join kind=inner F on a | count',
      ['[1]'],
    ],
    ['let V = view () { let x = 3; range i from 1 to x step 1 }; union V, (print i = 1) | count', ['[4]']],
    ['let V = view () { let x = 3; range i from 1 to x step 1 }; union V* | count', ['[3]']],
  ])('%s', async (query, expected) => {
    expect(await rows(query)).toEqual(expected);
  });
});
