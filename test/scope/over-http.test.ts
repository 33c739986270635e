import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli, startTestServer, type TestServer } from '../server.ts';

const UPN = 'ada@example.org';
const PASSWORD = 'correct horse battery staple';
const AUDIENCE = 'https://api.security.microsoft.com';
const SIEM = 'https://graph.windows.net';

let server: TestServer;
let key: string;
let client: string;

beforeAll(async () => {
  const env = { SPOOR_QUOTAS: 'unlimited', SPOOR_PASSWORD_GRANT: 'true', SPOOR_AUDIT: 'true' };
  server = await startTestServer(['--no-sample'], env);
  key = readFileSync(join(server.data, 'cli.key'), 'utf8').trim();
  const hunting = ['AdvancedHunting.Read', 'AdvancedQuery.Read', 'ThreatHunting.Read.All'];
  const scopes = [...hunting, 'Alert.Read', 'user_impersonation'];
  const made = await admin('POST', 'applications', { name: 'hunter', isPublic: true, scopes });
  client = String(made['id']);
  for (const api of ['defender', 'graph', 'kusto', 'siem', 'spoor']) {
    await admin('POST', `applications/${client}/consents`, { api, scopes });
  }
  await admin('POST', 'users', { upn: UPN, password: PASSWORD, roles: ['view-data'] });
  const now = new Date().toISOString();
  const device = (id: string, name: string) => ({
    Timestamp: now,
    DeviceId: id,
    DeviceName: name,
    ReportId: 1,
  });
  await ingest('DeviceInfo', [device('d1', 'srv1.example.org'), device('d2', 'pc1.example.org')]);
  await ingest('DeviceProcessEvents', [device('d1', 'srv1'), device('d2', 'pc1'), device('d3', 'unknown')]);
  await ingest('AlertInfo', [
    { Timestamp: now, AlertId: 'a1', Title: 'on the server' },
    { Timestamp: now, AlertId: 'a2', Title: 'on the workstation' },
  ]);
  await ingest('AlertEvidence', [
    { Timestamp: now, AlertId: 'a1', DeviceId: 'd1', EntityType: 'Machine' },
    { Timestamp: now, AlertId: 'a2', DeviceId: 'd2', EntityType: 'Machine' },
  ]);
});
afterAll(() => server?.remove());

type Json = Readonly<Record<string, unknown>>;

