import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceScope } from '../../src/model/device-scope.ts';
import { makeApp, startServer, type TestServer, tokenFor } from '../http/server.ts';
import { raise } from './raise.ts';

type Answer = Readonly<Record<string, unknown>>;

let server: TestServer;
let token: string;
let ids: string[];
let scope: DeviceScope | undefined;
beforeAll(async () => {
  server = await startServer({ deviceScope: async () => scope });
  const roles = ['Alert.ReadWrite.All', 'Incident.ReadWrite.All'];
  token = await tokenFor(server, await makeApp(server, roles));
  await raise(server, 'd1', 'High');
  await raise(server, 'd2', 'Low');
  const { body } = await call('GET', '/api/alerts');
  ids = (body['value'] as Answer[]).map((alert) => String(alert['id']));
});
afterAll(() => server?.close());

async function call(method: string, path: string, body?: object) {
  const answer = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Answer };
}

async function titles(query: string): Promise<unknown> {
  const { status, body } = await call('GET', `/api/alerts${query}`);
  return status === 200 ? (body['value'] as Answer[]).map((alert) => alert['title']) : body['error'];
}

describe('GET /api/alerts with a token of Defender', () => {
  it('lists alerts in an envelope, without evidence unless it is asked for', async () => {
    const { body } = await call('GET', '/api/alerts?$expand=evidence&sinceTimeUtc=2020-01-01');
    expect(body['@odata.context']).toBe(`${server.url}/api/$metadata#Alerts`);
    const [newest] = body['value'] as Answer[];
    expect(newest).toMatchObject({
      title: 'On d2',
      severity: 'Low',
      status: 'New',
      machineId: 'd2',
      computerDnsName: 'd2.example.org',
      firstEventTime: '2021-03-20T11:02:41.0912384Z',
      mitreTechniques: ['T1059.001'],
      relatedUser: { userName: 'kim', domainName: null },
    });
    expect(((newest?.['evidence'] ?? []) as Answer[]).map((each) => each['entityType']).sort()).toEqual([
      'Process',
      'User',
    ]);
    const plain = await call('GET', '/api/alerts');
    expect((plain.body['value'] as Answer[])[0]?.['evidence']).toEqual([]);
  });

  it.each([
    ['?$top=1', ['On d2']],
    ['?$skip=1', ['On d1']],
    ["?%24filter=severity+eq+'high'", ['On d1']],
    ["?$filter=Severity%2Beq%2B'Low'", ['On d2']],
    ["?$filter=severity in ('High','Low') and not (status eq 'Resolved')", ['On d2', 'On d1']],
    ['?$filter=alertCreationTime gt 2018-11-22T00:00:00Z', ['On d2', 'On d1']],
    ['?$filter=lastUpdateTime lt 2018-08-01Z', []],
    ['?$filter=incidentId eq 1', ['On d1']],
    ['?$filter=assignedTo eq null', ['On d2', 'On d1']],
    ['?$filter=title eq 1', expect.objectContaining({ code: 'ODataError' })],
    ["?$filter=severity eq 'High' and", expect.objectContaining({ code: 'ODataError' })],
    ['?$top=10001', expect.objectContaining({ code: 'ODataError' })],
  ])('%s', async (query, expected) => {
    expect(await titles(query)).toEqual(expected);
  });
});

describe('an alert', () => {
  it('is changed, also with older spellings', async () => {
    const path = `/api/alerts/${ids[0]}`;
    const changed = await call('PATCH', path, {
      status: 'Resolved',
      assignedTo: 'ana@example.org',
      classification: 'falsePositive',
      determination: 'NotMalicious',
      comment: 'lab test',
    });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      status: 'Resolved',
      assignedTo: 'ana@example.org',
      classification: 'FalsePositive',
      determination: 'Clean',
      comments: [{ comment: 'lab test' }],
    });
    expect(changed.body['resolvedTime']).not.toBeNull();
    expect((await call('GET', path)).body).toEqual(changed.body);
    expect((await call('PATCH', path, { status: 'Gone' })).status).toBe(400);
    expect((await call('PATCH', path, { title: 'x' })).status).toBe(400);
    expect((await call('GET', '/api/alerts/none')).status).toBe(404);
  });

  it('is changed with others', async () => {
    const body = { alertIds: ids, status: 'InProgress' };
    expect((await call('POST', '/api/alerts/batchUpdate', body)).status).toBe(200);
    expect(await titles("?$filter=status eq 'InProgress'")).toEqual(['On d2', 'On d1']);
    expect((await call('POST', '/api/alerts/batchUpdate', { ...body, alertIds: ['no'] })).status).toBe(404);
  });
});

