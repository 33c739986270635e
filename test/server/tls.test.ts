import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { loadOrCreateSelfSigned } from '../../src/tls/self-signed.ts';
import { runCli, startTestServer, type TestServer } from '../server.ts';

const folders: string[] = [];
let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'spoor-tls-'));
  folders.push(made);
  return made;
}

interface Got {
  readonly status: number;
  readonly body: string;
}

function get(url: string, options: RequestOptions = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, ...options }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (piece) => {
        body += piece;
      });
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    sent.once('error', reject);
    sent.end();
  });
}

describe('a server with a certificate of its own', () => {
  test('is trusted by who trusts its authority, and by the command line', async () => {
    const data = folder();
    server = await startTestServer(['--tls', 'self-signed'], {}, data);
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const ca = readFileSync(join(data, 'tls', 'ca.pem'), 'utf8');
    const port = new URL(server.url).port;
    for (const name of ['127.0.0.1', 'localhost']) {
      expect((await get(`https://${name}:${port}/healthz`, { ca })).status).toBe(200);
    }
    await expect(get(`${server.url}/healthz`)).rejects.toThrow();
    const discovery = `${server.url}/${server.tenant}/v2.0/.well-known/openid-configuration`;
    expect(JSON.parse((await get(discovery, { ca })).body).token_endpoint).toMatch(`${server.url}/`);
    for (const more of [[], ['--url', `https://localhost:${port}`]]) {
      const { code, stdout, stderr } = await runCli([
        'query',
        'print x = 42',
        '--json',
        '--data',
        data,
        ...more,
      ]);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain('42');
    }
    for (const file of ['ca.key', 'server.key'])
      expect(statSync(join(data, 'tls', file)).mode & 0o077).toBe(0);

    const announced = JSON.parse(readFileSync(join(data, 'server.json'), 'utf8'));
    writeFileSync(join(data, 'server.json'), JSON.stringify({ ...announced, certificate: 'another' }));
    const refused = await runCli(['query', 'print 1', '--data', data]);
    expect(refused.stderr).toMatch(/^WrongCertificate: /);

    await server.stop();
    server = await startTestServer(['--tls', 'self-signed'], {}, data);
    expect(readFileSync(join(data, 'tls', 'ca.pem'), 'utf8')).toBe(ca);
  });

  test('makes the certificate anew for a new name or before it ends, under the same authority', async () => {
    const data = folder();
    const nowMs = Date.now();
    const first = await loadOrCreateSelfSigned(data, ['localhost', '127.0.0.1', '::1'], nowMs);
    expect(await loadOrCreateSelfSigned(data, ['localhost'], nowMs)).toEqual(first);
    const renamed = await loadOrCreateSelfSigned(data, ['localhost', 'hunt.example.org'], nowMs);
    expect(renamed.fingerprint).not.toBe(first.fingerprint);
    const later = await loadOrCreateSelfSigned(data, ['localhost'], nowMs + 380 * 86_400_000);
    expect(later.fingerprint).not.toBe(renamed.fingerprint);
    expect(later.caFile).toBe(first.caFile);
  });
});

describe('a server with a given certificate', () => {
  test('shows it, and the command line knows it whatever its name', async () => {
    const made = folder();
    await loadOrCreateSelfSigned(made, ['hunt.example.org'], Date.now());
    const tls = (name: string) => join(made, 'tls', name);
    const data = folder();
    const args = ['--tls-cert', tls('server.pem'), '--tls-key', tls('server.key')];
    server = await startTestServer(args, { SPOOR_PUBLIC_URL: 'https://hunt.example.org' }, data);
    const ca = readFileSync(tls('ca.pem'), 'utf8');
    const asked = { ca, servername: 'hunt.example.org', headers: { host: 'hunt.example.org' } };
    const { body } = await get(`${server.url}/common/v2.0/.well-known/openid-configuration`, asked);
    expect(JSON.parse(body).jwks_uri).toMatch(/^https:\/\/hunt\.example\.org\//);
    expect((await runCli(['query', 'print 1', '--data', data])).code).toBe(0);
  });

  test('does not start with half of it, or with the key of another', async () => {
    const made = folder();
    await loadOrCreateSelfSigned(made, ['localhost'], Date.now());
    const cert = join(made, 'tls', 'server.pem');
    const serve = (...args: string[]) => runCli(['serve', '--data', folder(), '--port', '0', ...args]);
    expect((await serve('--tls-cert', cert)).stderr).toContain('BadSetting: ');
    const other = join(made, 'tls', 'ca.key');
    expect((await serve('--tls-cert', cert, '--tls-key', other)).stderr).toContain('BadCertificate: ');
    expect((await serve('--tls', 'magic')).stderr).toContain('BadSetting: ');
  });
});

describe('behind a proxy', () => {
  async function admin(forwarded: Readonly<Record<string, string>>): Promise<number> {
    if (server === undefined) throw new Error('no server');
    const key = readFileSync(join(server.data, 'cli.key'), 'utf8').trim();
    const headers = { authorization: `SpoorKey ${key}`, ...forwarded };
    return (await fetch(`${server.url}/spoor/admin/tenants`, { headers })).status;
  }
  const FROM_OUTSIDE = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'http' };

  test('what a trusted one forwards is believed', async () => {
    const env = {
      SPOOR_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8',
      SPOOR_PUBLIC_URL: 'https://a.example.org,https://b.example.org',
    };
    server = await startTestServer([], env, folder());
    expect(await admin(FROM_OUTSIDE)).toBe(403);
    expect(await admin({ ...FROM_OUTSIDE, 'x-forwarded-proto': 'https' })).toBe(200);
    const url = `${server.url}/common/v2.0/.well-known/openid-configuration`;
    const answer = await fetch(url, { headers: { 'x-forwarded-host': 'b.example.org' } });
    expect(((await answer.json()) as { jwks_uri: string }).jwks_uri).toMatch(/^https:\/\/b\.example\.org\//);
  });

  test('what anyone else forwards is not', async () => {
    const env = {
      SPOOR_TRUSTED_PROXIES: '10.0.0.0/8',
      SPOOR_PUBLIC_URL: 'https://a.example.org,https://b.example.org',
    };
    server = await startTestServer([], env, folder());
    expect(await admin(FROM_OUTSIDE)).toBe(200);
    const url = `${server.url}/common/v2.0/.well-known/openid-configuration`;
    const answer = await fetch(url, { headers: { 'x-forwarded-host': 'b.example.org' } });
    expect(((await answer.json()) as { jwks_uri: string }).jwks_uri).not.toContain('b.example.org');
  });
});
