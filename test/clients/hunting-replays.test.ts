import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HUNTING_ROLES, type SignedIn, signedIn } from './signed-in.ts';
import { type Answer, form, length, type Wire, wireTo } from './wire.ts';

/**
 * What scripts and connectors that cannot run here put on the wire, byte for byte where it matters. Sources: the
 * repositories named with each, and https://learn.microsoft.com/defender-endpoint/api/run-advanced-query-sample-python
 */
let spoor: SignedIn;
let wire: Wire;

beforeAll(async () => {
  spoor = await signedIn({ SPOOR_QUOTAS: 'unlimited' }, [
    ...HUNTING_ROLES,
    'Alert.Read.All',
    'Incident.Read.All',
  ]);
  wire = wireTo(spoor.server.url);
});
afterAll(() => spoor?.stop());

const { raw, tokenBy, expecting }: Wire = {
  raw: (...call) => wire.raw(...call),
  tokenBy: (...call) => wire.tokenBy(...call),
  expecting: (...call) => wire.expecting(...call),
};

const QUERY = 'DeviceProcessEvents | project Timestamp, DeviceName, FileName | take 2';

function expectRows({ status, body }: Answer): void {
  expect(status).toBe(200);
  expect(body['Schema']).toEqual([
    { Name: 'Timestamp', Type: 'DateTime' },
    { Name: 'DeviceName', Type: 'String' },
    { Name: 'FileName', Type: 'String' },
  ]);
  expect(body['Results']).toHaveLength(2);
}

describe('msticpy', () => {
  test('posts a form without a content type, and reads results and errors by index', async () => {
    const body = form({
      grant_type: 'client_credentials',
      client_id: spoor.clientId,
      client_secret: spoor.clientSecret,
      scope: 'https://api.securitycenter.microsoft.com/.default',
    });
    const token = await tokenBy(
      `/${spoor.server.tenant}/oauth2/v2.0/token`,
      { UserAgent: 'MSTICPy3.0.2' },
      body,
    );
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const query = JSON.stringify({ Query: QUERY });
    expectRows(await raw('POST', '/api/advancedqueries/run', { ...headers, ...length(query) }, query));
    const wrong = JSON.stringify({ Query: 'DeviceInfo | where' });
    const refused = await raw('POST', '/api/advancedqueries/run', { ...headers, ...length(wrong) }, wrong);
    expect([refused.status, refused.body]).toMatchObject([400, { error: { message: expect.any(String) } }]);
  });
});

describe('Cortex XSOAR', () => {
  test('asks with two scopes, and reads Results', async () => {
    const body = form({
      client_id: spoor.clientId,
      client_secret: spoor.clientSecret,
      scope: 'offline_access https://security.microsoft.com/mtp/.default',
      grant_type: 'client_credentials',
    });
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const token = await tokenBy(`/${spoor.server.tenant}/oauth2/v2.0/token`, type, body);
    const query = JSON.stringify({ Query: `${QUERY} | limit 50` });
    const headers = {
      'User-Agent': 'PANW-XSOAR',
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      Accept: '*/*',
    };
    expectRows(await raw('POST', '/api/advancedhunting/run', { ...headers, ...length(query) }, query));
  });
});

describe('stix-shifter', () => {
  test('pings //api, drops the port of its scope, and pages by row_number', async () => {
    const token = await spoor.token('http://127.0.0.1');
    const headers = { authorization: `Bearer ${token}` };
    expect((await raw('GET', '//api', headers)).status).toBe(200);
    const paged = `${QUERY} | serialize rn = row_number() | where rn >= 1 | limit 1`;
    const body = JSON.stringify({ Query: paged });
    const { body: answer } = await raw(
      'POST',
      '/api/advancedqueries/run',
      { ...headers, ...length(body) },
      body,
    );
    const [row] = answer['Results'] as { Timestamp: string; rn: number }[];
    expect(row?.rn).toBe(1);
    // It cuts nine characters off the end.
    expect(row?.Timestamp).toMatch(/T\d\d:\d\d:\d\d\.\d{7}Z$/);
  });
});

