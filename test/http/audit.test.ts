import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HUNTING_ROLES, type SignedIn, signedIn } from '../clients/signed-in.ts';
import { startTestServer, type TestServer } from '../server.ts';
import { openBrowser, PASSWORD, UPN } from './oauth-browser.ts';

let spoor: SignedIn;
let again: TestServer | undefined;

beforeAll(async () => {
  spoor = await signedIn({ SPOOR_QUOTAS: 'unlimited', SPOOR_AUDIT: 'true' }, HUNTING_ROLES);
});
afterAll(async () => {
  await again?.stop();
  await spoor?.stop();
});

test('calls are in the tenant`s table after the server was stopped and started', async () => {
  const graph = await spoor.token('https://graph.microsoft.com');
  await spoor.call(
    '/api/advancedhunting/run',
    { Query: 'range Marked1 from 1 to 3 step 1' },
    { 'user-agent': 'me/1' },
  );
  await spoor.call(
    '/v2/rest/query',
    { csl: 'range Marked2 from 1 to 5 step 1' },
    { 'client-request-id': 'mine' },
  );
  await spoor.call(
    '/v1.0/security/runHuntingQuery',
    { Query: 'print Marked3 = 1' },
    { authorization: `Bearer ${graph}` },
  );
  await spoor.call('/api/advancedhunting/run', { Query: 'nonsense Marked4' });
  await fetch(`${spoor.server.url}/${spoor.server.tenant}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: spoor.clientId,
      client_secret: 'do-not-keep-me',
      resource: 'https://graph.microsoft.com',
    }),
  });
  const { id: user } = await spoor.server.administer<{ id: string }>('users', {
    upn: UPN,
    password: PASSWORD,
  });
  await fetch(`${spoor.server.url}/spoor/admin/users/${encodeURIComponent(UPN)}?x=do-not-keep-me`, {
    method: 'PATCH',
    headers: { authorization: `SpoorKey ${readFileSync(join(spoor.server.data, 'cli.key'), 'utf8').trim()}` },
    body: '{"name":"Ada"}',
  });
  // Refused for want of a permission: who asked is kept all the same.
  await spoor.call('/api/v1.0/alerts/none', undefined);
  const browser = openBrowser(spoor.server);
  const page = await browser.go('/device');
  await browser.submit(page, { username: UPN, password: 'do-not-keep-me' });
  await browser.submit(page, { username: UPN, password: PASSWORD });
  await browser.submit(await browser.go('/device'), { code: 'NOSUCHCO' });
  const rule = { name: 'kept', severity: 'Low', category: 'Malware', title: 'kept', query: 'DeviceEvents' };
  await fetch(`${spoor.server.url}/spoor/rules/kept`, {
    method: 'PUT',
    headers: { authorization: `SpoorKey ${readFileSync(join(spoor.server.data, 'cli.key'), 'utf8').trim()}` },
    body: JSON.stringify(rule),
  });
  await fetch(`${spoor.server.url}/no-such-tenant/oauth2/token`, { method: 'POST', body: 'client_id=x' });
  await spoor.server.stop();

  again = await startTestServer([], { SPOOR_QUOTAS: 'unlimited' }, spoor.server.data);
  const token = await fetch(`${again.url}/${again.tenant}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: spoor.clientId,
      client_secret: spoor.clientSecret,
      resource: 'https://api.security.microsoft.com',
    }),
  });
  const { access_token } = (await token.json()) as { access_token: string };
  const rows = async (Query: string) => {
    const answer = await fetch(`${again?.url}/api/advancedhunting/run`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}` },
      body: JSON.stringify({ Query }),
    });
    return ((await answer.json()) as { Results: readonly Record<string, unknown>[] }).Results;
  };
  const queries = await rows(
    'SpoorAuditEvents | where QueryText contains "Marked" | order by QueryText asc ' +
      '| project Route, StatusCode, RowCount, Application, UserAgent, ClientRequestId, Kept = DurationMs > 0',
  );
  expect(queries).toMatchObject([
    { Route: '/api/advancedhunting/run', StatusCode: 400, RowCount: null, Application: spoor.clientId },
    { Route: '/v1.0/security/runHuntingQuery', StatusCode: 200, RowCount: 1 },
    { Route: '/api/advancedhunting/run', StatusCode: 200, RowCount: 3, UserAgent: 'me/1', Kept: true },
    { Route: '/v2/rest/query', StatusCode: 200, RowCount: 5, ClientRequestId: 'mine' },
  ]);
  expect(
    await rows(
      'SpoorAuditEvents | where ActionType == "Token" | summarize Calls = count() by StatusCode, Application | order by StatusCode asc',
    ),
  ).toEqual([
    { StatusCode: 200, Application: spoor.clientId, Calls: 2 },
    { StatusCode: 401, Application: spoor.clientId, Calls: 1 },
  ]);
  expect(
    await rows(
      'SpoorAuditEvents | where ActionType == "SignIn" | order by Timestamp asc | project Route, StatusCode, AccountObjectId',
    ),
  ).toEqual([
    { Route: '/device', StatusCode: 401, AccountObjectId: user },
    { Route: '/device', StatusCode: 303, AccountObjectId: user },
    { Route: '/device', StatusCode: 400, AccountObjectId: user },
  ]);
  expect(
    await rows(
      'SpoorAuditEvents | where ActionType == "Administration" | order by Timestamp asc | project Method, Route',
    ),
  ).toEqual([
    { Method: 'POST', Route: '/spoor/admin/apps' },
    { Method: 'POST', Route: '/spoor/admin/users' },
    { Method: 'PATCH', Route: `/spoor/admin/users/${UPN}` },
    { Method: 'PUT', Route: '/spoor/rules/kept' },
  ]);
  expect(
    await rows('SpoorAuditEvents | where ActionType == "Api" | project Route, StatusCode, Application'),
  ).toEqual([{ Route: '/api/v1.0/alerts/:id', StatusCode: 403, Application: spoor.clientId }]);
  expect(await rows('search "do-not-keep-me" | count')).toEqual([{ Count: 0 }]);
});