async function admin(method: string, path: string, body?: object): Promise<Json> {
  const answer = await fetch(`${server.url}/spoor/admin/${path}`, {
    method,
    headers: { authorization: `SpoorKey ${key}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Json);
}

async function ingest(table: string, rows: readonly object[]): Promise<void> {
  const answer = await fetch(`${server.url}/spoor/admin/ingest/auto?table=${table}`, {
    method: 'POST',
    headers: { authorization: `SpoorKey ${key}` },
    body: rows.map((row) => JSON.stringify(row)).join('\n'),
  });
  const counts = (await answer.json()) as { stored?: number };
  expect([table, answer.status, counts.stored]).toEqual([table, 200, rows.length]);
}

async function token(resource = AUDIENCE): Promise<string> {
  const form = { grant_type: 'password', client_id: client, username: UPN, password: PASSWORD, resource };
  const answer = await fetch(`${server.url}/${server.tenant}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const body = (await answer.json()) as { access_token?: string };
  if (body.access_token === undefined) throw new Error(`no token: ${JSON.stringify(body)}`);
  return body.access_token;
}

async function call(path: string, bearer: string, body?: object) {
  const answer = await fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

async function seen(query: string): Promise<readonly unknown[]> {
  const { status, text } = await call('/api/advancedhunting/run', await token(), { Query: query });
  expect([query, status, status === 200 ? '' : text]).toEqual([query, 200, '']);
  const { Results } = JSON.parse(text) as { Results: Json[] };
  return Results.map((row) => Object.values(row)[0]).sort();
}

const DEVICES = 'DeviceProcessEvents | distinct DeviceId';

test('a user sees the devices of the user’s groups, and changes of them at once', async () => {
  expect(await seen(DEVICES)).toEqual([]);
  await admin('POST', 'groups', {
    name: 'Servers',
    rank: 1,
    rules: [{ property: 'name', operator: 'startsWith', value: 'SRV' }],
    users: [UPN],
  });
  expect(await seen(DEVICES)).toEqual(['d1']);
  expect(await seen('AlertInfo | project AlertId')).toEqual(['a1']);
  expect(await seen('search "example.org" | distinct DeviceId')).toEqual(['d1']);
  // What no other group takes, the devices that never reported among it.
  await admin('POST', 'groups', { name: 'The rest', rank: 2, rules: [], users: [UPN] });
  expect(await seen(DEVICES)).toEqual(['d1', 'd2', 'd3']);
  await admin('PATCH', 'groups/Servers', { users: [] });
  expect(await seen(DEVICES)).toEqual(['d2', 'd3']);
  await admin('DELETE', 'groups/The%20rest');
  await admin('PATCH', 'groups/Servers', { users: [UPN] });
  expect(await seen(DEVICES)).toEqual(['d1']);
  expect(await seen('SpoorAuditEvents | project Application')).toEqual([]);
});

test('every interface gives the same rows', async () => {
  const endpoint = await call('/api/advancedqueries/run', await token(), { Query: DEVICES });
  const graph = await call('/v1.0/security/runHuntingQuery', await token('https://graph.microsoft.com'), {
    Query: DEVICES,
  });
  const kusto = await call('/v2/rest/query', await token(server.url), { db: 'hunting', csl: DEVICES });
  for (const { status, text } of [endpoint, graph, kusto]) {
    expect([status, text.includes('"d1"'), text.includes('"d2"')]).toEqual([200, true, false]);
  }
});

test('the SIEM pull gives the detections of the user’s devices, and those about none', async () => {
  const data = ['--data', server.data, '--json'];
  const made = await runCli(['app', 'create', '--name', 'writer', '--role', 'Detections.Write.All', ...data]);
  const { clientId, clientSecret } = JSON.parse(made.stdout) as Readonly<Record<string, string>>;
  const answer = await fetch(`${server.url}/${server.tenant}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId ?? '',
      client_secret: clientSecret ?? '',
      resource: SIEM,
    }),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  const detections = ['d1', 'd2', 'd3', '', 'd1'].map((DeviceID, i) => ({ DeviceID, AlertTitle: `[${i}]` }));
  const sent = await call('/api/detections', access_token, detections);
  expect([sent.status, sent.text]).toEqual([200, '{"accepted":5,"duplicates":0}']);

  const pulled = async (query = '') => {
    const { status, text } = await call(`/api/alerts${query}`, await token(SIEM));
    expect(status).toBe(200);
    return (JSON.parse(text) as Json[]).map((each) => each['AlertTitle']);
  };
  expect(await pulled()).toEqual(['[4]', '[3]', '[0]']);
  expect(await pulled('?limit=2')).toEqual(['[4]', '[3]']);
  await admin('PATCH', 'groups/Servers', { users: [] });
  expect(await pulled()).toEqual(['[3]']);
  await admin('PATCH', 'groups/Servers', { users: [UPN] });
});

test('without the role nothing is seen; with that of administrators everything', async () => {
  const before = await token();
  await admin('PATCH', `users/${UPN}`, { roles: [] });
  // The directory is asked anew: a token that was given before helps no longer.
  expect((await call('/api/advancedhunting/run', before, { Query: DEVICES })).status).toBe(403);
  await admin('PATCH', `users/${UPN}`, { roles: ['administrator'] });
  expect(await seen(DEVICES)).toEqual(['d1', 'd2', 'd3']);
  const admins = await token();
  await admin('PATCH', `users/${UPN}`, { enabled: false });
  expect((await call('/api/advancedhunting/run', admins, { Query: DEVICES })).status).not.toBe(200);
});