describe('incidents', () => {
  it('are listed with their alerts, and changed', async () => {
    const { body } = await call('GET', '/api/incidents?$top=1');
    const [newest] = body['value'] as Answer[];
    expect(newest).toMatchObject({
      incidentId: 2,
      status: 'Active',
      severity: 'Low',
      classification: 'Unknown',
      alerts: [{ title: 'On d2', devices: [{ mdatpDeviceId: 'd2' }] }],
    });
    const changed = await call('PATCH', '/api/incidents/2', { tags: ['lab'], status: 'Resolved' });
    expect(changed.body).toMatchObject({ tags: ['lab'], status: 'Resolved' });
    const active = await call('GET', "/api/incidents?$filter=status eq 'Active'");
    expect((active.body['value'] as Answer[]).map((each) => each['incidentId'])).toEqual([1]);
    expect((await call('GET', '/api/incidents/99')).status).toBe(404);
  });

  it('need their own permission', async () => {
    const other = await tokenFor(server, await makeApp(server, ['Alert.Read.All']));
    const answer = await fetch(`${server.url}/api/incidents`, {
      headers: { authorization: `Bearer ${other}` },
    });
    expect(answer.status).toBe(403);
    await answer.text();
  });
});

describe('somebody who sees one device only', () => {
  beforeAll(() => {
    scope = { kind: 'devices', which: 'only', ids: ['d1'] };
  });
  afterAll(() => {
    scope = undefined;
  });

  it('sees what is about it, on every path', async () => {
    expect(await titles('')).toEqual(['On d1']);
    expect((await call('GET', `/api/alerts/${ids[0]}`)).status).toBe(404);
    expect((await call('PATCH', `/api/alerts/${ids[0]}`, { status: 'New' })).status).toBe(404);
    const { body } = await call('GET', '/api/incidents');
    expect((body['value'] as Answer[]).map((each) => each['incidentId'])).toEqual([1]);
    expect((await call('GET', '/api/incidents/2')).status).toBe(404);
    expect((await call('PATCH', '/api/incidents/2', { status: 'Active' })).status).toBe(404);
    const app = await makeApp(server, ['Alert.Read.All']);
    const siem = await tokenFor(server, app, 'https://graph.windows.net');
    const answer = await fetch(`${server.url}/api/alerts`, { headers: { authorization: `Bearer ${siem}` } });
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as Answer[]).map((each) => each['DeviceID'])).toEqual(['d1']);
  });
});

describe('an application that calls too often', () => {
  it('is told when to come again', async () => {
    const app = await makeApp(server, ['Alert.ReadWrite.All']);
    const own = await tokenFor(server, app);
    const update = () =>
      fetch(`${server.url}/api/alerts/batchUpdate`, {
        method: 'POST',
        headers: { authorization: `Bearer ${own}` },
        body: JSON.stringify({ alertIds: [], status: 'New' }),
      });
    const answers: Response[] = [];
    for (let n = 0; n < 11; n++) answers.push(await update());
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
    expect(answers.at(-1)?.headers.get('retry-after')).toBe('60');
    await Promise.all(answers.map((answer) => answer.text()));
  });
});

describe('below /api/v1.0', () => {
  const below = (method: string, path: string, body?: object) => call(method, `/api/v1.0${path}`, body);

  it('are the same alerts', async () => {
    const list = await below('GET', '/alerts');
    expect(list.body).toEqual((await call('GET', '/api/alerts')).body);
    const id = ids[0] ?? '';
    expect((await below('GET', `/alerts/${id}`)).body).toMatchObject({ id });
    const changed = await below('PATCH', `/alerts/${id}`, { status: 'InProgress' });
    expect([changed.status, changed.body]).toEqual([
      200,
      expect.objectContaining({ id, status: 'InProgress' }),
    ]);
    const many = await below('POST', '/alerts/batchUpdate', { alertIds: [id], status: 'New' });
    expect(many.status).toBe(200);
    expect((await call('GET', `/api/alerts/${id}`)).body).toMatchObject({ status: 'New' });
    expect(await below('POST', '/alerts/CreateAlertByReference', {})).toMatchObject({
      status: 400,
      body: { error: { code: 'MissingRequiredParameter' } },
    });
  });

  it('are the same incidents', async () => {
    const list = await below('GET', '/incidents');
    expect(list.body).toEqual((await call('GET', '/api/incidents')).body);
    const [first] = list.body['value'] as Answer[];
    const path = `/incidents/${first?.['incidentId']}`;
    expect((await below('PATCH', path, { tags: ['versioned'] })).status).toBe(200);
    expect((await below('GET', path)).body).toMatchObject({ tags: ['versioned'] });
  });
});
