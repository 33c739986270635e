import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tenantDatabase } from '../src/catalog/ddl.ts';
import { loadCatalog } from '../src/catalog/load.ts';
import { reviveStatement, sql, text } from '../src/clickhouse/sql.ts';
import { loadConfig } from '../src/config/load.ts';
import { convertSigma } from '../src/detection/sigma/convert.ts';
import { readSigma, type SigmaRule } from '../src/detection/sigma/rule.ts';
import { openArchive } from '../src/ingest/formats/archive.ts';
import { readMember } from '../src/ingest/read-member.ts';
import { createRouting } from '../src/ingest/route.ts';
import { compile } from '../src/kql/index.ts';
import { startServer } from '../src/main.ts';
import { type Event, isOfSource, matchesRule, withCategoryNames } from '../test/detection/sigma/evaluator.ts';

/**
 * Every Sigma rule of the reference folder (`SPOOR_SHARED`) over every recorded event: how many rules convert, and how many
 * of those find as many rows as the rule itself, read event by event, finds events.
 */
const shared = process.env['SPOOR_SHARED'] ?? join(process.cwd(), '..', 'shared');
const telemetry = join(shared, 'telemetry');
const archives = readdirSync(telemetry).filter((name) => name.endsWith('.zip'));
const catalog = loadCatalog();

const rules = readdirSync(join(shared, 'sigma', 'rules'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yml'))
  .map((name) => ({ name, text: readFileSync(join(shared, 'sigma', 'rules', name), 'utf8') }));

const folder = mkdtempSync(join(tmpdir(), 'spoor-sigma-'));
const config = loadConfig({
  flags: { dataDir: folder, port: '0' },
  env: { SPOOR_QUOTAS: 'unlimited', SPOOR_LOOKBACK: 'unlimited', SPOOR_LOG_LEVEL: 'error' },
});
const server = await startServer(config, { sample: false, rules: false });
try {
  const events: Event[] = [];
  for (const archive of archives) {
    await server.ingest.ingestStream({
      tenant: server.tenant,
      format: 'windows',
      table: undefined,
      idempotencyKey: undefined,
      name: archive,
      body: createReadStream(join(telemetry, archive)),
      rebase: false,
      signal: new AbortController().signal,
    });
    await readEvents(join(telemetry, archive), events);
  }
  console.error(`${events.length} events`);
  await compareAll(events);
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function readEvents(path: string, events: Event[]): Promise<void> {
  for (const member of (await openArchive(path, path)).members) {
    const router = createRouting(catalog)({ format: 'windows', table: undefined, shiftMs: 0 });
    await readMember(member, 'windows', router, {
      event(_outcome, line) {
        const flat = flatten(JSON.parse(line) as Readonly<Record<string, unknown>>);
        if (flat !== undefined) events.push(flat);
      },
      fault() {},
      content() {},
      wait: () => undefined,
    });
  }
}

function flatten(value: Readonly<Record<string, unknown>>): Event | undefined {
  if (value['EventID'] === undefined) return undefined;
  const flat: Record<string, string> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member !== null && typeof member !== 'object') flat[name] = String(member);
  }
  flat['Provider_Name'] ??= flat['SourceName'] ?? flat['ProviderName'] ?? '';
  return withCategoryNames(flat);
}

async function compareAll(events: readonly Event[]): Promise<void> {
  const database = tenantDatabase(server.tenant);
  const tables = await server.database.rows<{ name: string }>(
    sql`SELECT name FROM system.tables WHERE database = ${text(database)}`,
  );
  const existing = new Set(tables.map(({ name }) => name));
  const nowTicks = BigInt(Date.now()) * 10_000n;
  const bySource = new Map<string, readonly Event[]>();
  const counts = { rules: rules.length, converted: 0, held: 0, agree: 0, firing: 0 };
  for (const { name, text: yaml } of rules) {
    const [conversion] = convertSigma(yaml);
    if (conversion === undefined || !conversion.ok) {
      console.log(`not converted: ${name}: ${conversion?.reason ?? 'no rule'}`);
      continue;
    }
    counts.converted++;
    const [rule] = readSigma(yaml).rules;
    const expected = rule === undefined ? undefined : countMatches(rule, events, bySource);
    if (expected === undefined) continue;
    counts.held++;
    const compiled = compile(`${conversion.query}\n| count`, catalog, {
      nowTicks,
      database,
      existing,
    });
    if (!compiled.ok) throw new Error(`${name}: ${compiled.diagnostics[0]?.message}`);
    const [row] = await server.database.rows<Record<string, string>>(
      reviveStatement(compiled.statement.text),
    );
    const found = Number(Object.values(row ?? {})[0]);
    if (found > 0) counts.firing++;
    if (found === expected) counts.agree++;
    else console.log(`differs: ${name}: ${found} rows, ${expected} events`);
  }
  console.log(JSON.stringify(counts));
}

/** Undefined where the log source is not one that the evaluator knows. */
function countMatches(
  rule: SigmaRule,
  events: readonly Event[],
  bySource: Map<string, readonly Event[]>,
): number | undefined {
  const key = JSON.stringify(rule.logsource);
  let own = bySource.get(key);
  if (own === undefined) {
    const [first] = events;
    if (first === undefined || isOfSource(rule, first) === undefined) return undefined;
    own = events.filter((event) => isOfSource(rule, event));
    bySource.set(key, own);
  }
  return own.filter((event) => matchesRule(rule, event)).length;
}
