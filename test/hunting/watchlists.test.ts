import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantDatabase } from '../../src/catalog/ddl.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { sql, text } from '../../src/clickhouse/sql.ts';
import { createFunctionLibrary, type FunctionLibrary } from '../../src/hunting/library.ts';
import { createTenantTables } from '../../src/hunting/tables.ts';
import { createWatchlists, type Watchlists } from '../../src/hunting/watchlists.ts';
import { define } from '../../src/kql/define.ts';
import { compile } from '../../src/kql/index.ts';
import { systemClock } from '../../src/model/clock.ts';
import { RequestError } from '../../src/model/request-error.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { startTestEngine, type TestEngine } from '../engine/harness.ts';

const TENANT = '5f0b7c1e-2a44-4c55-9b1d-7c0f3d5a9e22';
const OTHER = '5f0b7c1e-2a44-4c55-9b1d-7c0f3d5a9e23';
const CATALOG = loadCatalog();

const folder = mkdtempSync(join(tmpdir(), 'spoor-watchlists-'));
let engine: TestEngine;
let store: Store;
let functions: FunctionLibrary;
let watchlists: Watchlists;
let tables: ReturnType<typeof createTenantTables>;

beforeAll(async () => {
  engine = await startTestEngine();
  store = await openStore(folder);
  functions = createFunctionLibrary({
    store,
    clock: systemClock,
    // The compiler itself, without its threads.
    compiler: { define: async (saved, options) => define(saved, CATALOG, options) },
  });
  tables = createTenantTables({
    database: engine.database,
    library: functions.library,
    shared: true,
  });
  watchlists = createWatchlists({
    store,
    database: engine.database,
    clock: systemClock,
    forgetTables: tables.forget,
  });
});
afterAll(async () => {
  await store?.close();
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const upload = (body: string, searchKey?: string) =>
  watchlists.put(TENANT, {
    alias: 'Vip',
    name: undefined,
    searchKey,
    body: Readable.from([Buffer.from(body)]),
  });

async function rows(query: string, tenant = TENANT): Promise<unknown> {
  const { database, existing, library } = await tables(tenant);
  const options = { nowTicks: 0n, database, existing, library };
  const compiled = compile(query, CATALOG, options);
  if (!compiled.ok) return compiled.diagnostics.map(({ code }) => code);
  const { rows: batches } = await engine.database.hunt({
    database,
    statement: compiled.statement,
    queryId: `t${Math.random()}`,
    timeoutMs: 10_000,
  });
  const out: string[] = [];
  for await (const batch of batches) out.push(...batch.map((row) => row.join()));
  return out.sort();
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.catch((caught: unknown) => caught);
  return error instanceof RequestError ? error.code : `no refusal: ${String(error)}`;
}

describe('watchlists', () => {
  it('are read by their alias, and only in their tenant', async () => {
    const stored = await upload('\uFEFFuser,the tier\r\nann,1\r\n"b""ob",2\r\n', 'the tier');
    expect([stored.rows, stored.columns, stored.searchKey]).toEqual([2, ['user', 'the tier'], 'the tier']);
    expect(await rows("_GetWatchlist('vip') | project user, SearchKey")).toEqual([
      '"ann","1"',
      String.raw`"b\"ob","2"`,
    ]);
    expect(await rows("_GetWatchlist('vip')", OTHER)).toEqual(['SPOOR002']);
  });

  it('are replaced as a whole, and stay as they were when an upload fails', async () => {
    await upload('user\nzed\n');
    expect(await rows("_GetWatchlist('VIP') | project user")).toEqual(['"zed"']);
    for (const broken of ['', 'user,user\n1,2\n', 'user\n"zed', 'a,b\n1\n', "it's\n1\n", 'SearchKey\n1\n'])
      expect([broken, await refusal(upload(broken))]).toEqual([broken, 'InvalidInput']);
    expect(await refusal(upload('user\nzed\n', 'none'))).toBe('InvalidInput');
    expect(await rows("_GetWatchlist('VIP') | project user")).toEqual(['"zed"']);
    const kept = await engine.database.rows<{ n: string }>(
      sql`SELECT count() AS n FROM system.tables WHERE database = ${text(tenantDatabase(TENANT))}
        AND startsWith(name, '_watchlist_')`,
    );
    // The list in use, and the one before it, which running queries may still read.
    expect(Number(kept[0]?.n)).toBe(2);
  });

  it('can be forgotten', async () => {
    await watchlists.remove(TENANT, 'VIP');
    expect(await rows("_GetWatchlist('vip')")).toEqual(['SPOOR002']);
    expect(await refusal(watchlists.remove(TENANT, 'vip'))).toBe('ResourceNotFound');
  });
});

describe('saved functions', () => {
  const save = (name: string, body: string, parameters = '()') =>
    functions.put(TENANT, { name, parameters, body, folder: '', docstring: '' });

  it('are called by queries of their tenant', async () => {
    await save('Ten', '10');
    await save('Times', 'range n from 1 to k step 1 | extend m = n * Ten()', '(k:long=2)');
    expect(await rows('Times() | project m')).toEqual(['10', '20']);
    expect(await rows('Times(1)', OTHER)).toEqual(['KS211']);
  });

  it('cannot call each other in a circle', async () => {
    expect(await refusal(save('Ten', 'toscalar(Times(1) | count)'))).toBe('InvalidInput');
    expect(await rows('print Ten()')).toEqual(['10']);
  });

  it('stay while another calls them', async () => {
    expect(await refusal(functions.remove(TENANT, 'Ten'))).toBe('FunctionInUse');
    await functions.remove(TENANT, 'Times');
    await functions.remove(TENANT, 'Ten');
    expect(await functions.list(TENANT)).toEqual([]);
    expect(await refusal(functions.remove(TENANT, 'Ten'))).toBe('ResourceNotFound');
  });

  it('are refused when they are no function', async () => {
    for (const [name, body] of [
      ['a b', '1'],
      ['F', 'print 1 | where x'],
      ['toupper', '1'],
    ] as const)
      expect([name, await refusal(save(name, body))]).toEqual([name, 'InvalidInput']);
  });
});
