import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../built.ts';
import { type CliResult, runCli, startTestServer, type TestServer } from '../server.ts';

/** The whole path of a user: serve, send events in, register an application, take a token, hunt. */
describe('the command line', () => {
  let server: TestServer;
  const cli = (...args: string[]): Promise<CliResult> => runCli([...args, '--data', server.data]);
  const lastJson = (result: CliResult) => JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '');

  beforeAll(async () => {
    server = await startTestServer(['--no-sample']);
  });
  afterAll(async () => {
    await server?.remove();
  });

  it('announces itself with its real address', () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(server.tenant).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const file = JSON.parse(readFileSync(join(server.data, 'server.json'), 'utf8'));
    expect(file).toMatchObject({ url: server.url, tenant: server.tenant });
    expect(statSync(join(server.data, 'cli.key')).mode & 0o077).toBe(0);
  });

  it('answers a table without rows with its schema', async () => {
    const answer = await cli(
      'query',
      'DeviceProcessEvents | project Timestamp, FileName',
      '--format',
      'json',
    );
    expect(answer.stderr).toBe('');
    const body = JSON.parse(answer.stdout);
    expect(Object.keys(body)).toEqual(['Stats', 'Schema', 'Results']);
    expect(body.Schema).toEqual([
      { Name: 'Timestamp', Type: 'DateTime' },
      { Name: 'FileName', Type: 'String' },
    ]);
    expect(body.Results).toEqual([]);
  });

  it('sends events in, counts them, and stores a repeated file once', async () => {
    const file = `${ROOT}sample/incident.ndjson`;
    const events = readFileSync(file, 'utf8').trimEnd().split('\n').length;
    const first = lastJson(await cli('ingest', file, '--json'));
    expect(Object.keys(first)).toEqual([
      'files',
      'events',
      'stored',
      'skipped',
      'duplicates',
      'rejected',
      'tables',
      'reasons',
    ]);
    expect(first).toMatchObject({ files: 1, events, stored: events, duplicates: 0, rejected: 0 });
    const again = lastJson(await cli('ingest', file, '--json'));
    expect(again).toMatchObject({ files: 1, stored: 0, duplicates: events });
  });

  it('finds the events of a file that was moved to now', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'spoor-cli-'));
    try {
      const row = { Timestamp: '2019-05-14T10:00:00Z', DeviceName: 'moved', FileName: 'a.exe' };
      const record = { category: 'AdvancedHunting-DeviceProcessEvents', properties: row };
      writeFileSync(join(folder, 'old.ndjson'), `${JSON.stringify(record)}\n`);
      const counts = lastJson(await cli('ingest', folder, '--rebase', 'now', '--json'));
      expect(counts).toMatchObject({ files: 1, stored: 1 });
      const answer = await cli(
        'query',
        'DeviceProcessEvents | where DeviceName == "moved" | count',
        '--format',
        'ndjson',
      );
      expect(answer.stdout).toBe('{"Count":1}\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('registers an application whose token hunts', async () => {
    const app = lastJson(
      await cli('app', 'create', '--name', 'n', '--role', 'AdvancedHunting.Read.All', '--json'),
    );
    expect(Object.keys(app)).toEqual(['clientId', 'clientSecret', 'tenant', 'roles']);
    expect(app.clientSecret).toMatch(/^[A-Za-z0-9~._-]+$/);
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      resource: 'https://api.security.microsoft.com',
      client_id: app.clientId,
      client_secret: app.clientSecret,
    });
    const token = await fetch(`${server.url}/${app.tenant}/oauth2/token`, { method: 'POST', body: form });
    const { access_token: accessToken } = (await token.json()) as { access_token: string };
    const answer = await fetch(`${server.url}/api/advancedhunting/run`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ Query: 'print l = 9007199254740993, t = 1d + 2h, de = decimal(1.10)' }),
    });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toContain('"Results":[{"l":9007199254740993,"t":"1.02:00:00","de":"1.1"}]}');
    expect(Number(answer.headers.get('content-length') ?? Buffer.byteLength(text))).toBe(
      Buffer.byteLength(text),
    );
  });

  it('checks without running', async () => {
    const good = await cli('check', 'DeviceProcessEvents | project FileName', '--json');
    expect(good.code).toBe(0);
    expect(lastJson(good)).toMatchObject({ ok: true, columns: [{ name: 'FileName', type: 'string' }] });
    const bad = await cli('check', 'DeviceProcessEvents | project Nme', '--json');
    expect(bad.code).toBe(1);
    expect(lastJson(bad).diagnostics[0]).toMatchObject({ kind: 'semantic', line: 1 });
  });

  it.each(['bound', 'plan', 'optimized', 'sql'])('explains the stage %s', async (stage) => {
    const result = await cli(
      'explain',
      'DeviceProcessEvents | where FileName has "x" | count',
      '--stage',
      stage,
    );
    expect(result.stderr).toBe('');
    expect(result.stdout.trim()).not.toBe('');
  });

  it('ends with 1 and `code: message` on a refused query', async () => {
    const result = await cli('query', 'DeviceInfo | project Nme');
    expect(result.code).toBe(1);
    expect(result.stderr).toBe(
      "BadRequest: 'project' operator: Failed to resolve scalar expression named 'Nme'. Fix semantic errors in your query.\n",
    );
  });

  it('ends with 2 on wrong usage', async () => {
    expect((await cli('query')).code).toBe(2);
    expect((await cli('query', 'print 1', '--format', 'xml')).code).toBe(2);
    expect((await cli('explain', 'print 1', '--stage', 'none')).code).toBe(2);
    expect((await cli('nonsense')).code).toBe(2);
  });

  it('refuses a second server on the same folder', async () => {
    const result = await cli('serve', '--port', '0');
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^AlreadyRunning: /);
  });

  it('ends with 1 where no server runs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'spoor-none-'));
    try {
      const result = await runCli(['query', 'print 1', '--data', folder]);
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(/^NoServer: /);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('stops cleanly on SIGTERM and comes back with what was stored', async () => {
    expect(await server.stop()).toBe(0);
    expect(() => statSync(join(server.data, 'server.json'))).toThrow();
    const { data, tenant } = server;
    server = await startTestServer(['--no-sample'], {}, data);
    expect(server.tenant).toBe(tenant);
    const answer = await cli(
      'query',
      'DeviceProcessEvents | where DeviceName == "moved" | count',
      '--format',
      'ndjson',
    );
    expect(answer.stdout).toBe('{"Count":1}\n');
  });
});
