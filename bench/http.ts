import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Load, measure } from './load.ts';

/**
 * Requests per second and latency of a token, a trivial query and a refusal over the quota, against a route of the bare
 * framework in the same run. Each server is a process of its own; the load comes from this one. Arguments: seconds for
 * each row, connections.
 */
const SECONDS = Number(process.argv[2] ?? 5);
const CONNECTIONS = Number(process.argv[3] ?? 8);

const CLI = fileURLToPath(new URL('../src/cli/spoor.js', import.meta.url));
const BARE = fileURLToPath(new URL('./bare.js', import.meta.url));

console.log(`${SECONDS} s each, ${CONNECTIONS} connections, load and server on one machine\n`);
console.log('| request | requests/s | p50 ms | p99 ms |\n| --- | --- | --- | --- |');
await withServer([BARE], {}, async ({ url }) => {
  await row('a bare Fastify route', {
    url: `${url}/bare`,
    headers: { 'content-type': 'application/json' },
    body: '{}',
    status: 200,
  });
});
await withSpoor({ SPOOR_QUOTAS: 'unlimited' }, async (token, query) => {
  await row('a token', token);
  await row('`print 1`', query);
});
await withSpoor({ SPOOR_QUOTA_CALLS: '1' }, async (_token, query) => {
  await fetch(query.url, { method: 'POST', headers: query.headers, body: query.body });
  await row('429', { ...query, status: 429 });
});

async function row(name: string, load: Load): Promise<void> {
  const { perSecond, p50Ms, p99Ms } = await measure(load, CONNECTIONS, SECONDS);
  console.log(`| ${name} | ${Math.round(perSecond)} | ${p50Ms.toFixed(2)} | ${p99Ms.toFixed(2)} |`);
}

async function withSpoor(
  env: Readonly<Record<string, string>>,
  use: (token: Load, query: Load) => Promise<void>,
): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'spoor-bench-'));
  try {
    const args = [CLI, 'serve', '--data', data, '--port', '0'];
    await withServer(args, { ...env, SPOOR_LOG_LEVEL: 'warn' }, async ({ url, tenant }) => {
      const made = await fetch(`${url}/spoor/admin/apps`, {
        method: 'POST',
        headers: { authorization: `SpoorKey ${readFileSync(join(data, 'cli.key'), 'utf8').trim()}` },
        body: JSON.stringify({ name: 'bench', roles: ['AdvancedHunting.Read.All'] }),
      });
      const { clientId, clientSecret } = (await made.json()) as { clientId: string; clientSecret: string };
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        resource: 'https://api.security.microsoft.com',
      }).toString();
      const token: Load = { url: `${url}/${tenant}/oauth2/token`, headers: {}, body: form, status: 200 };
      const granted = await fetch(token.url, { method: 'POST', body: form });
      const { access_token } = (await granted.json()) as { access_token: string };
      const headers = { authorization: `Bearer ${access_token}` };
      const body = '{"Query":"print 1"}';
      await use(token, { url: `${url}/api/advancedhunting/run`, headers, body, status: 200 });
    });
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

/** Starts a program whose first line is JSON with its `url`, and ends it afterwards. */
async function withServer(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  use: (said: { readonly url: string; readonly tenant: string }) => Promise<void>,
): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    if (child.stdout === null) throw new Error('a server without standard output');
    const lines = createInterface({ input: child.stdout });
    const line = new Promise<string>((resolve) => lines.once('line', resolve));
    const failed = ended.then(() => Promise.reject(new Error('the server ended before it was ready')));
    await use(JSON.parse(await Promise.race([line, failed])));
  } finally {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
  }
}
