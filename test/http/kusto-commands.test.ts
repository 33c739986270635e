import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useKusto } from './kusto-calls.ts';

const kusto = useKusto();

describe('commands', () => {
  test.each([
    ['.show databases', 'DatabaseName'],
    ['.show tables', 'TableName'],
    ['.show table DeviceInfo', 'TableName'],
    ['.show tables (DeviceInfo, ["AlertInfo"])', 'TableName'],
    ["  .Show Database ['Hunting'] Schema", 'DatabaseName'],
    ['.show schema', 'DatabaseName'],
    ['.show schema as json', 'DatabaseSchema'],
    ['.show database hunting schema as json', 'DatabaseSchema'],
    ['.show table DeviceInfo schema as json', 'TableName'],
    ['.show table DeviceInfo cslschema', 'TableName'],
    ['.show databases entities', 'DatabaseName'],
    ['.show version', 'BuildVersion'],
    ['.show cluster', 'NodeId'],
    ['.show functions', 'Name'],
    ['.show materialized-views', 'Name'],
  ])('%s', async (csl, first) => {
    const { status, table } = await kusto.command(csl);
    expect([status, table.Columns[0]?.ColumnName]).toEqual([200, first]);
    for (const row of table.Rows) expect(row).toHaveLength(table.Columns.length);
  });

  test('show saved functions, and so does Graph', async () => {
    const key = readFileSync(join(kusto.spoor.server.data, 'cli.key'), 'utf8').trim();
    const saved = await fetch(`${kusto.spoor.server.url}/spoor/admin/functions/Doubled`, {
      method: 'PUT',
      headers: { authorization: `SpoorKey ${key}` },
      body: JSON.stringify({ parameters: '(n:long=4)', body: 'print twice = n * 2', folder: 'Sums' }),
    });
    expect(saved.status).toBe(200);
    const { table } = await kusto.command(
      '.show functions | where Folder == "Sums" | project Name, Parameters',
    );
    expect(table.Rows).toEqual([['Doubled', '(n:long=4)']]);
    expect((await kusto.command('.show function Doubled')).table.Rows[0]?.[2]).toContain('n * 2');
    expect((await kusto.command('.show function Tripled')).status).toBe(400);
    const { table: json } = await kusto.command('.show database hunting schema as json');
    expect(JSON.parse(String(json.Rows[0]?.[0])).Databases.hunting.Functions.Doubled).toMatchObject({
      InputParameters: [{ Name: 'n', CslType: 'long', CslDefaultValue: '4' }],
    });
    const { text } = await kusto.spoor.call('/beta/security/getHuntingSchema');
    const { functions } = JSON.parse(text);
    expect(functions.builtInFunctions.map(({ name }: { name: string }) => name)).toContain('FileProfile');
    expect(functions.savedFunctions).toMatchObject([
      { name: 'Doubled', path: 'Sums', inputParameters: [{ name: 'n', cslType: 'long', defaultValue: '4' }] },
    ]);
    expect(await kusto.rows('Doubled(21)')).toEqual([[[42]]]);
  });

  test('take query operators behind them', async () => {
    const { table } = await kusto.command(
      '.show tables | where TableName startswith "DeviceP" | project TableName | count',
    );
    expect(table.Rows[0]?.[0]).toBeGreaterThan(0);
    const { table: all } = await kusto.command(
      '.show databases | project DatabaseName, IsCurrent, InTransitionTo',
    );
    expect(all.Rows).toEqual([['hunting', 1, '']]);
  });

  test.each([
    '.drop table DeviceInfo',
    '.show queries',
    '.set-or-append T <| print 1',
    '.show table Nosuch cslschema',
    '.show database other schema',
    ".show databases (['hunting'], ['other']) schema as json",
    '.show',
    '.',
    '.show tables (',
    `.show ${'x '.repeat(100_000)}`,
  ])('%.40s is a coded error', async (csl) => {
    const { status, error } = await kusto.command(csl);
    expect([status, error.code, error['@permanent']]).toEqual([400, 'General_BadRequest', true]);
  });
});
