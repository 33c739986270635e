import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { runScopeProperty } from '../scope/property.ts';
import { describeRound, killEngine, killServer, type Ledger, UNLIMITED } from '../server/kill-round.ts';
import { startTestServer } from '../server.ts';

/**
 * npm run soak -- [--minutes N] [--kills N]: a server under steady queries and deliveries. Fails on any answer that is
 * not the expected one, and when the server's own memory grows by more than it may after the first tenth of the time.
 * Before that the server and its engine are killed by turns, N times each, amid deliveries and queries; and random
 * queries as users with device groups are compared with a copy of those users' rows, 200 in each of 10 made-up tenants (`SPOOR_SOAK_TENANTS`).
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, kills: { type: 'string', default: '5' } },
});
await compareScopes(Number(process.env['SPOOR_SOAK_TENANTS'] ?? 10));
await killByTurns(Number(values.kills));
const durationMs = Number(values.minutes) * 60_000;
const ALLOWED_GROWTH_BYTES = 256 * 1024 * 1024;
const QUERIES = [
  'DeviceProcessEvents | where ProcessCommandLine has "urlcache" | count',
  'DeviceNetworkEvents | summarize count() by RemoteUrl | top 5 by count_',
  'DeviceProcessEvents | take 1000',
  'DeviceProcessEvents | project Nme',
  'range i from 1 to 20000 step 1 | extend s = strcat("row ", i)',
];
const REFUSED = QUERIES[3];

const data = mkdtempSync(join(tmpdir(), 'spoor-soak-'));
const server = spawn(
  process.execPath,
  ['dist/cli/spoor.js', 'serve', '--data', data, '--port', '0', '--sample'],
  { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, SPOOR_QUOTAS: 'unlimited' } },
);
const ended = new Promise<never>((_resolve, reject) => {
  server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
});
ended.catch(() => undefined);

try {
  const ready = await Promise.race([
    ended,
    new Promise<string>((resolve) =>
      createInterface({ input: server.stdout }).once('line', (line) => resolve(line)),
    ),
  ]);
  const { url } = JSON.parse(ready) as { url: string };
  const key = readFileSync(join(data, 'cli.key'), 'utf8').trim();
  await Promise.race([ended, soak(url, key)]);
} finally {
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await gone;
  rmSync(data, { recursive: true, force: true });
}

async function soak(url: string, key: string): Promise<void> {
  const startMs = performance.now();
  const isOver = () => performance.now() - startMs > durationMs;
  const authorization = `SpoorKey ${key}`;
  const sample = readFileSync('sample/incident.ndjson');
  let queries = 0;
  let deliveries = 0;
  let settledRss: number | undefined;

  async function hunt(): Promise<void> {
    while (!isOver()) {
      const query = QUERIES[queries++ % QUERIES.length] ?? '';
      const answer = await fetch(`${url}/spoor/admin/query`, {
        method: 'POST',
        headers: { authorization },
        body: JSON.stringify({ Query: query }),
      });
      const body = (await answer.json()) as { Results?: unknown[] };
      const expected = query === REFUSED ? 400 : 200;
      if (answer.status !== expected || (expected === 200 && (body.Results?.length ?? 0) === 0)) {
        throw new Error(`${query}: status ${answer.status} ${JSON.stringify(body).slice(0, 300)}`);
      }
    }
  }
  async function deliver(): Promise<void> {
    while (!isOver()) {
      const answer = await fetch(`${url}/spoor/admin/ingest/auto?rebase=now&name=incident.ndjson`, {
        method: 'POST',
        headers: { authorization, 'idempotency-key': `soak-${deliveries++}` },
        body: sample,
      });
      if (answer.status !== 200) throw new Error(`delivery: status ${answer.status} ${await answer.text()}`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
  async function watch(): Promise<void> {
    while (!isOver()) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(5000, durationMs / 20)));
      if (settledRss === undefined && performance.now() - startMs > durationMs / 10) settledRss = rss();
    }
  }
  await Promise.all([hunt(), hunt(), hunt(), deliver(), watch()]);
  const growth = rss() - (settledRss ?? rss());
  console.log(
    JSON.stringify({ minutes: Number(values.minutes), queries, deliveries, rss: rss(), growthBytes: growth }),
  );
  if (growth > ALLOWED_GROWTH_BYTES) throw new Error(`the server grew by ${growth} bytes`);
}

/** Resident bytes of the server process; 0 where the system has no /proc. */
function rss(): number {
  try {
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

async function compareScopes(worlds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'spoor-scope-'));
  const sum = { worlds, queries: 0, narrowed: 0 };
  try {
    for (let seed = 1001; seed <= 1000 + worlds; seed++) {
      const { queries, narrowed, refused } = await runScopeProperty(folder, seed, 200);
      if (refused.length > 0) throw new Error(`queries that should compile: ${refused.join('\n')}`);
      sum.queries += queries;
      sum.narrowed += narrowed;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`scoped users: ${JSON.stringify(sum)}`);
}

async function killByTurns(rounds: number): Promise<void> {
  if (rounds === 0) return;
  let killed = await startTestServer(['--no-sample'], UNLIMITED);
  const ledger: Ledger = { sent: 0, acknowledged: new Set() };
  try {
    for (let n = 1; n <= rounds; n++) {
      const round = await killServer(killed, ledger);
      killed = round.server;
      console.log(`server killed (${n}): ${describeRound(round)}`);
      console.log(`engine killed (${n}): ${describeRound(await killEngine(killed, ledger))}`);
    }
  } finally {
    await killed.remove();
  }
}
