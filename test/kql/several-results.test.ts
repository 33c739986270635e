import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CompileOptions, compile } from '../../src/kql/index.ts';
import { type Engine, openEngine } from '../conformance/engine.ts';

const CATALOG = { tables: new Map(), tableAliases: new Map() };
const OPTIONS: CompileOptions = {
  nowTicks: 17_149_792_890_000_000n,
  database: 'none',
  existing: new Set(),
  check: true,
};

const folder = mkdtempSync(join(tmpdir(), 'spoor-results-'));
let engine: Engine;
beforeAll(() => {
  engine = openEngine(folder);
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Each table: its name, its columns and its rows. Or the codes of the faults. */
async function answers(query: string, options: Partial<CompileOptions> = { results: 'all' }) {
  const compiled = compile(query, CATALOG, { ...OPTIONS, ...options });
  if (!compiled.ok) return compiled.diagnostics.map(({ code }) => code);
  const out = [];
  for (const { name, statement, columns } of compiled.results) {
    const rows = (await engine.select(statement.text)).map((cells) => cells.join());
    out.push([name, columns.map((column) => column.name).join(), rows]);
  }
  return out;
}

describe('several results', () => {
  test('`fork` answers a table per branch, by its name', async () => {
    const query = `range x from 1 to 4 step 1 | fork Big=(where x > 2) (count) (take 1 | as One) | render table`;
    expect(await answers(query)).toEqual([
      ['Big', 'x', ['3', '4']],
      [undefined, 'Count', ['4']],
      ['One', 'x', ['1']],
    ]);
  });
  test('`facet` answers the rows of `with`, then the counts of each column', async () => {
    const query = `range x from 1 to 2 step 1 | extend y = 7 | facet by x, y with (where x > 1 | project x)`;
    const [rows, xs, ys] = await answers(query);
    expect(rows).toEqual([undefined, 'x', ['2']]);
    expect([xs?.[1], [...(xs?.[2] ?? [])].sort()]).toEqual(['x,count_x', ['1,1', '2,1']]);
    expect(ys).toEqual([undefined, 'y,count_y', ['7,2']]);
  });
  test('each tabular statement answers a table', async () => {
    const query = 'let a = 3; print v = a; let b = a + 1; print v = b | as Last; a';
    expect(await answers(query)).toEqual([
      [undefined, 'v', ['3']],
      ['Last', 'v', ['4']],
      [undefined, 'print_0', ['3']],
    ]);
  });
  test('unless all are asked for, the first is answered', async () => {
    expect(await answers('print a = 1; print b = 2', {})).toEqual([[undefined, 'a', ['1']]]);
    expect(await answers('print a = 1 | fork (extend b = 2) (count)', {})).toEqual([
      [undefined, 'a,b', ['1,2']],
    ]);
  });
});

describe('query parameters', () => {
  const declared = `declare query_parameters(n:long = 1, s:string = "d", t:datetime = datetime(null), d:dynamic = dynamic(null), r:real = 0.5, b:bool = false);
    print n = n, s, t, d, r, b`;
  async function given(parameters: Record<string, string>) {
    const answer = (await answers(declared, { parameters }))[0];
    return Array.isArray(answer) ? answer[2] : answer;
  }
  test('without values, the defaults stand', async () => {
    expect(await given({})).toEqual(['1,"d",null,"",0.5,false']);
  });
  test('literals of their own type, and bare values', async () => {
    const parameters = { n: 'long(-5)', s: '"q\\"x"', t: '2020-01-02', d: '[1,"a"]', r: '2', b: 'true' };
    expect(await given(parameters)).toEqual([
      '-5,"q\\"x","2020-01-02T00:00:00.0000000Z","[1,\\"a\\"]",2,true',
    ]);
    expect(await given({ n: '-7', t: 'datetime(2020-01-02)', other: 'x' })).toEqual([
      '-7,"d","2020-01-02T00:00:00.0000000Z","",0.5,false',
    ]);
  });
  test('a string that is no literal is the string', async () => {
    expect(await given({ s: 'print 1; print 2' })).toEqual(['1,"print 1; print 2",null,"",0.5,false']);
    expect(await given({ s: "x' | take 5" })).toEqual(['1,"x\' | take 5",null,"",0.5,false']);
  });
  test('a value of another type is refused', async () => {
    expect(await answers(declared, { parameters: { n: '1 + 1' } })).toEqual(['SPOOR002']);
    expect(await answers(declared, { parameters: { t: 'now()' } })).toEqual(['SPOOR002']);
    expect(await answers(declared, { parameters: { n: '1) | take 5 | extend x = (2' } })).toEqual([
      'SPOOR002',
    ]);
  });
  test('a parameter without value and default is refused', async () => {
    expect(await answers('declare query_parameters(n:long); print n = n')).toEqual(['SPOOR002']);
    expect(
      await answers('declare query_parameters(n:long); print n = n', { parameters: { n: '4' } }),
    ).toEqual([[undefined, 'n', ['4']]]);
  });
});
