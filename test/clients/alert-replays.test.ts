import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser } from '../http/oauth-browser.ts';
import { HUNTING_ROLES, type SignedIn, signedIn } from './signed-in.ts';
import { form, length, type Wire, wireTo } from './wire.ts';

/**
 * What SIEM connectors that cannot run here put on the wire to pull detections, alerts and incidents. Sources: the
 * repositories named with each, and for PowerShell and ArcSight the product's own pages of 2021.
 */
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const USER = { upn: 'siem@example.org', password: 'correct horse battery' };
const EXPORTER = 'https://graph.windows.net';

let spoor: SignedIn;
let wire: Wire;

beforeAll(async () => {
  const roles = ['Alert.ReadWrite.All', 'Alert.Read.All', 'Incident.Read.All', 'Detections.Write.All'];
  spoor = await signedIn({ SPOOR_QUOTAS: 'unlimited' }, [...HUNTING_ROLES, ...roles]);
  wire = wireTo(spoor.server.url);
  const query =
    'DeviceProcessEvents | where isnotempty(DeviceId) | project Timestamp, DeviceId, ReportId | take 1';
  const found = JSON.parse((await spoor.call('/api/advancedhunting/run', { Query: query })).text);
  const [event] = found.Results;
  const raised = await spoor.call('/api/alerts/CreateAlertByReference', {
    machineId: event.DeviceId,
    reportId: event.ReportId,
    eventTime: event.Timestamp,
    severity: 'Low',
    title: 'Raised by hand',
    description: 'd',
    recommendedAction: 'r',
    category: 'Execution',
  });
  expect(raised.status).toBe(200);
  const exporter = await spoor.token(EXPORTER);
  const taken = await wire.raw(
    'POST',
    '/api/detections',
    { authorization: `Bearer ${exporter}` },
    '[{"AlertTitle":"From outside"}]',
  );
  expect(taken.body).toMatchObject({ accepted: 1 });
});
afterAll(() => spoor?.stop());

const credentials = () => ({ client_id: spoor.clientId, client_secret: spoor.clientSecret });

function titles(body: unknown): readonly unknown[] {
  return (body as readonly { readonly AlertTitle: string }[]).map(({ AlertTitle }) => AlertTitle);
}

test('PowerShell 5.1: the body after 100 Continue, fields in their order, and a bare array', async () => {
  const agent = {
    'User-Agent': 'Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1',
  };
  const body = form({ resource: EXPORTER, ...credentials(), grant_type: 'client_credentials' });
  const path = `/${spoor.server.tenant}/oauth2/token`;
  const given = await wire.expecting(path, { ...agent, ...FORM, ...length(body) }, body);
  expect(given.status).toBe(200);
  const answer = await wire.raw('GET', '/api/alerts?limit=20&sinceTimeUtc=2020-01-01T00:00:00.000', {
    ...agent,
    'Content-Type': 'application/json',
    Accept: 'application/json',
    Authorization: `Bearer ${given.body['access_token']}`,
  });
  expect(titles(answer.body)).toContain('From outside');
  expect(answer.text).not.toContain('\n');
});

test('LogRhythm.Tools: the secret as a bearer token beside the form, and a query that is not escaped', async () => {
  const token = await wire.tokenBy(
    `/${spoor.server.tenant}/oauth2/token`,
    { ...FORM, Authorization: `Bearer ${spoor.clientSecret}` },
    form({ resource: EXPORTER, ...credentials(), grant_type: 'client_credentials' }),
  );
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const pull = (query: string) => wire.raw('GET', `/api/alerts?${query}`, headers);
  // A plus that was not escaped arrives as a blank: still two hours east of UTC.
  expect(titles((await pull('sinceTimeUtc=2020-01-01T02:00:00.0000000+02:00&limit=5')).body)).toContain(
    'From outside',
  );
  expect((await pull('sinceTimeUtc=2099-01-01T02:00:00.0000000+02:00')).body).toEqual([]);
  expect((await pull('ago=PT10M&machinegroups=nobody&machinegroups=none')).body).toEqual([]);
});