describe('IntelMQ', () => {
  test('sends its credentials by HTTP Basic, and its query without a content type', async () => {
    const basic = Buffer.from(`${spoor.clientId}:${encodeURIComponent(spoor.clientSecret)}`).toString(
      'base64',
    );
    const body = form({
      grant_type: 'client_credentials',
      resource: 'https://api.securitycenter.windows.com',
    });
    const headers = {
      Authorization: `Basic ${basic}`,
      'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8',
    };
    const token = await tokenBy(`/${spoor.server.tenant}/oauth2/token`, headers, body);
    const query = JSON.stringify({ Query: QUERY });
    const authorization = { Authorization: `Bearer ${token}` };
    expectRows(await raw('POST', '/api/advancedqueries/run', { ...authorization, ...length(query) }, query));
  });
});

describe('Splunk SOAR', () => {
  test('renews its token only for a 401 that is JSON', async () => {
    const query = JSON.stringify({ Query: QUERY });
    const headers = { Authorization: 'Bearer a.b.c', ...length(query) };
    const refused = await raw('POST', '/api/advancedqueries/run', headers, query);
    expect(refused.status).toBe(401);
    expect(refused.headers['content-type']).toContain('json');
    expect(refused.body).toMatchObject({ error: { code: 'Unauthorized', message: expect.any(String) } });
  });
});

describe('PowerShell', () => {
  test('asks for 100 Continue and sends indented lines with carriage returns', async () => {
    const token = await spoor.token('https://api.security.microsoft.com');
    const query = `{\r\n    "Query":  ${JSON.stringify(QUERY)}\r\n}`;
    const headers = {
      'User-Agent': 'Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1',
      'Content-Type': 'application/json',
      Authorization: `bearer ${token}`,
    };
    expectRows(await expecting('/api/advancedhunting/run?', headers, query));
  });
});

describe('others', () => {
  test('send their body in chunks', async () => {
    const token = await spoor.token();
    const query = JSON.stringify({ Query: QUERY });
    const headers = { Authorization: `Bearer ${token}`, 'Transfer-Encoding': 'chunked' };
    expectRows(
      await raw('POST', '/api/v1.0/advancedqueries/run', headers, [query.slice(0, 5), query.slice(5)]),
    );
  });

  test('Power BI asks by the URL and reads the type names', async () => {
    const token = await spoor.token('https://api.securitycenter.microsoft.com');
    const path = `/api/advancedqueries?key=${encodeURIComponent(QUERY)}`;
    expectRows(await raw('GET', path, { Authorization: `Bearer ${token}` }));
  });

  test('Logic Apps asks for the columns first', async () => {
    const token = await spoor.token('https://api.securitycenter.microsoft.com');
    const query = JSON.stringify({ Query: 'DeviceInfo | summarize Devices = dcount(DeviceId)' });
    const headers = { Authorization: `Bearer ${token}`, ...length(query) };
    const { body } = await raw('POST', '/api/advancedqueries/schema', headers, query);
    expect(body).toEqual({ Schema: [{ Name: 'Devices', Type: 'Int64' }] });
  });

  test('Graph`s SDK writes the namespace before the action', async () => {
    const token = await spoor.token('https://graph.microsoft.com');
    const query = JSON.stringify({ query: QUERY, timespan: 'P30D' });
    const headers = { Authorization: `Bearer ${token}`, 'client-request-id': 'abc', ...length(query) };
    const path = '/v1.0/security/microsoft.graph.security.runHuntingQuery';
    const answer = await raw('POST', path, headers, query);
    expect([answer.status, answer.headers['client-request-id']]).toEqual([200, 'abc']);
    expect(Object.keys(answer.body)).toEqual(['@odata.context', 'schema', 'results']);
    expect(answer.body['results']).toHaveLength(2);
    expect(answer.body['schema']).toContainEqual({ name: 'FileName', type: 'String' });
  });

  test('Graph narrows by its timespan', async () => {
    const token = await spoor.token('https://graph.microsoft.com');
    const count = async (Timespan: string | undefined) => {
      const query = JSON.stringify({
        Query: 'union DeviceProcessEvents, DeviceNetworkEvents | count',
        Timespan,
      });
      const headers = { Authorization: `Bearer ${token}`, ...length(query) };
      const { body } = await raw('POST', '/v1.0/security/runHuntingQuery', headers, query);
      return (body['results'] as { Count: number }[])[0]?.Count ?? -1;
    };
    const all = await count(undefined);
    expect(all).toBeGreaterThan(0);
    expect(await count('P30D')).toBe(all);
    expect(await count('2001-01-01/2001-01-02')).toBe(0);
    const part = await count('PT2H');
    expect(part).toBeLessThan(all);
  });
});
