import { describe, expect, test } from 'vitest';
import { compile } from '../../src/kql/index.ts';
import { useRows } from './rows.ts';

/** https://learn.microsoft.com/kusto/query/materialize-function */
describe('`materialize` of rows that differ each time', () => {
  const rows = useRows();
  const R = 'range i from 1 to 50 step 1';

  test.each([
    ['chance', `let M = materialize(${R} | extend r = rand()); M | join kind=inner M on r | count`, '[50]'],
    [
      'new ids',
      `let M = materialize(${R} | extend g = new_guid()); union M, M | summarize dcount(g, 4)`,
      '[50]',
    ],
    ['a sample', `let M = materialize(${R} | sample 5); union M, M | distinct i | count`, '[5]'],
    [
      'a part and the rest',
      `let M = materialize(${R} | extend r = rand()); union (M | where r < 0.5), (M | where r >= 0.5) | count`,
      '[50]',
    ],
    [
      'a scalar of them',
      `let M = materialize(${R} | extend r = rand()); let top = toscalar(M | summarize max(r)); M | where r == top | count`,
      '[1]',
    ],
    [
      'rows beside the engine',
      `let M = materialize(${R} | extend g = strcat("a,", new_guid())); M | extend p = punycode_from_string(g) | join kind=inner (M | extend p = punycode_from_string(g)) on p | count`,
      '[50]',
    ],
  ])('reads %s twice as the same rows', async (_what, query, expected) => {
    expect(await rows(query)).toEqual([expected]);
  });

  test('keeps two of them apart', async () => {
    const one = `materialize(${R} | extend g = new_guid())`;
    expect(await rows(`let A = ${one}; let B = ${one}; union A, B | summarize dcount(g, 4)`)).toEqual([
      '[100]',
    ]);
  });

  test('passes no program where one place reads it', () => {
    const needsNoStage = (query: string): boolean =>
      compile(
        query,
        { tables: new Map(), tableAliases: new Map() },
        { nowTicks: 0n, database: 'none', existing: new Set(), lookbackTicks: undefined },
      ).ok;
    expect(needsNoStage(`let M = materialize(${R} | extend r = rand()); M | count`)).toBe(true);
    expect(needsNoStage(`let M = materialize(${R} | extend r = rand()); union M, M | count`)).toBe(false);
    expect(needsNoStage(`let M = materialize(${R} | extend r = i); union M, M | count`)).toBe(true);
  });
});
