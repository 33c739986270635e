import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTable } from '../../src/catalog/catalog.ts';
import { createDatabase, createStatements, tenantDatabase } from '../../src/catalog/ddl.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { HUNT_SETTINGS, STORE_SETTINGS } from '../../src/clickhouse/settings.ts';
import { Sql, Strength } from '../../src/clickhouse/sql.ts';
import { compile } from '../../src/kql/index.ts';
import { startTestEngine, type TestEngine } from '../engine/harness.ts';

const catalog = loadCatalog();
const database = tenantDatabase('8F7D5B1E-0A51-4C5E-9C0E-1D6B2F3A4C5E');
const name = 'DeviceProcessEvents';
let test: TestEngine;

/** Searched texts; the rest of the 100,000 rows is background of one shape. */
const TEXTS = [
  'run Invoke-Mimikatz now',
  'Öffne „GEHEIM–Plan“ 計画 x',
  'powershell.exe -EncodedCommand SQBFAFgA',
  'C:\\Temp\\my_tool v1.2.exe /c whoami',
  'MIMIKATZ',
  'premimikatz mimikatzpost',
  'straße CAFÉ naïve',
  'a.powershell.exeb',
  'xpowershell.exe',
  '100%_done \'quoted\' "double" back\\slash',
  'Ünicode_mixed-ASCII',
  'strong wind and strongwind',
  'wind strong',
  '',
];

const NEEDLES = [
  'mimikatz',
  'Invoke-Mimikatz',
  'geheim',
  '計画',
  'plan',
  'café',
  'naïve',
  'powershell.exe',
  '-enc',
  '-EncodedCommand',
  'temp\\my_tool',
  'my',
  'tool',
  'v1.2',
  '%',
  '%_d',
  "'",
  '\\',
  'back\\slash',
  'strong wind',
  'wind',
  'ünicode',
  'nicode',
  ' ',
  'x',
  'exe /c',
  'slash',
];

