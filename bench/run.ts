import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tenantDatabase } from '../src/catalog/ddl.ts';
import { ident } from '../src/clickhouse/sql.ts';
import { loadConfig } from '../src/config/load.ts';
import { startServer } from '../src/main.ts';
import { type DuckDb, openDuckDb } from './duckdb.ts';
import { generate, ROWS } from './generate.ts';
import type { Instance } from './instance.ts';
import { CLASSES } from './workload.ts';

/**
 * KQL through the HTTP API against hand-written SQL sent straight to the same engine, in one run: the ratio is what
 * counts, absolute times are this machine's. Each is the median of `RUNS` after two runs to warm up, a class the sum of
 * its instances. Both must give the same number of rows, and the same number where it is one. Arguments pick classes by
 * a part of their names.
 */
const RUNS = 8;
/** An event that grows 30 days old between the two is told from a difference by asking again. */
const COMPARISONS = 3;

const agent = new Agent({ keepAlive: true });
const folder = mkdtempSync(join(tmpdir(), 'spoor-bench-'));
const config = loadConfig({
  flags: { dataDir: folder, port: '0' },
  env: { ...process.env, SPOOR_QUOTAS: 'unlimited', SPOOR_LOG_LEVEL: 'warn' },
});
const server = await startServer(config, { sample: false });
const database = ident(tenantDatabase(server.tenant));
let duckdb: DuckDb | undefined;
try {
  const began = Date.now();
  await generate(server.database, server.tenant, Date.now());
  duckdb = await openDuckDb(server.database, server.tenant, process.cwd());
  console.log(`${2 * ROWS} events made, stored and merged in ${Math.round((Date.now() - began) / 1000)} s\n`);
  if (duckdb === undefined)
    console.log('DuckDB is not installed (npm ci --prefix bench/duckdb): no column for it\n');
  await measureAll(process.argv.slice(2));
} finally {
  agent.destroy();
  duckdb?.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measureAll(wanted: readonly string[]): Promise<void> {
  const { clientId } = await server.createApplication('bench', ['AdvancedHunting.Read.All']);
  const token = (await server.issueToken(clientId)) ?? '';
  const ratios: number[] = [];
  console.log(
    '| class | KQL by the API, ms | SQL, ms | ratio | DuckDB, ms |\n| --- | --- | --- | --- | --- |',
  );
  for (const { name, instances } of CLASSES) {
    if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
    const sums: [number, number, number] = [0, 0, 0];
    for (const instance of instances) {
      await compare(name, instance, token);
      const times = await measure(instance, token);
      times.forEach((ms, side) => {
        sums[side as 0 | 1 | 2] += ms;
      });
    }
    const ratio = sums[0] / sums[1];
    ratios.push(ratio);
    const [api, sql, duck] = sums.map((ms) => ms.toFixed(1));
    console.log(`| ${name} | ${api} | ${sql} | ${ratio.toFixed(2)} | ${duckdb ? duck : '-'} |`);
  }
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  console.log(`\ngeometric mean of the ratios: ${mean.toFixed(2)}`);
}

interface Answer {
  readonly Results: readonly Readonly<Record<string, unknown>>[];
}

/** By Node's own client on a kept connection: `fetch` takes half a millisecond more, which is not the server's. */
async function hunt(query: string, token: string): Promise<string> {
  const headers = {
    Authorization: `Bearer ${token}`,
    'Content-Type': 'application/json',
    // As the other side: not compressed.
    'Accept-Encoding': 'identity',
  };
  const url = `${server.url}/api/advancedhunting/run`;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(url, { method: 'POST', headers, agent }, resolve);
    asked.once('error', reject).end(JSON.stringify({ Query: query }));
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const answer = Buffer.concat(chunks).toString('utf8');
  if (response.statusCode !== 200)
    throw new Error(`${query}\n${response.statusCode}: ${answer.slice(0, 500)}`);
  return answer;
}

async function compare(name: string, instance: Instance, token: string, left = COMPARISONS): Promise<void> {
  const ours = (JSON.parse(await hunt(instance.kql, token)) as Answer).Results;
  const theirs = await server.database.rows(instance.sql(database));
  const [one, other] = [ours[0], theirs[0]].map((row) => Object.values(row ?? {}));
  const single = ours.length === 1 && one?.length === 1;
  if (ours.length !== theirs.length || (single && Number(one[0]) !== Number(other?.[0]))) {
    const counts = single
      ? `${String(one[0])} and ${String(other?.[0])}`
      : `${ours.length} and ${theirs.length} rows`;
    if (left > 1) return await compare(name, instance, token, left - 1);
    throw new Error(`${name}: KQL and SQL disagree: ${counts}`);
  }
}

/**
 * Medians, run in turns so that the machine's noise falls on all. The two that are compared go first by turns: DuckDB,
 * which goes last, leaves the processor's caches to whoever comes next.
 */
async function measure(instance: Instance, token: string): Promise<readonly number[]> {
  const works = [
    () => hunt(instance.kql, token),
    () => server.database.rows(instance.sql(database)),
    async () => duckdb?.run(instance.duckdb),
  ];
  const times = works.map((): number[] => []);
  for (let run = -2; run < RUNS; run++) {
    for (const side of run % 2 === 0 ? [0, 1, 2] : [1, 0, 2]) {
      const start = performance.now();
      await works[side]?.();
      if (run >= 0) times[side]?.push(performance.now() - start);
    }
  }
  return times.map(median);
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? Number.NaN;
}
