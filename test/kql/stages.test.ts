import { describe, expect, it } from 'vitest';
import { useRows } from './rows.ts';

const rows = useRows();

const SALES = `let T = datatable(Region: string, Kind: string, Amount: long)
  ['eu', 'b', 1, 'eu', 'a', 2, 'us', 'b', 4, 'eu', 'b', 8];`;

describe('columns that the rows tell', () => {
  it('makes a column of each value, sorted, with 0 where a count or a sum has no rows', async () => {
    expect(
      (await rows(`${SALES} T | project Region, Kind | evaluate pivot(Kind) | sort by Region asc`)).slice(),
    ).toEqual(['["eu",1,2]', '["us",0,1]']);
    expect(
      await rows(
        `${SALES} T | evaluate pivot(Kind, sum(Amount)) | sort by Region asc | getschema | project ColumnName, ColumnType`,
      ),
    ).toEqual(['["Region","string"]', '["a","long"]', '["b","long"]']);
  });

  it('lets what follows use the made columns, one that no row has too', async () => {
    const query = `${SALES} T | evaluate pivot(Kind, sum(Amount), Region) | extend All = a + b + c | sort by Region asc | project Region, All`;
    expect(await rows(query)).toEqual(['["eu",11]', '["us",4]']);
  });

  it('answers the columns that a schema names', async () => {
    const query = `${SALES} T | evaluate pivot(Kind, count(), Region) : (Region: string, b: long, z: long) | sort by Region asc`;
    expect(await rows(query)).toEqual(['["eu",2,0]', '["us",1,0]']);
  });

  it('unpacks bags by what is in them', async () => {
    const bags = `let B = range i from 1 to 3 step 1 | extend d = bag_pack('n', i, 's', strcat('x', i), 'r', i / 2.0);`;
    expect(await rows(`${bags} B | evaluate bag_unpack(d) | sort by i asc`)).toEqual([
      '[1,1,0.5,"x1"]',
      '[2,2,1,"x2"]',
      '[3,3,1.5,"x3"]',
    ]);
    expect(
      await rows(
        `${bags} B | evaluate bag_unpack(d, OutputColumnPrefix='p_', ignoredProperties=dynamic(['s'])) | getschema | project ColumnName`,
      ),
    ).toEqual(['["i"]', '["p_n"]', '["p_r"]']);
  });

  it('does so in a let, on a side of a join, in a subquery and in a function that is called twice', async () => {
    const bags = `let B = range i from 1 to 2 step 1 | extend d = bag_pack('n', i * 10); let U = B | evaluate bag_unpack(d);`;
    expect(
      await rows(`${bags} U | join kind=inner (U | project i, m = n) on i | sort by i asc | project i, n, m`),
    ).toEqual(['[1,10,10]', '[2,20,20]']);
    expect(await rows(`${bags} print toscalar(U | summarize sum(n))`)).toEqual(['[30]']);
    const called = `let F = (T: (i: long, d: dynamic)) { T | evaluate bag_unpack(d) };
      let A = range i from 1 to 1 step 1 | extend d = bag_pack('a', 1);
      let B = range i from 2 to 2 step 1 | extend d = bag_pack('b', 2);
      union (F(A)), (F(B)) | sort by i asc | project i, a, b`;
    expect(await rows(called)).toEqual(['[1,1,null]', '[2,null,2]']);
  });
});

describe('columns of hostile names', () => {
  const values = [
    `a'b`,
    'a"b',
    'a\\b',
    'a]b',
    'a\nb',
    'a\tb',
    ' a',
    'é🦉',
    "');drop",
    'c0',
    '$x',
    'a\u0000b',
  ];
  const table = `datatable(v: string) [${values.map((value) => JSON.stringify(value)).join(', ')}]`;

  it('hold what they should', async () => {
    expect(
      await rows(`${table} | evaluate pivot(v) | project n = array_length(pack_array(*)), a = pack_all()`),
    ).toHaveLength(1);
    const [row = ''] = await rows(`${table} | evaluate pivot(v)`);
    expect(JSON.parse(row)).toEqual(values.map(() => 1));
    const [bag = ''] = await rows(
      `${table} | summarize b = make_bag(bag_pack(v, 1)) | evaluate bag_unpack(b)`,
    );
    expect(JSON.parse(bag)).toEqual(values.map(() => 1));
  });

  it('are refused where they would stand twice', async () => {
    const query = `datatable(k: string, g: string) ['g', 'x', '', 'y'] | evaluate pivot(k)`;
    expect(await rows(query)).toEqual(['SPOOR008']);
    expect(await rows(`range i from 1 to 1001 step 1 | evaluate pivot(i)`)).toEqual(['SPOOR008']);
  });
});

describe('functions beside the engine', () => {
  const cell = (x: string): string => `geo_point_to_s2cell(${x}, 10.0, 2)`;
  const points =
    'let P = datatable(i: long, x: real) [1, 1.0, 2, 100.0, 3, 1.0, 4, real(null), 5, real(nan)];';

  it('are computed for each row, nulls too, and keep its order', async () => {
    const [here = '', there = ''] = (await rows(`print a = ${cell('1.0')}, b = ${cell('100.0')}`)).flatMap(
      (row) => JSON.parse(row) as string[],
    );
    expect(here.length > 0 && here !== there).toBe(true);
    expect(await rows(`${points} P | sort by i desc | extend c = ${cell('x')} | project i, c`)).toEqual([
      '[5,""]',
      '[4,""]',
      `[3,"${here}"]`,
      `[2,"${there}"]`,
      `[1,"${here}"]`,
    ]);
    expect(
      await rows(
        `${points} P | sort by x asc, i desc | take 2 | extend c = ${cell('x')}, n = row_number() | project i, n`,
      ),
    ).toEqual(
      await rows(`${points} P | sort by x asc, i desc | take 2 | extend n = row_number() | project i, n`),
    );
  });

  it('stand in every clause, inside each other and over values of other queries', async () => {
    expect(await rows(`${points} P | where ${cell('x')} == ${cell('1.0')} | count`)).toEqual(['[2]']);
    expect(
      await rows(
        `${points} P | where isnotempty(${cell('x')}) | summarize n = count(), dcount(${cell('x')}) by c = ${cell('x')} | project n | sort by n asc`,
      ),
    ).toEqual(['[1]', '[2]']);
    expect(
      await rows(
        `${points} P | join kind=inner (P | extend c = ${cell('x')}) on i | where isnotempty(c) | count`,
      ),
    ).toEqual(['[3]']);
    expect(
      await rows(
        `${points} P | extend m = geo_s2cell_to_central_point(${cell('x')}) | where isnotempty(tostring(m.coordinates)) | count`,
      ),
    ).toEqual(['[3]']);
    expect(
      await rows(`${points} print ${cell('toscalar(P | where i == 2 | project x)')} == ${cell('100.0')}`),
    ).toEqual(['[true]']);
    expect(await rows(`${points} P | sort by ${cell('x')} desc, i asc | project i | take 1`)).toHaveLength(1);
    expect(
      await rows(
        `${points} P | where i < 3 | mv-expand l = pack_array(${cell('x')}, 'z') to typeof(string) | where l == 'z' | count`,
      ),
    ).toEqual(['[2]']);
    expect(
      await rows(
        `${points} let f = (v: real) { ${cell('v')} }; P | extend c = f(x) | where c == f(1.0) | count`,
      ),
    ).toEqual(['[2]']);
    expect(await rows(`range i from 1 to 0 step 1 | extend c = ${cell('toreal(i)')}`)).toEqual([]);
  });
});
