import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CatalogTable, findTable } from '../../src/catalog/catalog.ts';
import {
  changedRetention,
  createDatabase,
  createStatements,
  createTable,
  missingColumns,
  tenantDatabase,
} from '../../src/catalog/ddl.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { insertColumns, physicalColumns } from '../../src/catalog/physical.ts';
import { STORE_SETTINGS } from '../../src/clickhouse/settings.ts';
import { ident, Sql, Strength, text } from '../../src/clickhouse/sql.ts';
import { termText } from '../../src/clickhouse/types.ts';
import type { KqlType } from '../../src/model/kql-type.ts';
import { startTestEngine, type TestEngine } from '../engine/harness.ts';

const catalog = loadCatalog();
const database = tenantDatabase('8F7D5B1E-0A51-4C5E-9C0E-1D6B2F3A4C5D');
let test: TestEngine;

/** A statement of this test. */
const written = (statement: Sql | string): Sql =>
  typeof statement === 'string' ? Sql.fromTemplate([statement], [], Strength.statement) : statement;
const run = (statement: Sql | string): Promise<void> => test.database.command(written(statement));
/** 64-bit integers, counts too, are strings. */
const rows = (query: string): Promise<Record<string, unknown>[]> => test.database.rows(written(query));
/** The only column of the answer, as lines. */
const lines = async (query: string): Promise<string> =>
  (await rows(query)).map((row) => Object.values(row)[0]).join('\n');

function table(name: string): CatalogTable {
  const found = findTable(catalog, name);
  if (found === undefined) throw new Error(`no table ${name}`);
  return found;
}

const settings = Object.entries(STORE_SETTINGS)
  .map(([name, value]) => `${name} = ${value}`)
  .join(', ');

async function insert(name: string, ...values: readonly Record<string, unknown>[]): Promise<void> {
  const columns = Object.keys(values[0] ?? {});
  const body = values.map((value) => JSON.stringify(columns.map((column) => value[column]))).join('\n');
  await test.database.insert({ database, table: name, columns, body: Buffer.from(body) });
}

beforeAll(async () => {
  test = await startTestEngine();
  await run(createDatabase(database));
  for (const each of catalog.tables.values()) {
    for (const statement of createStatements(catalog, database, each)) await run(statement);
  }
});

afterAll(() => test.stop());

describe('the tables in the engine', () => {
  it('are all there, with the columns and types of the catalogue, and can be made again', async () => {
    const found = await rows(`SELECT table, name, type FROM system.columns WHERE database = '${database}'`);
    const types = new Map(found.map((row) => [`${row['table']}.${row['name']}`, row['type']]));
    for (const each of catalog.tables.values()) {
      for (const column of physicalColumns(each)) {
        const type = types.get(`${each.name}.${column.name}`);
        if (each.storedIn === undefined) expect(type, column.name).toBe(column.type.text);
        else expect(type, column.name).toBeDefined();
      }
    }
    expect(new Set(found.map((row) => row['table'])).size).toBe(70);
  });

  it('lack nothing right after they were made', async () => {
    for (const each of catalog.tables.values()) {
      if (each.storedIn !== undefined) continue;
      const where = `WHERE database = '${database}' AND table = '${each.name}'`;
      const found = await rows(
        `SELECT name FROM system.columns ${where} UNION ALL SELECT name FROM system.data_skipping_indices ${where}`,
      );
      const names = found.map((row) => String(row['name']));
      expect(missingColumns(database, each, new Set(names)).map((statement) => statement.text)).toEqual([]);
    }
  });

  it('gain the columns and indexes of a later release where they belong', async () => {
    const old = { ...table('AlertInfo'), columns: table('AlertInfo').columns.slice(0, 4) };
    await run(createDatabase('earlier'));
    await run(createTable('earlier', old));
    await run("INSERT INTO earlier.AlertInfo (Timestamp, AlertId) VALUES (1, 'a')");
    const existing = new Set([
      ...insertColumns(old),
      'range__arrival',
      'range__ingested',
      'values_AlertId',
      'terms_Title',
    ]);
    const statements = missingColumns('earlier', table('AlertInfo'), existing);
    expect(statements).toHaveLength(4);
    for (const statement of statements) await run(statement);
    const names = await rows("SELECT name FROM system.columns WHERE database = 'earlier' ORDER BY position");
    expect(names.map((row) => row['name'])).toEqual(insertColumns(table('AlertInfo')));
    expect(await rows('SELECT AlertId, Severity FROM earlier.AlertInfo')).toEqual([
      { AlertId: 'a', Severity: '' },
    ]);
  });
});

