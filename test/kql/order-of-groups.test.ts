import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

describe('groups of rows that the query writes down', () => {
  const rows = useRows();
  const NUMBERS = [40, 7, 23, 7, 99, 1, 40, 58, 12, 3, 77, 1, 64, 5, 31, 88, 2];
  const DISTINCT = [...new Set(NUMBERS)];
  const TABLE = `datatable(n: long)[${NUMBERS.join(', ')}]`;

  test.each([
    ['a list', 'summarize count() by n | summarize l = make_list(n)'],
    ['a list of what is left', 'summarize c = count() by n | where c > 0 | summarize l = make_list(n)'],
    [
      'the names of a bag',
      "summarize by n | summarize b = make_bag(bag_pack(strcat('k', n), n)) | project l = b",
    ],
  ])('stand in the order of their first rows in %s', async (_what, query) => {
    const [answer = '[]'] = await rows(`${TABLE} | ${query}`);
    const [cell] = JSON.parse(answer) as [string];
    const value = JSON.parse(cell) as number[] | Record<string, number>;
    expect(Object.values(value)).toEqual(DISTINCT);
  });

  test('do so in each group of a second key', async () => {
    expect(
      await rows(
        `datatable(g: long, s: string)[1, 'z', 2, 'b', 1, 'a', 2, 'c', 1, 'z', 2, 'a'] | summarize by g, s
        | summarize make_list(s) by g | sort by g asc`,
      ),
    ).toEqual(['[1,"[\\"z\\",\\"a\\"]"]', '[2,"[\\"b\\",\\"c\\",\\"a\\"]"]']);
  });

  test('do so in a pipeline per partition', async () => {
    expect(
      await rows(
        `datatable(g: long, s: string)[1, 'z', 2, 'b', 1, 'a', 2, 'c', 1, 'z', 2, 'a']
        | partition by g (summarize by g, s | summarize l = make_list(s) by g) | sort by g asc`,
      ),
    ).toEqual(['[1,"[\\"z\\",\\"a\\"]"]', '[2,"[\\"b\\",\\"c\\",\\"a\\"]"]']);
  });
});
