import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

/** A value of each type that is what the type has for "nothing" elsewhere, so that a null could be taken for it. */
const NOTHINGS = {
  bool: 'false',
  int: 'int(0)',
  long: '0',
  real: '0.0',
  decimal: 'decimal(0)',
  datetime: 'datetime(1970-01-01)',
  timespan: '0s',
  guid: 'guid(00000000-0000-0000-0000-000000000000)',
};

describe('null keys of a join', () => {
  const rows = useRows();

  test.each(Object.entries(NOTHINGS))('of type %s', async (type, nothing) => {
    const table = (column: string, values: string) =>
      `datatable(k: ${type}, ${column}: string)[${type}(null), '${column} null', ${values}]`;
    const left = table('l', `${nothing}, 'l zero'`);
    const sides = (kind: string, right: string) =>
      rows(`${left} | join kind=${kind} (${right}) on k | project l, r | sort by l asc, r asc`);
    const right = table('r', `${nothing}, 'r zero', ${nothing}, 'r again'`);
    expect(await sides('inner', right)).toEqual([
      '["l null","r null"]',
      '["l zero","r again"]',
      '["l zero","r zero"]',
    ]);
    const onlyNull = `${right} | where isnull(k)`;
    expect(await sides('leftouter', onlyNull)).toEqual(['["l null","r null"]', '["l zero",""]']);
    const onlyZero = `${right} | where isnotnull(k)`;
    expect(await sides('rightouter', onlyZero)).toEqual(['["l zero","r again"]', '["l zero","r zero"]']);
    expect(await rows(`${left} | join kind=leftanti (${onlyZero}) on k | project l`)).toEqual(['["l null"]']);
    expect(await rows(`${left} | join kind=leftsemi (${onlyNull}) on k | project l`)).toEqual(['["l null"]']);
  });

  test('beside another key', async () => {
    const table = (name: string) =>
      `datatable(s: string, k: long, ${name}: long)['a', long(null), 1, 'a', 0, 2, '', long(null), 3]`;
    const query = `${table('l')} | join kind=inner (${table('r')}) on s, k | project l, r | sort by l asc`;
    expect(await rows(query)).toEqual(['[1,1]', '[2,2]', '[3,3]']);
  });
});
