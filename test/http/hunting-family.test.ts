import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HuntAnswer, HuntRequest } from '../../src/hunting/run.ts';
import { RequestError } from '../../src/model/request-error.ts';
import { huntAnswer, makeApp, startServer, type TestServer, tokenFor } from './server.ts';

const GRAPH = 'https://graph.microsoft.com';
const DEFENDER = 'https://api.security.microsoft.com';
const KUSTO = 'https://kusto.kusto.windows.net';

let server: TestServer;
let asked: HuntRequest[] = [];
let hunt: (request: HuntRequest) => Promise<HuntAnswer>;
/** By role, then by audience. */
const tokens = new Map<string, string>();

beforeAll(async () => {
  server = await startServer({
    runHunt: (request) => {
      asked.push(request);
      return hunt(request);
    },
  });
  for (const role of [
    'AdvancedHunting.Read.All',
    'AdvancedQuery.Read.All',
    'ThreatHunting.Read.All',
    'Alert.Read.All',
  ]) {
    const app = await makeApp(server, [role]);
    for (const audience of [GRAPH, DEFENDER, KUSTO])
      tokens.set(`${role} ${audience}`, await tokenFor(server, app, audience));
  }
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
  hunt = async () => huntAnswer('{}');
});

function send(path: string, body: string | undefined, role: string, audience: string, headers = {}) {
  return fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body === undefined ? {} : { body }),
    headers: { authorization: `Bearer ${tokens.get(`${role} ${audience}`)}`, ...headers },
  });
}

const ENDPOINT = ['AdvancedQuery.Read.All', DEFENDER] as const;
const THREAT = ['ThreatHunting.Read.All', GRAPH] as const;

describe('permissions', () => {
  test.each([
    ['/api/advancedhunting/run', 'AdvancedHunting.Read.All', DEFENDER],
    ['/api/advancedqueries/run', 'AdvancedQuery.Read.All', DEFENDER],
    ['/v1.0/security/runHuntingQuery', 'ThreatHunting.Read.All', GRAPH],
  ])('%s takes %s and no other', async (path, role, audience) => {
    for (const other of [
      'AdvancedHunting.Read.All',
      'AdvancedQuery.Read.All',
      'ThreatHunting.Read.All',
      'Alert.Read.All',
    ]) {
      const { status } = await send(path, '{"Query":"print 1"}', other, audience);
      expect([other, status]).toEqual([other, other === role ? 200 : 403]);
    }
    for (const other of [DEFENDER, GRAPH, KUSTO].filter((known) => known !== audience)) {
      expect((await send(path, '{"Query":"print 1"}', role, other)).status).toBe(401);
    }
  });

  test.each(['/v1/rest/query', '/v2/rest/query', '/v1/rest/mgmt'])(
    '%s takes any of the three',
    async (path) => {
      const body = '{"db":"hunting","csl":".show version"}';
      for (const role of ['AdvancedHunting.Read.All', 'AdvancedQuery.Read.All', 'ThreatHunting.Read.All']) {
        expect((await send(path, body, role, KUSTO)).status).toBe(200);
      }
      expect((await send(path, body, 'Alert.Read.All', KUSTO)).status).toBe(403);
      expect((await send(path, body, 'ThreatHunting.Read.All', GRAPH)).status).toBe(401);
      expect((await fetch(server.url + path, { method: 'POST', body })).status).toBe(401);
    },
  );
});

describe('Defender for Endpoint', () => {
  test.each(['/api/advancedqueries/run', '/API/AdvancedQueries/Run/', '//api//v1.0//advancedqueries/run?'])(
    'is asked by POST %s',
    async (path) => {
      expect((await send(path, '{"Query":"print 1"}', ...ENDPOINT)).status).toBe(200);
      expect(asked[0]).toMatchObject({ query: 'print 1' });
    },
  );

  test('is asked by the URL', async () => {
    const query = 'DeviceInfo | where a == "x+y/z" | limit 1';
    expect(
      (await send(`/api/advancedqueries?key=${encodeURIComponent(query)}`, undefined, ...ENDPOINT)).status,
    ).toBe(200);
    expect((await send('/api/advancedqueries?key=print+1', undefined, ...ENDPOINT)).status).toBe(200);
    expect(asked.map((request) => request.query)).toEqual([query, 'print 1']);
    for (const path of [
      '/api/advancedqueries',
      '/api/advancedqueries?key=',
      '/api/advancedqueries?key=a&key=b',
    ]) {
      expect((await send(path, undefined, ...ENDPOINT)).status).toBe(400);
    }
  });
});

