import { randomUUID } from 'node:crypto';
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../src/config/load.ts';
import type { Rule } from '../src/detection/rule.ts';
import { readRuleCases } from '../src/detection/rule-cases.ts';
import { startServer } from '../src/main.ts';
import { RequestError } from '../src/model/request-error.ts';
import { techniquesOf } from './archive-techniques.ts';
import { type Fired, type Measured, rulesPage } from './built-in-rules-page.ts';
import { generate, ROWS } from './generate.ts';

/**
 * Runs the rules of `rules/` over every archive of recorded attacks and over generated background events, and public
 * hunting queries over the same archives, and prints docs/built-in-rules.md. Needs the reference folder: `SPOOR_SHARED`,
 * or a sibling of the checkout. Arguments name single rules, whose figures are printed instead of the page.
 */
const shared = process.env['SPOOR_SHARED'] ?? join(process.cwd(), '..', 'shared');
const telemetry = join(shared, 'telemetry');
const archives = readdirSync(telemetry)
  .filter((name) => name.endsWith('.zip'))
  .sort()
  .map((file) => ({ file, name: file.replace(/\.zip$/, ''), tenant: randomUUID() }));
const ALL = randomUUID();
const wanted = process.argv.slice(2);
const isWanted = ({ name }: { readonly name: string }) => wanted.length === 0 || wanted.includes(name);

const folder = mkdtempSync(join(tmpdir(), 'spoor-rules-'));
const config = loadConfig({
  flags: { dataDir: folder, port: '0' },
  env: { SPOOR_QUOTAS: 'unlimited', SPOOR_LOOKBACK: 'unlimited', SPOOR_LOG_LEVEL: 'error' },
});
const server = await startServer(config, { sample: false, rules: false });
try {
  let events = 0;
  for (const { file, name, tenant } of archives) {
    const [stored] = await Promise.all([store(tenant, file, name), store(ALL, file, name)]);
    events += stored;
  }
  console.error(`${events} events stored`);
  await generate(server.database, server.tenant, Date.now());
  const rules = readRuleCases('rules')
    .filter(isWanted)
    .map(({ name, outcome }) => {
      if (!outcome.ok) throw new Error(`${name}: ${JSON.stringify(outcome.faults)}`);
      return outcome.rule;
    });
  const fired: Fired[] = [];
  for (const rule of rules) fired.push(await measure(rule));
  if (wanted.length > 0) console.log(JSON.stringify(fired, undefined, 2));
  else await printPage(events, fired);
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function printPage(events: number, fired: readonly Fired[]): Promise<void> {
  const names = archives.map(({ name }) => name);
  const ofRules: Measured = { events, archives: names, background: 2 * ROWS, fired, hunting: undefined };
  // The rules' figures are there even if one stops it during the queries, which take longer.
  writeFileSync('docs/built-in-rules.md', rulesPage(ofRules));
  const hunting = await measureQueries();
  writeFileSync('docs/built-in-rules.md', rulesPage({ ...ofRules, hunting }));
}

async function store(tenant: string, file: string, name: string): Promise<number> {
  const counts = await server.ingest.ingestStream({
    tenant,
    format: 'auto',
    table: undefined,
    idempotencyKey: undefined,
    name,
    body: createReadStream(join(telemetry, file)),
    rebase: true,
    signal: new AbortController().signal,
  });
  return counts.stored;
}

async function measure(rule: Rule): Promise<Fired> {
  const named = new Set(rule.techniques.map((technique) => technique.slice(0, 5)));
  const found = await inParallel(archives, async ({ name, tenant }) => {
    const rows = await count(tenant, rule.query);
    return { archive: name, rows, named: [...techniquesOf(name)].some((id) => named.has(id)) };
  });
  const on = found.filter(({ rows }) => rows > 0);
  // What the generator plants on purpose is no background.
  const rows = await count(server.tenant, rule.query, (command) => !/mimikatz|zebrafish/.test(command));
  console.error(`${rule.name}: ${on.length} archives, ${rows} of the background`);
  return { name: rule.name, severity: rule.severity, techniques: rule.techniques, on, background: rows };
}

async function measureQueries(): Promise<NonNullable<Measured['hunting']>> {
  const lines = readFileSync(join(shared, 'hunting', 'queries.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const caught = new Set<string>();
  let ran = 0;
  let found = 0;
  await inParallel(lines, async (line) => {
    const { query } = JSON.parse(line) as { readonly query: string };
    try {
      const rows = await count(ALL, query);
      ran++;
      if (rows === 0) return;
      found++;
      for (const { name, tenant } of archives) {
        if (!caught.has(name) && (await count(tenant, query)) > 0) caught.add(name);
      }
    } catch (error) {
      // One that is refused, needs a table that is not there, or takes too long is counted as not run.
      if (!(error instanceof RequestError)) console.error(`${query}\n${error}`);
    }
  });
  return { queries: lines.length, ran, found, caught: caught.size };
}

/** Three at a time; the results in the order of the items. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const left = [...items.entries()];
  const results = new Map<number, Result>();
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      results.set(next[0], await work(next[1]));
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

/** Rows of a query, up to a thousand; only those whose command line is wanted. */
async function count(
  tenant: string,
  query: string,
  counts: (command: string) => boolean = () => true,
): Promise<number> {
  const { batches } = await server.detection.runParts.query({
    tenant,
    query,
    nowMs: Date.now(),
    maxRows: 1000,
    signal: AbortSignal.timeout(20_000),
  });
  let rows = 0;
  for await (const batch of batches) {
    rows += batch.filter((row) => counts(row.text('ProcessCommandLine'))).length;
  }
  return rows;
}
