import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

/** https://learn.microsoft.com/kusto/query/top-nested-operator */
describe('`with others` of `top-nested`', () => {
  const rows = useRows();
  const SALES = `datatable(region: string, shop: string, item: string, n: long) [
    'north', 'a', 'x', 100, 'north', 'a', 'y', 10, 'north', 'b', 'x', 50, 'north', 'c', 'z', 7,
    'south', 'd', 'x', 90, 'south', 'd', 'z', 1,
    'east', 'e', 'x', 20, 'west', 'f', 'y', 3]`;
  const answer = async (levels: string): Promise<readonly string[]> =>
    [...(await rows(`${SALES} | top-nested ${levels}`))].sort();

  test('sums up what is not among the top of each path', async () => {
    expect(
      await answer("2 of region by sum(n), top-nested 1 of shop with others = 'rest' by sum(n)"),
    ).toEqual([
      '["",null,"rest",23]',
      '["north",167,"a",110]',
      '["north",167,"rest",57]',
      '["south",91,"d",91]',
    ]);
  });

  test('shows nothing for the levels without it', async () => {
    expect(
      await answer(`2 of region with others = 'elsewhere' by sum(n),
        top-nested 1 of shop by sum(n),
        top-nested 1 of item with others = 'other items' by max(n)`),
    ).toEqual([
      '["elsewhere",23,"",null,"other items",20]',
      '["north",167,"",null,"other items",50]',
      '["north",167,"a",110,"other items",10]',
      '["north",167,"a",110,"x",100]',
      '["south",91,"d",91,"other items",1]',
      '["south",91,"d",91,"x",90]',
    ]);
  });

  test('adds no row where nothing is left', async () => {
    expect(await answer("9 of region with others = 'rest' by sum(n)")).toEqual([
      '["east",20]',
      '["north",167]',
      '["south",91]',
      '["west",3]',
    ]);
    expect(await answer("of region with others = 'rest' by count()")).toHaveLength(4);
  });

  test('takes its value in the type of the column', async () => {
    expect(await answer('1 of n with others = long(-1) by count()')).toEqual(
      expect.arrayContaining(['[-1,7]']),
    );
  });
});
