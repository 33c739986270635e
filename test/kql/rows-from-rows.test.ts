import { describe, expect, it } from 'vitest';
import { useRows } from './rows.ts';

const rows = useRows();

const ARRAYS =
  'datatable(a:int,b:dynamic)[1,dynamic([1,2,3]), 2,dynamic([]), 3,dynamic(null), 4,dynamic({"k":9})]';

describe('expansion', () => {
  it('makes no row of an empty array, one of null, and keeps the order', async () => {
    expect(await rows(`${ARRAYS} | sort by a asc | mv-expand b | project a, s = tostring(b)`)).toEqual([
      '[1,"1"]',
      '[1,"2"]',
      '[1,"3"]',
      '[3,""]',
      '[4,"{\\"k\\":9}"]',
    ]);
  });

  it('pads the shorter arrays and counts from 0', async () => {
    const query = `print x = dynamic([1,"2"]), y = dynamic([7]) | mv-expand with_itemindex=i x to typeof(long), y to typeof(long) | project i, x, y`;
    expect(await rows(query)).toEqual(['[0,1,7]', '[1,null,null]']);
  });

  it('stops at 128 rows in the old spelling', async () => {
    expect(await rows('print x = range(1, 200) | mvexpand x | count')).toEqual(['[128]']);
    expect(await rows('print x = range(1, 200) | mv-expand x | count')).toEqual(['[200]']);
  });

  /** Texts are taken out of the JSON around them where that has an array there. */
  it.each([
    ['{"T":["a",null,2.50,{"b": [1, 2]},true,"\\u00e9\\n"]}', ['a', '', '2.5', '{"b":[1,2]}', 'true', 'é\n']],
    ['{"T":[null]}', ['']],
    ['{"T":[]}', []],
    ['{"T":{"a":1,"b":"x"}}', ['{"a":1}', '{"b":"x"}']],
    ['{"T":"x"}', ['x']],
    ['{"t":["x"]}', ['']],
    ['no JSON', ['']],
  ] as const)('makes texts of %s', async (json, texts) => {
    const from = `print j = ${JSON.stringify(json)} | mv-expand x = parse_json(j).T`;
    const expected = texts.map((text) => JSON.stringify([text]));
    expect(await rows(`${from} to typeof(string) | project x`)).toEqual(expected);
    expect(await rows(`${from} | project s = tostring(x)`)).toEqual(expected);
  });

  it('pads texts beside a longer array', async () => {
    const query = `print j = '{"T":["a"]}', y = dynamic([1,2]) | mv-expand x = parse_json(j).T to typeof(string), y | project x, y`;
    expect(await rows(query)).toEqual(['["a","1"]', '["","2"]']);
  });
});

describe('pipelines per group', () => {
  it('works on the elements of each row by themselves', async () => {
    const query = `${ARRAYS} | mv-apply x = b to typeof(long) on (where x > 1 | summarize n = count(), top = max(x)) | project a, n, top`;
    expect(await rows(query)).toEqual(['[1,2,3]']);
  });

  it('cuts, sorts and numbers within a partition', async () => {
    const query = `datatable(g:string,v:int)["a",1,"a",3,"b",7,"b",5,"a",2]
      | partition by g (top 2 by v | extend place = row_number(), before = prev(v))`;
    expect(await rows(query)).toEqual(['["a",3,1,null]', '["a",2,2,3]', '["b",7,1,null]', '["b",5,2,7]']);
  });

  it('refuses what it cannot run for each group', async () => {
    const query = `print g = 1 | partition by g (union (print g = 2))`;
    expect(await rows(query)).toEqual(['SPOOR001']);
  });
});

describe('parsing', () => {
  it('gives all columns or none, unless relaxed', async () => {
    const given = `datatable(s:string)["n=1;m=x", "n=q;m=y", "other"] | parse`;
    expect(await rows(`${given} s with "n=" n:long ";m=" m | project n, m`)).toEqual([
      '[1,"x"]',
      '[null,""]',
      '[null,""]',
    ]);
    expect(await rows(`${given} kind=relaxed s with "n=" n:long ";m=" m | project n, m`)).toEqual([
      '[1,"x"]',
      '[null,"y"]',
      '[null,""]',
    ]);
    expect(
      await rows(`${given.replace('| parse', '| parse-where')} s with "n=" n:long ";m=" m | project n, m`),
    ).toEqual(['[1,"x"]']);
  });

  it('keeps the groups of a written expression apart from its own', async () => {
    const query = `print s = "aXXb12" | parse kind=regex s with "(a)(X+)" l:string "(1)" r:long | project l, r`;
    expect(await rows(query)).toEqual(['["b",2]']);
    expect(await rows(`print s = "a" | parse kind=regex s with "(a" l:string | project l`)).toEqual([
      'SPOOR004',
    ]);
  });

  it('reads pairs with quotes and takes the first of a key', async () => {
    const query = `print s = 'k="a, b", k=c, n = 5' | parse-kv s as (k:string, n:int, gone:long) with (pair_delimiter=",", kv_delimiter="=", quote='"') | project k, n, gone`;
    expect(await rows(query)).toEqual(['["a, b",5,null]']);
  });
});

describe('series', () => {
  it('lays out steps without rows', async () => {
    const query = `datatable(t:long,v:long)[1,5, 7,2, 1,1] | make-series s = sum(v), c = count() default=-1 on t from 1 to 8 step 2 | project tostring(s), tostring(c), tostring(t)`;
    expect(await rows(query)).toEqual(['["[6,0,0,2]","[2,-1,-1,1]","[1,3,5,7]"]']);
  });

  it('has no series of no rows, unless asked', async () => {
    const series = 'on t from 0 to 2 step 1 | project tostring(c)';
    expect(await rows(`datatable(t:long)[] | make-series c = count() ${series}`)).toEqual([]);
    expect(await rows(`datatable(t:long)[] | make-series kind=nonempty c = count() ${series}`)).toEqual([
      '["[0,0]"]',
    ]);
  });
});

describe('nested tops and steps', () => {
  it('aggregates each level over all of its rows', async () => {
    const query = `datatable(a:string,b:string,u:long)["x","p",1, "x","q",2, "x","q",2, "y","p",1]
      | top-nested 1 of a by n = dcount(u), top-nested 1 of b by m = count()`;
    expect(await rows(query)).toEqual(['["x",2,"q",2]']);
  });

  it('promotes a match from step to step', async () => {
    const query = `datatable(t:long,e:string)[1,"in", 2,"noise", 3,"out", 4,"out", 5,"in", 9,"out"]
      | sort by t asc
      | scan with_match_id=m declare (since:long) with (
          step open output=none: e == "in" => since = t;
          step close: e == "out" and t - open.t < 4 => since = open.since;)`;
    expect(await rows(query)).toEqual(['[3,"out",1,0]', '[4,"out",1,0]']);
  });
});
