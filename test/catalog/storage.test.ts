import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CatalogTable, findTable } from '../../src/catalog/catalog.ts';
import {
  alterRetention,
  createDatabase,
  createStatements,
  createTable,
  missingColumns,
  tenantDatabase,
} from '../../src/catalog/ddl.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { insertColumns, physicalColumns } from '../../src/catalog/physical.ts';
import { INSERT_SETTINGS } from '../../src/clickhouse/settings.ts';
import { ident, type Sql, text } from '../../src/clickhouse/sql.ts';
import { termText } from '../../src/clickhouse/types.ts';
import type { KqlType } from '../../src/model/kql-type.ts';

const catalog = loadCatalog();
const database = tenantDatabase('8F7D5B1E-0A51-4C5E-9C0E-1D6B2F3A4C5D');
const folder = mkdtempSync(join(tmpdir(), 'spoor-storage-'));
let session: Session;

const run = (statement: Sql | string): string =>
  session.query(typeof statement === 'string' ? statement : statement.text, 'TabSeparated');
const rows = (query: string): Record<string, unknown>[] =>
  session
    .query(query, 'JSONEachRow')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

function table(name: string): CatalogTable {
  const found = findTable(catalog, name);
  if (found === undefined) throw new Error(`no table ${name}`);
  return found;
}

const settings = Object.entries(INSERT_SETTINGS)
  .map(([name, value]) => `${name} = ${value}`)
  .join(', ');

function insert(name: string, ...values: readonly Record<string, unknown>[]): void {
  const body = values.map((value) => JSON.stringify(value)).join('\n');
  run(`INSERT INTO ${database}.${name} SETTINGS ${settings} FORMAT JSONEachRow ${body}`);
}

beforeAll(() => {
  session = new Session(folder);
  run(createDatabase(database));
  for (const each of catalog.tables.values()) {
    for (const statement of createStatements(catalog, database, each)) run(statement);
  }
});

