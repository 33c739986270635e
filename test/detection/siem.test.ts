import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DETECTION_FIELDS } from '../../src/detection/detection-fields.ts';
import { makeApp, OTHER_TENANT, startServer, type TestServer, tokenFor } from '../http/server.ts';

const SIEM = 'https://graph.windows.net';
type Detection = Readonly<Record<string, string | number | boolean | null>>;

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startServer();
  const app = await makeApp(server, ['Alert.Read.All', 'Detections.Write.All']);
  token = await tokenFor(server, app, SIEM);
});
afterAll(() => server?.close());

async function send(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(`${server.url}/api/detections`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, body: JSON.parse(text) };
}

async function get(path: string, bearer = token) {
  const answer = await fetch(`${server.url}${path}`, {
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
  });
  const text = await answer.text();
  return { status: answer.status, text, body: JSON.parse(text) };
}

async function titles(path: string): Promise<unknown> {
  const { status, body } = await get(path);
  return status === 200 ? (body as Detection[]).map((each) => each['AlertTitle']) : status;
}

describe('the SIEM pull', () => {
  beforeAll(async () => {
    await send([
      { AlertTitle: 'a', ExternalId: 'A', MachineGroup: 'UKMachines', DeviceCreatedMachineTags: 'lab' },
      {
        AlertTitle: 'b',
        ExternalId: 'B',
        MachineGroup: 'FranceMachines',
        CloudCreatedMachineTags: 'vip; x_y',
      },
      { AlertTitle: 'c', ExternalId: 'C', MachineGroup: 'Servers', DeviceCreatedMachineTags: 'lab2' },
    ]);
  });

  it('answers with every field in order, the rest empty', async () => {
    const { status, text, body } = await get('/api/alerts');
    expect(status).toBe(200);
    expect(text.startsWith('[{"AlertTime":"","ComputerDnsName":"","AlertTitle":"c"')).toBe(true);
    const [newest] = body as Detection[];
    expect(Object.keys(newest ?? {})).toEqual(DETECTION_FIELDS.map(([name]) => name));
    expect(newest).toMatchObject({
      AlertPart: 0,
      ReportID: 0,
      RemediationIsSuccess: null,
      WasExecutingWhileDetected: null,
      Sha256: '',
      ExternalId: 'C',
    });
    expect(newest?.['LastProcessedTimeUtc']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
  });

  it.each([
    ['/api/alerts', ['c', 'b', 'a']],
    ['/api/v1.0/alerts', ['c', 'b', 'a']],
    ['/api/V1.0/alert/?limit=1', ['c']],
    ['/api/Alerts/?machinegroups=UKMachines&machinegroups=FranceMachines', ['b', 'a']],
    ['/api/alert', ['c', 'b', 'a']],
    ['//api//alerts/', ['c', 'b', 'a']],
    ['/api/alerts?limit=2', ['c', 'b']],
    ['/api/alerts?LIMIT=0', []],
    ['/api/alerts?limit=20&sinceTimeUtc=2020-01-01T00:00:00.000', ['c', 'b', 'a']],
    ['/api/alerts/?sinceTimeUtc=2020-01-01T00:00:00%2002:00&untilTimeUtc=2020-01-02', []],
    ['/api/alerts?sinceTimeUtc="2016-09-12%2000:00:00"', ['c', 'b', 'a']],
    ['/api/alerts?ago=PT10M', ['c', 'b', 'a']],
    ['/api/alerts?ago=P2D&machinegroups=servers', ['c']],
    ['/api/alerts?untilTimeUtc=2020-01-01', []],
    ['/api/alerts?DeviceCreatedMachineTags=lab', ['a']],
    ['/api/alerts?cloudcreatedmachinetags=VIP', ['b']],
    ['/api/alerts?cloudcreatedmachinetags=x%25y', []],
    ['/api/alerts?machinegroups=Servers&DeviceCreatedMachineTags=lab', []],
    ['/api/alerts?ago=10M', 400],
    ['/api/alerts?ago=PT1H&sinceTimeUtc=2020-01-01', 400],
    ['/api/alerts?sinceTimeUtc=yesterday', 400],
    ['/api/alerts?limit=-1', 400],
    ['/api/alerts?limit=1&limit=2', 400],
  ])('%s', async (path, expected) => {
    expect(await titles(path)).toEqual(expected);
  });

  it('excludes since and includes until, so that a poller goes on from the newest it has', async () => {
    const times = ((await get('/api/alerts')).body as Detection[]).map(
      (each) => each['LastProcessedTimeUtc'],
    );
    expect(new Set(times).size).toBe(3);
    expect([...times].sort().reverse()).toEqual(times);
    expect(await titles(`/api/alerts?sinceTimeUtc=${times[0]}`)).toEqual([]);
    expect(await titles(`/api/alerts?sinceTimeUtc=${times[1]}`)).toEqual(['c']);
    expect(await titles(`/api/alerts?sinceTimeUtc=${times[2]}&untilTimeUtc=${times[1]}`)).toEqual(['b']);
  });

  it('writes brackets in strings as escapes, for a published script cuts at them', async () => {
    const CommandLine = 'cmd [x] "]" \\ \u0001 \u00e4';
    await send({ CommandLine, Url: 'http://[::1]/' });
    const { text, body } = await get('/api/alerts?limit=1');
    expect(text.slice(1, -1)).not.toMatch(/[[\]]/);
    expect(text).toContain('\\u005bx\\u005d');
    expect((body as Detection[])[0]).toMatchObject({ CommandLine, Url: 'http://[::1]/' });
  });

  it('refuses other tokens', async () => {
    expect((await get('/api/alerts', 'a.b.c')).status).toBe(401);
    const other = await makeApp(server, ['Alert.Read.All'], OTHER_TENANT);
    expect((await get('/api/alerts', await tokenFor(server, other, SIEM, OTHER_TENANT))).text).toBe('[]');
    const without = await makeApp(server, ['AdvancedHunting.Read.All']);
    expect((await get('/api/alerts', await tokenFor(server, without, SIEM))).status).toBe(403);
  });
});

it('a good token of a tenant that is gone is answered with 403', async () => {
  const tenant = await server.directory.createTenant({ name: 'Gone' });
  const app = await makeApp(server, ['Alert.Read.All'], tenant.id);
  const bearer = await tokenFor(server, app, SIEM, tenant.id);
  expect((await get('/api/alerts', bearer)).status).toBe(200);
  await server.directory.deleteApplication(tenant.id, app.clientId);
  expect((await get('/api/alerts', bearer)).status).toBe(401);
  await server.store.db.deleteFrom('tenants').where('id', '=', tenant.id).execute();
  expect((await get('/api/alerts', bearer)).status).toBe(403);
});

describe('detections from outside', () => {
  it('are taken once by their ExternalId', async () => {
    const batch = [{ ExternalId: 'once', AlertTitle: 'x' }, { ExternalId: 'once' }, { AlertTitle: 'y' }];
    expect((await send(batch)).body).toEqual({ accepted: 2, duplicates: 1 });
    expect((await send(batch)).body).toEqual({ accepted: 1, duplicates: 2 });
  });

  it('are taken once under an Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'k1' };
    expect((await send([{ AlertTitle: 'p' }, { AlertTitle: 'q' }], key)).body).toEqual({
      accepted: 2,
      duplicates: 0,
    });
    expect((await send([{ AlertTitle: 'p' }, { AlertTitle: 'q' }], key)).body).toEqual({
      accepted: 0,
      duplicates: 2,
    });
    expect((await send({ AlertTitle: 'r' }, key)).status).toBe(409);
  });

  it.each([
    [[{ AlertTitle: 'kept?' }, { AlertTitle: 5 }]],
    [[{ AlertTitle: 'kept?' }, { Title: 'x' }]],
    [[{ AlertTitle: 'kept?' }, { ReportID: 1.5 }]],
    [[{ AlertTitle: 'kept?' }, { AlertTime: 'noon' }]],
    [[{ AlertTitle: 'kept?' }, 7]],
    [[{ AlertTitle: 'kept?' }, { RemediationIsSuccess: 'yes' }]],
  ])('with a bad member are refused whole: %j', async (batch) => {
    expect((await send(batch)).status).toBe(400);
    expect((await get('/api/alerts')).text).not.toContain('kept?');
  });

  it('need the role', async () => {
    const app = await makeApp(server, ['Alert.Read.All']);
    const answer = await fetch(`${server.url}/api/detections`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await tokenFor(server, app, SIEM)}` },
      body: '{}',
    });
    expect(answer.status).toBe(403);
    await answer.text();
  });
});