const setting = (settings: Readonly<Record<string, string | number>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key} = ${typeof value === 'number' ? value : `'${value}'`}`)
    .join(', ');
const written = (statement: string): Sql => Sql.fromTemplate([statement], [], Strength.statement);
const quoted = (value: string): string => JSON.stringify(value);

function sqlOf(kql: string): string {
  const compiled = compile(kql, catalog, {
    nowTicks: 17_777_777_770_000_000n,
    database,
    existing: new Set([name]),
  });
  if (!compiled.ok) throw new Error(`${kql}: ${compiled.diagnostics.map((each) => each.message).join('; ')}`);
  return compiled.statement.text;
}

/** The only column of the answer. */
async function answer(kql: string): Promise<unknown[]> {
  const found = await test.database.rows(
    written(`SELECT * FROM (${sqlOf(kql)}) SETTINGS ${setting(HUNT_SETTINGS)}`),
  );
  return found.map((row) => Object.values(row)[0]);
}

/** The granules read of all, by the last skip index of that name in the plan. */
async function granules(kql: string, index: string): Promise<string | undefined> {
  const plan = await test.database.rows(
    written(`EXPLAIN indexes = 1 ${sqlOf(kql)} SETTINGS ${setting(HUNT_SETTINGS)}`),
  );
  const text = plan.map((row) => String(Object.values(row)[0])).join('\n');
  return new RegExp(`Name: ${index}\\n[\\s\\S]*?Granules: (\\d+/\\d+)`).exec(text)?.[1];
}

beforeAll(async () => {
  test = await startTestEngine();
  await test.database.command(createDatabase(database));
  const table = findTable(catalog, name);
  if (table === undefined) throw new Error(`no table ${name}`);
  for (const statement of createStatements(catalog, database, table)) await test.database.command(statement);
  const rows = TEXTS.map((each, i) =>
    JSON.stringify(['2026-05-01 00:00:00', 'pc1.contoso.com', 'a.exe', each, i]),
  );
  await test.database.insert({
    database,
    table: name,
    columns: ['Timestamp', 'DeviceName', 'FileName', 'ProcessCommandLine', '_arrival'],
    body: Buffer.from(rows.join('\n')),
  });
  await test.database.command(
    written(`INSERT INTO ${database}.${name} (Timestamp, DeviceName, FileName, ProcessCommandLine, _arrival)
    SELECT toDateTime64('2026-05-02 00:00:00', 7, 'UTC') + number, concat('srv', toString(number % 1000), '.contoso.com'),
      concat('tool', toString(number % 5000), '.exe'), concat('cmd.exe /c echo ', toString(number)), number + 100
    FROM numbers(100000) SETTINGS ${setting(STORE_SETTINGS)}`),
  );
  await test.database.command(written(`OPTIMIZE TABLE ${database}.${name} FINAL`));
}, 60_000);

afterAll(() => test.stop());

const TERM = /[\p{L}\p{N}]/u;

/** What `has` and its kin mean, by looking at every place of the needle. */
function found(value: string, needle: string, left: boolean, right: boolean, cased: boolean): boolean {
  const [text, wanted] = cased ? [value, needle] : [value.toLowerCase(), needle.toLowerCase()];
  const free = (inner: string, outer: string) => !(TERM.test(inner) && TERM.test(outer));
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    const before = !left || at === 0 || free(wanted[0] ?? '', text[at - 1] ?? '');
    const after = !right || end === text.length || free(wanted.at(-1) ?? '', text[end] ?? '');
    if (before && after) return true;
  }
  return false;
}

const OPERATORS: Readonly<Record<string, (value: string, needle: string) => boolean>> = {
  has: (v, n) => found(v, n, true, true, false),
  has_cs: (v, n) => found(v, n, true, true, true),
  hasprefix: (v, n) => found(v, n, true, false, false),
  hasprefix_cs: (v, n) => found(v, n, true, false, true),
  hassuffix: (v, n) => found(v, n, false, true, false),
  hassuffix_cs: (v, n) => found(v, n, false, true, true),
  contains: (v, n) => v.toLowerCase().includes(n.toLowerCase()),
  contains_cs: (v, n) => v.includes(n),
  startswith: (v, n) => v.toLowerCase().startsWith(n.toLowerCase()),
  startswith_cs: (v, n) => v.startsWith(n),
  endswith: (v, n) => v.toLowerCase().endsWith(n.toLowerCase()),
  endswith_cs: (v, n) => v.endsWith(n),
  '=~': (v, n) => v.toLowerCase() === n.toLowerCase(),
};

/** The indexed column, a text computed from it, and a needle that is known only in the engine. */
const SHAPES: readonly ((operator: string, needle: string) => string)[] = [
  (operator, needle) => `ProcessCommandLine ${operator} ${quoted(needle)}`,
  (operator, needle) => `strcat(ProcessCommandLine, "") ${operator} ${quoted(needle)}`,
  (operator, needle) => `ProcessCommandLine ${operator} strcat(${quoted(needle)}, substring(DeviceName, 99))`,
];

describe('string operators', () => {
  it.each(Object.entries(OPERATORS))(
    '%s finds the same on a column, an expression and by a computed text',
    async (operator, reference) => {
      const needles =
        operator === '=~' ? [...NEEDLES, ...TEXTS] : [...NEEDLES, ...TEXTS.filter((each) => each !== '')];
      for (const shape of SHAPES) {
        const tests = needles.map((needle, i) => `t${i} = ${shape(operator, needle)}`).join(', ');
        const rows = await test.database.rows(
          written(
            `SELECT * FROM (${sqlOf(`${name} | where DeviceName == "pc1.contoso.com" | project v = ProcessCommandLine, ${tests}`)}) SETTINGS ${setting(HUNT_SETTINGS)}`,
          ),
        );
        expect(rows).toHaveLength(TEXTS.length);
        for (const row of rows) {
          const [value, ...answers] = Object.values(row);
          const expected = needles.map((needle) => [needle, reference(String(value), needle)]);
          expect(
            needles.map((needle, i) => [needle, Boolean(answers[i])]),
            `${String(value)} ${shape(operator, '?')}`,
          ).toEqual(expected);
        }
      }
    },
  );

  it('count the same in a filter, where the index serves, as everywhere else', async () => {
    for (const needle of NEEDLES) {
      const filter = `ProcessCommandLine has ${quoted(needle)}`;
      const [inFilter] = await answer(`${name} | where ${filter} | count`);
      const [inCountIf] = await answer(`${name} | summarize countif(${filter})`);
      const [negated] = await answer(`${name} | where ProcessCommandLine !has ${quoted(needle)} | count`);
      expect(inFilter, needle).toEqual(inCountIf);
      expect(Number(negated) + Number(inFilter), needle).toBe(100_000 + TEXTS.length);
    }
  });
});

describe('the indexes', () => {
  it.each([
    ['ProcessCommandLine has "mimikatz"', 2, 'terms_ProcessCommandLine'],
    ['ProcessCommandLine has_cs "MIMIKATZ"', 1, 'terms_ProcessCommandLine'],
    ['ProcessCommandLine has "invoke-mimikatz"', 1, 'terms_ProcessCommandLine'],
    ['ProcessCommandLine has "powershell.exe"', 1, 'terms_ProcessCommandLine'],
    ['ProcessCommandLine has_any ("mimikatz", "powershell.exe", "nowhere")', 3, 'terms_ProcessCommandLine'],
    ['ProcessCommandLine has_all ("run", "mimikatz")', 1, 'terms_ProcessCommandLine'],
    ['ProcessCommandLine has_any (dynamic(["geheim", "whoami"]))', 2, 'terms_ProcessCommandLine'],
    ['ProcessCommandLine has_any ((print x = "geheim"))', 1, 'terms_ProcessCommandLine'],
    ['ProcessCommandLine contains "vanished-not"', 0, 'substrings_ProcessCommandLine'],
    ['ProcessCommandLine contains "oke-mimik"', 1, 'substrings_ProcessCommandLine'],
    ['ProcessCommandLine startswith "run invoke"', 1, 'substrings_ProcessCommandLine'],
    ['ProcessCommandLine endswith "katz now"', 1, 'substrings_ProcessCommandLine'],
    ['FileName =~ "A.EXE"', TEXTS.length, 'terms_FileName'],
    ['FileName in~ ("A.EXE", "b.exe")', TEXTS.length, 'terms_FileName'],
    ['DeviceName has "pc1"', TEXTS.length, 'terms_DeviceName'],
    // Every row has `echo`, and so has every member.
    [
      'ProcessCommandLine in~ ("CMD.exe /c echo 7777", "cmd.exe /c echo 7778")',
      2,
      'terms_ProcessCommandLine',
    ],
  ])('serve %s', async (predicate, count, index) => {
    expect(await answer(`${name} | where ${predicate} | count`)).toEqual([count]);
    const read = await granules(`${name} | where ${predicate} | project ProcessCommandLine`, index);
    expect(read, predicate).toMatch(/^[01]\//);
  });

  it('of substrings are left alone by a long list', async () => {
    const members = (count: number) =>
      Array.from({ length: count }, (_, i) => quoted(`CMD.EXE /c echo ${7000 + i}`)).join();
    const listed = (count: number) => `${name} | where ProcessCommandLine in~ (${members(count)})`;
    expect(await answer(`${listed(30)} | count`)).toEqual([30]);
    expect(await granules(listed(20), 'substrings_ProcessCommandLine')).toBeDefined();
    expect(await granules(listed(30), 'substrings_ProcessCommandLine')).toBeUndefined();
    expect(await granules(listed(30), 'terms_ProcessCommandLine')).toMatch(/^[01]\//);
  });
});

describe('regular expressions that come with the rows', () => {
  it('never stop a query', async () => {
    const patterns = ['(', 'a{9999}', '[z-a]', '*', '\\', '(?P<x', 'x**', '(a{50}){50}', '\\p{Nope}', 'm.m'];
    const table = `datatable(p:string)[${patterns.map(quoted).join(', ')}]`;
    expect(await answer(`${table} | where "mimikatz" matches regex p | project p`)).toEqual(['m.m']);
  });
});
