import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, createTable } from '../../src/catalog/ddl.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { compile } from '../../src/kql/index.ts';
import { type Engine, openEngine } from '../conformance/engine.ts';

const catalog = loadCatalog();
const SESSION = {
  principal: undefined,
  host: 'spoor.example.com:8443',
  hosts: ['spoor.example.com', 'spoor.example.com:8443'],
  cursor: 7n,
} as const;

function compiled(query: string, existing: readonly string[] = ['DeviceInfo', 'DeviceEvents']) {
  return compile(query, catalog, {
    nowTicks: 17_149_792_890_000_000n,
    database: 'places',
    existing: new Set(existing),
    session: SESSION,
    check: true,
  });
}

const folder = mkdtempSync(join(tmpdir(), 'spoor-places-'));
let engine: Engine;

beforeAll(() => {
  engine = openEngine(folder);
  engine.command(createDatabase('places').text);
  for (const name of ['DeviceInfo', 'DeviceEvents']) {
    const table = catalog.tables.get(name);
    if (table === undefined) throw new Error(`no table ${name}`);
    engine.command(createTable('places', table).text);
  }
  engine.command(`INSERT INTO places.DeviceInfo (Timestamp, DeviceId, _arrival, _ingested)
    VALUES (now64(7), 'a', 7, now64(7)), (now64(7), 'b', 8, now64(7))`);
  engine.command(
    "INSERT INTO places.DeviceEvents (Timestamp, DeviceId, _arrival, _ingested) VALUES (now64(7), 'c', 9, now64(7))",
  );
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

async function rows(query: string, existing?: readonly string[]) {
  const outcome = compiled(query, existing);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  return await engine.select(outcome.statement.text);
}

const DEVICES = [['"a"'], ['"b"']];

describe('tables by their place', () => {
  test.each([
    "cluster('spoor.example.com').database('hunting').DeviceInfo",
    "cluster('HTTPS://spoor.example.com:8443/').database('NetDefaultDB').DeviceInfo",
    "alias database Own = cluster('spoor.example.com').database('hunting'); database('Own').DeviceInfo",
    "database('Hunting').DeviceInfo",
    "let DeviceInfo = print DeviceId = 'hidden'; database('hunting').DeviceInfo",
    "union database('hunting').DeviceInf*",
    "macro-expand entity_group [cluster('spoor.example.com').database('hunting')] as X (X.DeviceInfo)",
    "let G = entity_group [database('hunting')]; macro-expand G as X (let All = X.DeviceInfo; All)",
  ])('%s', async (query) => {
    expect(await rows(`${query} | project DeviceId | sort by DeviceId asc`)).toEqual(DEVICES);
  });

  test('a group of several reads each', async () => {
    const query = `macro-expand entity_group [database('hunting'), cluster('spoor.example.com').database('hunting')] as X
      (X.DeviceInfo | project Place = strcat(X.$current_cluster_endpoint, '/', X.$current_database)) | summarize count() by Place`;
    expect(await rows(query)).toEqual([['"spoor.example.com:8443/hunting"', '4']]);
  });

  test.each([
    ["cluster('elsewhere').database('hunting').DeviceInfo", 'SPOOR001'],
    ["cluster('spoor.example.com:1').database('hunting').DeviceInfo", 'SPOOR001'],
    ["database('elsewhere').DeviceInfo", 'KS208'],
    ["macro-expand entity_group [cluster('elsewhere').database('d')] as X (X.DeviceInfo)", 'SPOOR001'],
    ["restrict access to (database('hunting').DeviceEvents); database('hunting').DeviceInfo", 'SPOOR002'],
  ])('%s is refused', (query, code) => {
    const outcome = compiled(query);
    expect(outcome.ok === false ? outcome.diagnostics[0]?.code : 'compiled').toBe(code);
  });

  test('a fault behind a place stands where it is written', () => {
    const query = "cluster('spoor.example.com').database('hunting').DeviceInfo | where Nothing == 1";
    const outcome = compiled(query);
    expect(outcome).toMatchObject({
      ok: false,
      diagnostics: [{ start: query.indexOf('Nothing'), length: 7 }],
    });
  });
});

describe('cursors', () => {
  test.each([
    ["DeviceInfo | where cursor_after('7')", [['"b"']]],
    ['DeviceInfo | where cursor_before_or_at(cursor_current())', [['"a"']]],
    ["DeviceInfo | extend x = 1 | project-away x | where cursor_after('')", DEVICES],
    ["union DeviceInfo, DeviceEvents | where cursor_after('7')", [['"b"'], ['"c"']]],
    ['set query_cursor_current = "8"; DeviceInfo | where cursor_before_or_at(current_cursor())', DEVICES],
  ])('%s', async (query, expected) => {
    expect(await rows(`${query} | project DeviceId | sort by DeviceId asc`)).toEqual(expected);
  });

  test('read a union of which one table is not stored yet', async () => {
    const query = "union DeviceInfo, DeviceEvents | where cursor_after('7') | project DeviceId";
    expect(await rows(query, ['DeviceInfo'])).toEqual([['"b"']]);
  });

  test.each([
    "print cursor_after('1')",
    "DeviceInfo | summarize count() by DeviceId | where cursor_after('1')",
    "DeviceInfo | where cursor_after('yesterday')",
    'DeviceInfo | where cursor_after(DeviceId)',
  ])('%s is refused', (query) => {
    const outcome = compiled(query);
    expect(outcome.ok === false ? outcome.diagnostics[0]?.code : 'compiled').toBe('SPOOR002');
  });
});
