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