test('ArcSight: a user`s code and refresh token at the endpoints of version 1, then a path with a slash', async () => {
  const { id: user } = await spoor.server.administer<{ id: string }>('users', {
    upn: USER.upn,
    password: USER.password,
    roles: ['administrator'],
  });
  expect(user).toMatch(/^[0-9a-f-]{36}$/);
  const redirect = 'https://localhost:44300/wdatpconnector';
  const app = await spoor.server.administer<{ id: string }>('applications', {
    name: 'connector',
    scopes: ['Alert.Read'],
    redirectUris: [{ uri: redirect, kind: 'web' }],
  });
  const { secret } = await spoor.server.administer<{ secret: string }>(`applications/${app.id}/secrets`, {});
  const browser = openBrowser(spoor.server);
  const query = form({
    response_type: 'code',
    client_id: app.id,
    redirect_uri: redirect,
    resource: EXPORTER,
    prompt: 'login',
  });
  const page = await browser.go(`/${spoor.server.tenant}/oauth2/authorize?${query}`);
  const consent = await browser.submit(page, { username: USER.upn, password: USER.password });
  const back = consent.location === undefined ? await browser.submit(consent, { answer: 'accept' }) : consent;
  const code = new URL(back.location ?? '').searchParams.get('code') ?? '';
  const client = { client_id: app.id, client_secret: secret };
  const path = `/${spoor.server.tenant}/oauth2/token`;
  const first = form({ grant_type: 'authorization_code', code, redirect_uri: redirect, ...client });
  const given = await wire.raw('POST', path, { ...FORM, ...length(first) }, first);
  expect(given.body).toMatchObject({ token_type: 'Bearer', refresh_token: expect.any(String) });
  const again = form({
    grant_type: 'refresh_token',
    refresh_token: String(given.body['refresh_token']),
    ...client,
  });
  const token = await wire.tokenBy(path, FORM, again);
  const answer = await wire.raw('GET', '/api/alerts/?sinceTimeUtc=2020-01-01T00:00:00.000', {
    Authorization: `Bearer ${token}`,
    Accept: 'application/json',
  });
  expect(titles(answer.body)).toContain('From outside');
});

describe('Elastic', () => {
  const agent = { 'User-Agent': 'MdatpPartner-Elastic-Filebeat/1.0.0' };

  test('m365_defender: HTTP Basic first, its scope from the URL, and escaped OData', async () => {
    const basic = Buffer.from(`${spoor.clientId}:${encodeURIComponent(spoor.clientSecret)}`).toString(
      'base64',
    );
    const token = await wire.tokenBy(
      `/${spoor.server.tenant}/oauth2/v2.0/token`,
      { ...FORM, Authorization: `Basic ${basic}` },
      form({ grant_type: 'client_credentials', scope: `${spoor.server.url}/.default` }),
    );
    const headers = { ...agent, Authorization: `Bearer ${token}`, Accept: 'application/json' };
    const since = (time: string) =>
      wire.raw('GET', `/api/incidents?%24filter=lastUpdateTime+gt+${encodeURIComponent(time)}`, headers);
    expect((await since('2020-08-06T12:07:55.32Z')).body['value']).toHaveLength(1);
    expect((await since('2099-08-06T12:07:55.3212345Z')).body['value']).toEqual([]);
  });

  test('microsoft_defender_endpoint: version 1 with a slash behind the resource, and evidence expanded', async () => {
    const token = await wire.tokenBy(
      `/${spoor.server.tenant}/oauth2/token`,
      FORM,
      form({
        ...credentials(),
        grant_type: 'client_credentials',
        resource: 'https://api.securitycenter.windows.com/',
      }),
    );
    const answer = await wire.raw(
      'GET',
      '/api/alerts?%24expand=evidence&%24filter=lastUpdateTime+gt+2020-08-06T12%3A07%3A55.32Z',
      { ...agent, Authorization: `Bearer ${token}` },
    );
    expect(answer.body['@odata.context']).toEqual(expect.any(String));
    expect(answer.body['value']).toMatchObject([{ title: 'Raised by hand', evidence: expect.any(Array) }]);
  });
});

test('Cortex XSOAR`s event collector: a plus that is escaped stands for a blank', async () => {
  const scope = 'https://securitycenter.onmicrosoft.com/windowsatpservice/.default';
  const token = await wire.tokenBy(
    `/${spoor.server.tenant}/oauth2/v2.0/token`,
    FORM,
    form({ ...credentials(), grant_type: 'client_credentials', scope }),
  );
  const headers = { 'User-Agent': 'PANW-XSOAR', Authorization: `Bearer ${token}` };
  const from = (time: string) =>
    wire.raw(
      'GET',
      `/api/alerts?$filter=alertCreationTime%2Bgt%2B${time}&$orderby=alertCreationTime%2Basc&$expand=evidence`,
      headers,
    );
  expect((await from('2020-01-01T00:00:00Z')).body['value']).toMatchObject([{ title: 'Raised by hand' }]);
  expect((await from('2099-01-01T00:00:00Z')).body['value']).toEqual([]);
});
