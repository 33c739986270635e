import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { define } from '../../src/kql/define.ts';
import { type CompileOptions, compile } from '../../src/kql/index.ts';
import type { Library, SavedFunction } from '../../src/model/library.ts';
import type { CatalogView, TableSchema } from '../../src/model/table-schema.ts';
import { type Engine, openEngine } from '../conformance/engine.ts';

const DATABASE = 'tenant_x';
const NUMBERS: TableSchema = {
  name: 'Numbers',
  area: '',
  description: '',
  source: '',
  columns: [{ name: 'n', type: 'long', description: '', nullable: true, indexes: [] }],
  columnAliases: new Map(),
};
const CATALOG: CatalogView = { tables: new Map([['Numbers', NUMBERS]]), tableAliases: new Map() };

const saved = (name: string, parameters: string, body: string): SavedFunction => ({ name, parameters, body });
const LIBRARY: Library = {
  version: 'a:1',
  functions: [
    saved('Twice', '(T:(n:long), factor:long=2)', 'T | extend m = n * factor'),
    saved('Small', '()', 'Numbers | where n < limit()'),
    saved('limit', '()', '3'),
    saved('plus', '(a:long, b:long=1)', 'let c = a + b; c'),
  ],
  watchlists: [{ alias: 'VIP Users', table: '_watchlist_1', columns: ['User', 'Tier level'] }],
};
const OPTIONS: CompileOptions = {
  nowTicks: 17_149_792_890_000_000n,
  database: DATABASE,
  existing: new Set(['Numbers', '_watchlist_1']),
  arrival: { after: 7n },
  library: LIBRARY,
  check: true,
};

const folder = mkdtempSync(join(tmpdir(), 'spoor-library-'));
let engine: Engine;
beforeAll(() => {
  engine = openEngine(folder);
  engine.command(`CREATE DATABASE ${DATABASE}`);
  engine.command(
    `CREATE TABLE ${DATABASE}.Numbers (n Int64, _arrival UInt64, _ingested DateTime64(7, 'UTC')) ENGINE = Memory`,
  );
  engine.command(
    `CREATE TABLE ${DATABASE}._watchlist_1 (_DTItemId String, LastUpdatedTimeUTC DateTime64(7, 'UTC'), SearchKey String,
     User String, \`Tier level\` String) ENGINE = Memory`,
  );
  // The first row arrived before the window of these tests.
  engine.insert(DATABASE, 'Numbers', ['n', '_arrival'], [[0, 7], ...[1, 2, 3, 4].map((n) => [n, 7 + n])]);
  engine.insert(
    DATABASE,
    '_watchlist_1',
    ['_DTItemId', 'LastUpdatedTimeUTC', 'SearchKey', 'User', 'Tier level'],
    [
      ['i1', '2024-01-02 03:04:05', 'ann', 'ann', '1'],
      ['i2', '2024-01-02 03:04:05', 'bob', 'bob', '2'],
    ],
  );
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

async function rows(query: string): Promise<readonly string[]> {
  const compiled = compile(query, CATALOG, OPTIONS);
  if (!compiled.ok) return compiled.diagnostics.map(({ code }) => code);
  return (await engine.select(compiled.statement.text)).map((cells) => cells.join()).sort();
}

describe('saved functions', () => {
  test.each([
    ['Numbers | where n > 2 | invoke Twice() | project m', ['6', '8']],
    ['Twice(Numbers, factor=5) | project m', ['10', '15', '20', '5']],
    ['Small', ['1', '2']],
    ['Small() | count', ['2']],
    ['print a = plus(limit()), b = limit', ['4,3']],
    // What the query calls so is none of the function's business.
    ['let Numbers = datatable(n:long)[1]; let limit = 0; Small | count', ['2']],
  ])('%s', async (query, expected) => {
    expect(await rows(query)).toEqual(expected);
  });
  test('are not known elsewhere', () => {
    const other = compile('Small', CATALOG, {
      ...OPTIONS,
      library: { ...LIBRARY, version: 'b:1', functions: [] },
    });
    expect(other.ok).toBe(false);
  });
});

describe('a definition', () => {
  const defined = (name: string, parameters: string, body: string) => {
    const outcome = define(saved(name, parameters, body), CATALOG, OPTIONS);
    return outcome.ok ? outcome.calls : outcome.diagnostics.map(({ code, start }) => `${code}@${start}`);
  };
  test('tells what it calls', () => {
    expect(defined('New', '(x:long)', 'Small | where n == plus(x)')).toEqual(['Small', 'plus']);
  });
  test('may need its arguments', () => {
    expect(
      defined('New', '(T:(n:long), k:long, s:timespan)', 'T | take k | extend b = bin(now(), s)'),
    ).toEqual([]);
  });
  test('is refused with the place in its body', () => {
    expect(defined('New', '()', 'Numbers | where q > 1')).toEqual(['KS142@16']);
    expect(defined('New', '(T:(n:long))', 'T | evaluate python("x")')[0]).toMatch(/@/);
  });
  test('cannot call itself, hide a name or hold more than one function', () => {
    expect(defined('Loop', '()', 'Loop | take 1')[0]).toMatch(/^KS/);
    expect(defined('toupper', '(x:string)', 'x')).toEqual(['SPOOR002@0']);
    expect(defined('Numbers', '()', 'print 1')).toEqual(['SPOOR002@0']);
    expect(defined('New', '() { print 1 }; let y = ()', 'print 2')).toEqual(['SPOOR002@0']);
    expect(defined('New', '()', 'print 1 }; let z = () { print 3')).toEqual(['SPOOR002@0']);
  });
});

// https://learn.microsoft.com/azure/sentinel/watchlists-queries
describe('watchlists', () => {
  test.each([
    [
      "_GetWatchlist('vip users') | project User, SearchKey, ['Tier level']",
      ['"ann","ann","1"', '"bob","bob","2"'],
    ],
    [
      "let w = 'VIP Users'; _GetWatchlist(w) | where User == 'bob' | project LastUpdatedTimeUTC, _DTItemId",
      ['"2024-01-02T03:04:05.0000000Z","i2"'],
    ],
    ["print u = 'bob' | where u in ((_GetWatchlist('VIP Users') | project User))", ['"bob"']],
    ['_GetWatchlistAlias', ['"VIP Users"']],
    ['_GetWatchlistAlias() | count', ['1']],
    ["_GetWatchlist('none') | where Whatever == 1", ['SPOOR002']],
    ["_GetWatchlist(strcat('VIP', ' Users')) | take 1", ['SPOOR002']],
    ["restrict access to (Numbers); _GetWatchlist('VIP Users')", ['SPOOR002']],
    ['restrict access to (Numbers); Small', ['SPOOR002']],
    ['restrict access to (Small); Small', ['1', '2']],
    ['_watchlist_1 | take 1', ['KS204']],
    ['union withsource=t * | distinct t', ['"Numbers"']],
    ["search in (_watchlist_1) 'x'", ['KS204']],
  ])('%s', async (query, expected) => {
    expect(await rows(query)).toEqual(expected);
  });
});