describe('Graph', () => {
  test.each([
    '/v1.0/security/runHuntingQuery',
    '/beta/security/runhuntingquery/',
    '/v1.0/security/microsoft.graph.security.runHuntingQuery',
  ])('is asked by POST %s', async (path) => {
    const body = '{"query":"print 1","Timespan":"2021-03-01/P1D"}';
    expect((await send(path, body, ...THREAT)).status).toBe(200);
    expect(asked[0]).toMatchObject({ query: 'print 1', shape: 'graph', origin: server.url });
    const { fromTicks = 0n, toTicks = 0n } = asked[0]?.interval ?? {};
    expect(toTicks - fromTicks).toBe(864_000_000_000n);
  });

  test('is asked by its function', async () => {
    const query = "print x = 'a//b', y = \"(\" // it's";
    const text = encodeURIComponent(query.replaceAll("'", "''"));
    const path = `/beta/security/getRunHuntingQuery(query='${text}',timespan='P1D')`;
    expect((await send(path, undefined, ...THREAT)).status).toBe(200);
    expect(asked[0]).toMatchObject({ query, shape: 'graph' });
    expect(asked[0]?.interval).toBeDefined();
    const long = `/beta/security/getRunHuntingQuery(query='print ${'1'.repeat(5000)}')`;
    expect((await send(long, undefined, ...THREAT)).status).toBe(200);
    expect((await send('/beta/security/getRunHuntingQuery', undefined, ...THREAT)).status).toBe(400);
    expect((await send('/beta/security/getRunHuntingQuery(x)', undefined, ...THREAT)).status).toBe(400);
  });

  test('tells the schema', async () => {
    const answer = await send('/beta/security/getHuntingSchema', undefined, ...THREAT);
    const { tables, functions } = (await answer.json()) as {
      tables: { name: string; columns: object[] }[];
      functions: Record<string, unknown[]>;
    };
    const info = tables.find(({ name }) => name === 'AlertInfo');
    expect(info?.columns[0]).toMatchObject({ name: 'Timestamp', dataType: 'DateTime' });
    expect(Object.keys(functions)).toEqual(['builtInFunctions', 'savedFunctions']);
  });

  test('puts failures into its own envelope', async () => {
    const call = (body: string) =>
      send('/v1.0/security/runHuntingQuery', body, ...THREAT, { 'client-request-id': 'mine-1' });
    for (const body of ['', '[]', '{"Query":" "}', '{"Query":"print 1","Timespan":"soon"}', '{"Query":1}']) {
      const refused = await call(body);
      const { error } = (await refused.json()) as { error: Record<string, Record<string, string>> };
      expect([refused.status, error['code']]).toEqual([400, 'BadRequest']);
      expect(Object.keys(error)).toEqual(['code', 'message', 'innerError']);
      expect(error['innerError']).toMatchObject({ 'client-request-id': 'mine-1' });
    }
    hunt = async () => {
      throw new RequestError('TooManyRequests', 429, 'API calls quota exceeded! ...', {
        retryAfterSeconds: 7,
      });
    };
    const busy = await call('{"Query":"print 1"}');
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await busy.json()).toMatchObject({
      error: {
        code: 'TooManyRequests',
        innerError: { code: '429', message: 'API calls quota exceeded! ...' },
      },
    });
    const nobody = await fetch(`${server.url}/v1.0/security/runHuntingQuery`, { method: 'POST', body: '{}' });
    expect(nobody.status).toBe(401);
    expect(await nobody.json()).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } });
  });
});

describe('the quota', () => {
  test('is told to who may hunt', async () => {
    const answer = await send('/spoor/quota', undefined, ...ENDPOINT);
    expect(answer.status).toBe(200);
    const standing = (await answer.json()) as { limits: Record<string, unknown> };
    expect(Object.keys(standing.limits)).toEqual([
      'callsPerMinute',
      'runningTimePerHour',
      'runningTimePerDay',
      'cpuPer15Minutes',
    ]);
    expect((await send('/spoor/quota', undefined, 'Alert.Read.All', DEFENDER)).status).toBe(403);
    expect((await fetch(`${server.url}/spoor/quota`)).status).toBe(401);
  });
});