describe('rows', () => {
  const values: Partial<Record<KqlType, unknown>> = {
    string: 'Üñí "quoted" \\ \u0000 \n 漢字',
    dynamic: '{"a":[1,null]}',
    datetime: '0001-01-01 00:00:00.0000001',
    int: -2147483648,
    long: '-9223372036854775808',
    bool: true,
    real: 0.1,
    guid: '8f7d5b1e-0a51-4c5e-9c0e-1d6b2f3a4c5d',
  };

  it('of every table come back as they went in, and empty columns as NULL or empty text', async () => {
    for (const each of catalog.tables.values()) {
      if (each.storedIn !== undefined) continue;
      const held = each.columns.filter((column) => column.storedAs === undefined);
      const full = Object.fromEntries(held.map((column) => [column.name, values[column.type]]));
      await insert(each.name, { ...full, _arrival: 1 });
      await insert(each.name, { _arrival: 2 });
      const [first, second] = await rows(`SELECT * FROM ${database}.${each.name} ORDER BY _arrival`);
      for (const column of held) {
        expect(first?.[column.name], `${each.name}.${column.name}`).toEqual(values[column.type]);
        const empty = column.nullable ? null : column.name === each.timeColumn ? expect.anything() : '';
        expect(second?.[column.name], `${each.name}.${column.name}`).toEqual(empty);
      }
    }
  });

  it('that were stored under one name are found under the other', async () => {
    await insert('EntraIdSignInEvents', {
      Timestamp: '2026-01-01 00:00:00',
      EntraIdDeviceId: 'device-1',
      AccountUpn: 'mallory@example.com',
    });
    const query = `SELECT AadDeviceId FROM ${database}.AADSignInEventsBeta WHERE AccountUpn = 'mallory@example.com'`;
    expect(await rows(query)).toEqual([{ AadDeviceId: 'device-1' }]);
    await insert('UrlClickEvents', { Timestamp: '2026-01-01 00:00:00', Url: 'https://x.example/' });
    const time = `SELECT TimeGenerated = Timestamp AS same FROM ${database}.UrlClickEvents WHERE Url != '' AND _arrival = 0`;
    expect(await rows(time)).toEqual([{ same: 1 }]);
  });

  it('of more than a hundred months go in as one batch', async () => {
    const months = Array.from({ length: 240 }, (_, i) => ({
      Timestamp: `${1990 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}-15 00:00:00`,
      CampaignId: 'old',
    }));
    await insert('CampaignInfo', ...months);
    expect(await rows(`SELECT count() AS n FROM ${database}.CampaignInfo WHERE CampaignId = 'old'`)).toEqual([
      { n: '240' },
    ]);
  });

  it('go when their retention, counted from arrival, is over', async () => {
    const info = table('AlertInfo');
    await run(createDatabase('kept'));
    await run(createTable('kept', info));
    await run(
      "INSERT INTO kept.AlertInfo (Timestamp, AlertId, _ingested) VALUES ('2001-01-01', 'new', now()), (now(), 'old', now() - 864000)",
    );
    const retain = async (days: number | undefined) => {
      const [made] = await rows(
        "SELECT engine_full AS definition FROM system.tables WHERE database = 'kept' AND name = 'AlertInfo'",
      );
      const statements = changedRetention('kept', info, String(made?.['definition']), days);
      for (const statement of statements) await run(statement);
      return statements.length;
    };
    expect(await retain(undefined)).toBe(0);
    expect(await retain(7)).toBe(1);
    expect(await retain(7)).toBe(0);
    await run('OPTIMIZE TABLE kept.AlertInfo FINAL');
    expect(await rows('SELECT AlertId FROM kept.AlertInfo')).toEqual([{ AlertId: 'new' }]);
    expect(await retain(30)).toBe(1);
    expect(await retain(undefined)).toBe(1);
    expect(await lines('SHOW CREATE TABLE kept.AlertInfo')).not.toContain('TTL');
    await run(createDatabase('kept2'));
    await run(createTable('kept2', info, 30));
    expect(await lines('SHOW CREATE TABLE kept2.AlertInfo')).toContain('TTL');
  });
});

