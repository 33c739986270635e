import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tenantDatabase } from '../src/catalog/ddl.ts';
import { ident } from '../src/clickhouse/sql.ts';
import { loadConfig } from '../src/config.ts';
import { startServer } from '../src/main.ts';
import { generate, ROWS } from './generate.ts';
import { CLASSES } from './workload.ts';

/**
 * KQL through the HTTP API against hand-written SQL sent straight to the same engine, in one run: the ratio is what
 * counts, absolute times are this machine's. Each is the median of `RUNS` after two runs to warm up.
 */
const RUNS = 7;

const folder = mkdtempSync(join(tmpdir(), 'spoor-bench-'));
const config = loadConfig({
  flags: { dataDir: folder, port: '0' },
  env: { ...process.env, SPOOR_QUOTAS: 'unlimited', SPOOR_LOG_LEVEL: 'warn' },
});
const server = await startServer(config, { sample: false });
try {
  const began = Date.now();
  await generate(server.database, server.tenant, Date.now());
  console.log(`${2 * ROWS} events made, stored and merged in ${Math.round((Date.now() - began) / 1000)} s\n`);
  await measureAll();
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measureAll(): Promise<void> {
  const { clientId } = await server.createApplication('bench', ['AdvancedHunting.Read.All']);
  const token = await server.issueToken(clientId);
  const database = ident(tenantDatabase(server.tenant));
  const ratios: number[] = [];
  console.log('| class | KQL by the API, ms | SQL, ms | ratio |\n| --- | --- | --- | --- |');
  for (const { name, kql, sql } of CLASSES) {
    const byApi = (): Promise<unknown> => hunt(kql, token ?? '');
    const bySql = (): Promise<unknown> => server.database.rows(sql(database));
    const [apiMs, sqlMs] = await alternated(byApi, bySql);
    ratios.push(apiMs / sqlMs);
    console.log(`| ${name} | ${apiMs.toFixed(1)} | ${sqlMs.toFixed(1)} | ${(apiMs / sqlMs).toFixed(2)} |`);
  }
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  console.log(`\ngeometric mean of the ratios: ${mean.toFixed(2)}`);
}

async function hunt(query: string, token: string): Promise<unknown> {
  const response = await fetch(`${server.url}/api/advancedhunting/run`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ Query: query }),
  });
  const answer = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${answer.slice(0, 500)}`);
  return answer;
}

/** Medians of both, run in turns so that the machine's noise falls on both. */
async function alternated(a: () => Promise<unknown>, b: () => Promise<unknown>): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let run = -2; run < RUNS; run++) {
    for (const [side, work] of [[0, a] as const, [1, b] as const]) {
      const start = performance.now();
      await work();
      if (run >= 0) times[side].push(performance.now() - start);
    }
  }
  return [median(times[0]), median(times[1])];
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? Number.NaN;
}