afterAll(() => {
  session.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the tables in the engine', () => {
  it('are all there, with the columns and types of the catalogue, and can be made again', () => {
    const found = rows(`SELECT table, name, type FROM system.columns WHERE database = '${database}'`);
    const types = new Map(found.map((row) => [`${row['table']}.${row['name']}`, row['type']]));
    for (const each of catalog.tables.values()) {
      for (const column of physicalColumns(each)) {
        const type = types.get(`${each.name}.${column.name}`);
        if (each.storedIn === undefined) expect(type, column.name).toBe(column.type.text);
        else expect(type, column.name).toBeDefined();
      }
    }
    expect(new Set(found.map((row) => row['table'])).size).toBe(69);
  });

  it('lack nothing right after they were made', () => {
    for (const each of catalog.tables.values()) {
      if (each.storedIn !== undefined) continue;
      const names = rows(
        `SELECT name FROM system.columns WHERE database = '${database}' AND table = '${each.name}'
         UNION ALL SELECT name FROM system.data_skipping_indices WHERE database = '${database}' AND table = '${each.name}'`,
      ).map((row) => String(row['name']));
      expect(missingColumns(database, each, new Set(names)).map((statement) => statement.text)).toEqual([]);
    }
  });

  it('gain the columns and indexes of a later release where they belong', () => {
    const old = { ...table('AlertInfo'), columns: table('AlertInfo').columns.slice(0, 4) };
    run(createDatabase('earlier'));
    run(createTable('earlier', old));
    run("INSERT INTO earlier.AlertInfo (Timestamp, AlertId) VALUES (1, 'a')");
    const existing = new Set([
      ...insertColumns(old),
      'range__arrival',
      'range__ingested',
      'values_AlertId',
      'terms_Title',
    ]);
    const statements = missingColumns('earlier', table('AlertInfo'), existing);
    expect(statements).toHaveLength(4);
    for (const statement of statements) run(statement);
    const names = rows("SELECT name FROM system.columns WHERE database = 'earlier' ORDER BY position");
    expect(names.map((row) => row['name'])).toEqual(insertColumns(table('AlertInfo')));
    expect(rows('SELECT AlertId, Severity FROM earlier.AlertInfo')).toEqual([{ AlertId: 'a', Severity: '' }]);
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

  it('of every table come back as they went in, and empty columns as NULL or empty text', () => {
    for (const each of catalog.tables.values()) {
      if (each.storedIn !== undefined) continue;
      const held = each.columns.filter((column) => column.storedAs === undefined);
      const full = Object.fromEntries(held.map((column) => [column.name, values[column.type]]));
      insert(each.name, { ...full, _arrival: 1 }, { _arrival: 2 });
      const [first, second] = rows(
        `SELECT * FROM ${database}.${each.name} ORDER BY _arrival SETTINGS output_format_json_quote_64bit_integers = 1`,
      );
      for (const column of held) {
        expect(first?.[column.name], `${each.name}.${column.name}`).toEqual(values[column.type]);
        const empty = column.nullable ? null : column.name === each.timeColumn ? expect.anything() : '';
        expect(second?.[column.name], `${each.name}.${column.name}`).toEqual(empty);
      }
    }
  });

  it('that were stored under one name are found under the other', () => {
    insert('EntraIdSignInEvents', {
      Timestamp: '2026-01-01 00:00:00',
      EntraIdDeviceId: 'device-1',
      AccountUpn: 'mallory@example.com',
    });
    const query = `SELECT AadDeviceId FROM ${database}.AADSignInEventsBeta WHERE AccountUpn = 'mallory@example.com'`;
    expect(rows(query)).toEqual([{ AadDeviceId: 'device-1' }]);
    insert('UrlClickEvents', { Timestamp: '2026-01-01 00:00:00', Url: 'https://x.example/' });
    const time = `SELECT TimeGenerated = Timestamp AS same FROM ${database}.UrlClickEvents WHERE Url != '' AND _arrival = 0`;
    expect(rows(time)).toEqual([{ same: 1 }]);
  });

  it('of more than a hundred months go in as one batch', () => {
    const months = Array.from({ length: 240 }, (_, i) => ({
      Timestamp: `${1990 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}-15 00:00:00`,
      CampaignId: 'old',
    }));
    insert('CampaignInfo', ...months);
    expect(rows(`SELECT count() AS n FROM ${database}.CampaignInfo WHERE CampaignId = 'old'`)).toEqual([
      { n: 240 },
    ]);
  });

  it('go when their retention, counted from arrival, is over', () => {
    const info = table('AlertInfo');
    run(createDatabase('kept'));
    run(createTable('kept', info));
    run(
      "INSERT INTO kept.AlertInfo (Timestamp, AlertId, _ingested) VALUES ('2001-01-01', 'new', now()), (now(), 'old', now() - 864000)",
    );
    run(alterRetention('kept', info, 7));
    run('OPTIMIZE TABLE kept.AlertInfo FINAL');
    expect(rows('SELECT AlertId FROM kept.AlertInfo')).toEqual([{ AlertId: 'new' }]);
    run(alterRetention('kept', info, undefined));
    run(createDatabase('kept2'));
    run(createTable('kept2', info, 30));
    expect(run('SHOW CREATE TABLE kept2.AlertInfo')).toContain('TTL');
  });
});

describe('the indexes', () => {
  const name = 'DeviceProcessEvents';
  const has = (column: string, term: string): string =>
    `SELECT count() AS n FROM ${database}.${name} WHERE hasAllTokens(${termText(ident(column)).text}, [${text(term).text}])`;
  const plan = (query: string): string => run(`EXPLAIN indexes = 1 ${query}`);
  /** Granules read by the last index of the plan. */
  const granules = (query: string, index: string): string | undefined =>
    new RegExp(`Name: ${index}\\n[\\s\\S]*?Granules: (\\d+/\\d+)`).exec(plan(query))?.[1];

  beforeAll(() => {
    run(`INSERT INTO ${database}.${name} (Timestamp, DeviceName, ProcessCommandLine, SHA1, _arrival)
      SELECT toDateTime64('2026-05-01 00:00:00', 7, 'UTC') + number, concat('PC', toString(number % 1000)),
        multiIf(number = 70000, 'run Invoke-Mimikatz now', number = 70001, 'Öffne „GEHEIM–Plan“ 計画 x', concat('cmd.exe /c echo ', toString(number))),
        lower(hex(SHA1(toString(number)))), number
      FROM numbers(100000) SETTINGS ${settings}`);
  });

  it('may be missing in a fresh part: answers are the same', () => {
    expect(rows(has('ProcessCommandLine', 'mimikatz'))).toEqual([{ n: 1 }]);
    expect(rows(has('ProcessCommandLine', 'geheim'))).toEqual([{ n: 1 }]);
  });

  it('are used for terms, substrings and whole values once parts are merged', () => {
    run(`OPTIMIZE TABLE ${database}.${name} FINAL`);
    for (const [column, term, count] of [
      ['ProcessCommandLine', 'mimikatz', 1],
      ['ProcessCommandLine', 'geheim', 1],
      ['ProcessCommandLine', '計画', 1],
      ['ProcessCommandLine', 'mimi', 0],
      ['DeviceName', 'pc7', 100],
    ] as const) {
      expect(rows(has(column, term))).toEqual([{ n: count }]);
      expect(granules(has(column, term), `terms_${column}`), `${column} has ${term}`).toBeDefined();
    }
    expect(granules(has('ProcessCommandLine', 'mimikatz'), 'terms_ProcessCommandLine')).toMatch(/^1\//);

    const contains = `SELECT count() AS n FROM ${database}.${name} WHERE lower(ProcessCommandLine) LIKE '%oke-mimik%'`;
    expect(rows(contains)).toEqual([{ n: 1 }]);
    expect(granules(contains, 'substrings_ProcessCommandLine')).toMatch(/^1\//);

    const equals = `SELECT count() AS n FROM ${database}.${name} WHERE SHA1 = lower(hex(SHA1('70000')))`;
    expect(rows(equals)).toEqual([{ n: 1 }]);
    expect(granules(equals, 'values_SHA1')).toMatch(/^1\//);
  });

  it('work through a view', () => {
    run(`OPTIMIZE TABLE ${database}.EntraIdSignInEvents FINAL`);
    const query = `SELECT count() AS n FROM ${database}.AADSignInEventsBeta WHERE hasAllTokens(${termText(ident('AccountUpn')).text}, ['mallory'])`;
    expect(rows(query)).toEqual([{ n: 1 }]);
    expect(plan(query)).toContain('terms_AccountUpn');
  });

  it('narrow a time range to the parts and granules that hold it', () => {
    const query = `SELECT count() FROM ${database}.${name} WHERE Timestamp >= '2026-05-02 00:00:00' AND Timestamp < '2026-05-02 01:00:00'`;
    expect(plan(query)).toMatch(/PrimaryKey[\s\S]*Granules: [12]\//);
  });
});

describe('a tenant database', () => {
  it('is named after the tenant, and only after a GUID', () => {
    expect(database).toBe('tenant_8f7d5b1e_0a51_4c5e_9c0e_1d6b2f3a4c5d');
    expect(() => tenantDatabase('x`; DROP')).toThrow();
  });
});