describe('the indexes', () => {
  const name = 'DeviceProcessEvents';
  const has = (column: string, term: string): string =>
    `SELECT count() AS n FROM ${database}.${name} WHERE hasAllTokens(${termText(ident(column)).text}, [${text(term).text}])`;
  const plan = (query: string): Promise<string> => lines(`EXPLAIN indexes = 1 ${query}`);
  /** Granules read by the last index of the plan. */
  const granules = async (query: string, index: string): Promise<string | undefined> =>
    new RegExp(`Name: ${index}\\n[\\s\\S]*?Granules: (\\d+/\\d+)`).exec(await plan(query))?.[1];

  beforeAll(async () => {
    await run(`INSERT INTO ${database}.${name} (Timestamp, DeviceName, ProcessCommandLine, SHA1, _arrival)
      SELECT toDateTime64('2026-05-01 00:00:00', 7, 'UTC') + number, concat('PC', toString(number % 1000)),
        multiIf(number = 70000, 'run Invoke-Mimikatz now', number = 70001, 'Öffne „GEHEIM–Plan“ 計画 x', concat('cmd.exe /c echo ', toString(number))),
        lower(hex(SHA1(toString(number)))), number
      FROM numbers(100000) SETTINGS ${settings}`);
  });

  it('may be missing in a fresh part: answers are the same', async () => {
    expect(await rows(has('ProcessCommandLine', 'mimikatz'))).toEqual([{ n: '1' }]);
    expect(await rows(has('ProcessCommandLine', 'geheim'))).toEqual([{ n: '1' }]);
  });

  it('are used for terms, substrings and whole values once parts are merged', async () => {
    await run(`OPTIMIZE TABLE ${database}.${name} FINAL`);
    for (const [column, term, count] of [
      ['ProcessCommandLine', 'mimikatz', 1],
      ['ProcessCommandLine', 'geheim', 1],
      ['ProcessCommandLine', '計画', 1],
      ['ProcessCommandLine', 'mimi', 0],
      ['DeviceName', 'pc7', 100],
    ] as const) {
      expect(await rows(has(column, term))).toEqual([{ n: String(count) }]);
      expect(await granules(has(column, term), `terms_${column}`), `${column} has ${term}`).toBeDefined();
    }
    expect(await granules(has('ProcessCommandLine', 'mimikatz'), 'terms_ProcessCommandLine')).toMatch(/^1\//);

    const contains = `SELECT count() AS n FROM ${database}.${name} WHERE lower(ProcessCommandLine) LIKE '%oke-mimik%'`;
    expect(await rows(contains)).toEqual([{ n: '1' }]);
    expect(await granules(contains, 'substrings_ProcessCommandLine')).toMatch(/^1\//);

    const equals = `SELECT count() AS n FROM ${database}.${name} WHERE SHA1 = lower(hex(SHA1('70000')))`;
    expect(await rows(equals)).toEqual([{ n: '1' }]);
    expect(await granules(equals, 'values_SHA1')).toMatch(/^1\//);
  });

  it('work through a view', async () => {
    await run(`OPTIMIZE TABLE ${database}.EntraIdSignInEvents FINAL`);
    const query = `SELECT count() AS n FROM ${database}.AADSignInEventsBeta WHERE hasAllTokens(${termText(ident('AccountUpn')).text}, ['mallory'])`;
    expect(await rows(query)).toEqual([{ n: '1' }]);
    expect(await plan(query)).toContain('terms_AccountUpn');
  });

  it('narrow a time range to the parts and granules that hold it', async () => {
    const query = `SELECT count() FROM ${database}.${name} WHERE Timestamp >= '2026-05-02 00:00:00' AND Timestamp < '2026-05-02 01:00:00'`;
    expect(await plan(query)).toMatch(/PrimaryKey[\s\S]*Granules: [12]\//);
  });
});

describe('a tenant database', () => {
  it('is named after the tenant, and only after a GUID', async () => {
    expect(database).toBe('tenant_8f7d5b1e_0a51_4c5e_9c0e_1d6b2f3a4c5d');
    expect(() => tenantDatabase('x`; DROP')).toThrow();
  });
});
