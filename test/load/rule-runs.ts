import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { tenantDatabase } from '../../src/catalog/ddl.ts';
import { count, ident, sql } from '../../src/clickhouse/sql.ts';
import { loadConfig } from '../../src/config/load.ts';
import { startServer } from '../../src/main.ts';
import { listRules } from '../../src/store/rules.ts';
import { openStore } from '../../src/store/store.ts';

/**
 * How many runs of rules a minute a server makes: every rule once over all events, as after it is saved, then the
 * continuous ones over one delivery.
 */
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '5000000' },
    rules: { type: 'string', default: '200' },
  },
});
const events = Number(values.events);
const rules = Number(values.rules);
const QUERIES = [
  'DeviceProcessEvents | where ProcessCommandLine has "needle-WORD"',
  'DeviceProcessEvents | where FileName =~ "tool-WORD.exe" and ProcessCommandLine contains "urlcache"',
  'DeviceProcessEvents | where InitiatingProcessFileName == "word-WORD.exe" | where FileName in~ ("cmd.exe", "powershell.exe")',
  'DeviceProcessEvents | where ProcessCommandLine matches regex @"--pass(word)?=WORD\\d+"',
];

const dataDir = mkdtempSync(join(tmpdir(), 'spoor-rule-runs-'));
const flags = { dataDir, port: '0', quotas: 'unlimited', logLevel: 'error' };
const server = await startServer(loadConfig({ flags, env: {} }), { sample: false });
const store = await openStore(dataDir);
const headers = { authorization: `SpoorKey ${readFileSync(join(dataDir, 'cli.key'), 'utf8').trim()}` };
try {
  await deliver(0);
  const database = tenantDatabase(server.tenant);
  const table = sql`${ident(database)}.DeviceProcessEvents`;
  await server.database.command(
    sql`INSERT INTO ${table} (Timestamp, DeviceId, DeviceName, ActionType, ReportId, FileName, ProcessCommandLine,
      InitiatingProcessFileName, AccountName, _arrival, _ingested)
    SELECT now64(7, 'UTC') - toIntervalSecond(number % 86400), concat('d', toString(number % 5000)),
      concat('lab-', toString(number % 5000)), 'ProcessCreated', number, concat('tool', toString(number % 300), '.exe'),
      concat('C:\\Windows\\tool', toString(number % 300), '.exe --run ', toString(cityHash64(number)), ' --in ', toString(number)),
      concat('parent', toString(number % 50), '.exe'), concat('user', toString(number % 900)), number + 10, now64(7, 'UTC')
    FROM numbers(${count(events)})`,
  );
  await store.db
    .updateTable('ingest_cursors')
    .set({ next_arrival: events + 10 })
    .execute();
  const texts = Array.from({ length: rules }, (_, i) => ruleText(i));
  let startMs = performance.now();
  await post('/spoor/rule-sets/apply', JSON.stringify({ rules: texts }));
  console.log(`${rules} rules checked and saved in ${Math.round(performance.now() - startMs)} ms`);
  startMs = performance.now();
  await until((rule) => rule.covered_until !== null);
  report(`first runs over ${events} events`, rules, performance.now() - startMs);
  const before = await listRules(store.db);
  startMs = performance.now();
  await deliver(1);
  const arrival = Math.max(...before.map((rule) => rule.arrival));
  await until((rule) => rule.continuous === 0 || rule.arrival > arrival);
  const continuous = before.filter((rule) => rule.continuous === 1).length;
  report('continuous runs over one delivery', continuous, performance.now() - startMs);
} finally {
  await store.close();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

function ruleText(i: number): string {
  const query = (QUERIES[i % QUERIES.length] ?? '').replace('WORD', String(i));
  return JSON.stringify({
    name: `load-${i}`,
    title: 'Load',
    severity: 'Low',
    category: 'Execution',
    frequency: i % 2 === 0 ? 'continuous' : '1h',
    query,
  });
}

async function deliver(n: number): Promise<void> {
  const records = Array.from({ length: 100 }, (_, k) =>
    JSON.stringify({
      category: 'AdvancedHunting-DeviceProcessEvents',
      properties: {
        Timestamp: new Date().toISOString(),
        DeviceId: 'd',
        ReportId: n * 100 + k,
        FileName: 'a.exe',
      },
    }),
  );
  await post('/spoor/admin/ingest/records', records.join('\n'));
}

async function post(path: string, body: string): Promise<void> {
  const answer = await fetch(server.url + path, { method: 'POST', headers, body });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`);
}

async function until(done: (rule: Awaited<ReturnType<typeof listRules>>[number]) => boolean): Promise<void> {
  for (;;) {
    const all = await listRules(store.db);
    const failed = all.find((rule) => rule.failures > 0);
    if (failed !== undefined) throw new Error(`the rule ${failed.name} failed`);
    if (all.every(done)) return;
    await pause(100);
  }
}

function report(what: string, runs: number, ms: number): void {
  console.log(`${what}: ${runs} runs in ${Math.round(ms)} ms, ${Math.round((runs / ms) * 60_000)} a minute`);
}
