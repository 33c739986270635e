import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ASSERTION_TYPE } from '../../src/identity/client-assertion.ts';
import { makeApp, OTHER_TENANT, startServer, TENANT, type TestApp, type TestServer } from './server.ts';

let server: TestServer;
let client: TestApp;

beforeAll(async () => {
  server = await startServer();
  client = await makeApp(server);
});
afterAll(() => server.close());

const XDR = 'https://api.security.microsoft.com';

interface Sent {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly text: string;
  readonly headers: Headers;
}

async function post(
  path: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Sent> {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    // Bytes: for a text fetch would add a content type of its own.
    body: new Uint8Array(Buffer.from(body)),
    headers,
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text), text, headers: response.headers };
}

function form(fields: Record<string, string>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function v1(fields: Record<string, string> = {}): string {
  return form({
    resource: XDR,
    client_id: client.clientId,
    client_secret: client.clientSecret,
    grant_type: 'client_credentials',
    ...fields,
  });
}

function v2(fields: Record<string, string> = {}): string {
  return form({
    client_id: client.clientId,
    scope: `${XDR}/.default`,
    client_secret: client.clientSecret,
    grant_type: 'client_credentials',
    ...fields,
  });
}

const V1 = `/${TENANT}/oauth2/token`;
const V2 = `/${TENANT}/oauth2/v2.0/token`;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('the answer', () => {
  test('of version 1: members in the order that scripts count on, one line, integers', async () => {
    const { status, body, text, headers } = await post(V1, v1(), FORM);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual([
      'token_type',
      'expires_in',
      'ext_expires_in',
      'expires_on',
      'not_before',
      'resource',
      'access_token',
    ]);
    expect(body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3599,
      ext_expires_in: 3599,
      resource: XDR,
    });
    const claims = decodeJwt(String(body['access_token']));
    expect(body['expires_on']).toBe(claims.exp);
    expect(body['not_before']).toBe(claims.nbf);
    expect(text).not.toContain('\n');
    expect(text.split(',').length).toBe(7);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  });

  test('of version 1 with numbers as strings where the setting asks for it', async () => {
    const strings = await startServer({ v1NumbersAsStrings: true });
    const { clientId, clientSecret } = await makeApp(strings);
    const response = await strings.app.inject({
      method: 'POST',
      url: V1,
      payload: v1({ client_id: clientId, client_secret: clientSecret }),
    });
    expect(response.json()).toMatchObject({ expires_in: '3599', expires_on: expect.stringMatching(/^\d+$/) });
    await strings.close();
  });

  test('of version 2: four members, no scope, no refresh token', async () => {
    const { status, body } = await post(V2, v2(), FORM);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['token_type', 'expires_in', 'ext_expires_in', 'access_token']);
    expect(body['expires_in']).toBe(3599);
  });

  test('carries the claims of a version 1 token at both endpoints', async () => {
    for (const [path, body] of [
      [V1, v1()],
      [V2, v2()],
    ] as const) {
      const token = String((await post(path, body)).body['access_token']);
      expect(decodeJwt(token)).toMatchObject({
        aud: XDR,
        iss: `${server.url}/${TENANT}/`,
        idp: `${server.url}/${TENANT}/`,
        appid: client.clientId,
        appidacr: '1',
        roles: ['AdvancedHunting.Read.All', 'Events.Write.All'],
        tid: TENANT,
        ver: '1.0',
      });
      const header = decodeProtectedHeader(token);
      expect(header).toMatchObject({ typ: 'JWT', alg: 'RS256' });
      expect(header['x5t']).toBe(header.kid);
    }
  });

  test('carries the claims of version 2 where the API is named by its application id', async () => {
    const id = '8ee8fdad-f234-4243-8f3b-15c294843740';
    const token = String((await post(V2, v2({ scope: `${id}/.default` }))).body['access_token']);
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({
      aud: id,
      iss: `${server.url}/${TENANT}/v2.0`,
      azp: client.clientId,
      azpacr: '1',
      ver: '2.0',
    });
    expect(claims).not.toHaveProperty('appid');
    expect(decodeProtectedHeader(token)).not.toHaveProperty('x5t');
  });

  test('is for the server itself, by its own URL with its port and without it', async () => {
    const bare = server.url.replace(/:\d+$/, '');
    for (const own of [server.url, bare, bare.replace('http:', 'https:'), `${server.url}/`]) {
      expect((await post(V1, v1({ resource: own }))).body).toMatchObject({ resource: own });
      expect((await post(V2, v2({ scope: `${own}/.default` }))).status).toBe(200);
    }
    for (const foreign of [
      `${bare}:1`,
      'http://127.0.0.1.example.org',
      `${server.url}/x`,
      `http://a@127.0.0.1`,
    ]) {
      expect((await post(V1, v1({ resource: foreign }))).body['error_codes']).toEqual([500011]);
    }
  });
});

describe('leniences', () => {
  const accepted: Record<string, () => Promise<Sent>> = {
    'names with blanks around them': () =>
      post(
        V1,
        `resource=${XDR}&client_id=${client.clientId}&client_secret=${client.clientSecret}&        grant_type=client_credentials`,
      ),
    'no content type': () => post(V1, v1()),
    'a content type with a charset': () =>
      post(V1, v1(), { 'content-type': `${FORM['content-type']}; charset=utf-8` }),
    'a content type of JSON over a form': () => post(V1, v1(), { 'content-type': 'application/json' }),
    'tenant and client id in capitals': () =>
      post(V1.replace(TENANT, TENANT.toUpperCase()), v1({ client_id: client.clientId.toUpperCase() })),
    'the path in capitals, a slash at its end and doubled': () => post(`/${TENANT}//OAuth2/Token/`, v1()),
    'the tenant by its domain': () => post(V1.replace(TENANT, 'Example.org'), v1()),
    'a query string': () => post(`${V2}?client-request-id=1`, v2()),
    'unknown fields': () =>
      post(V2, v2({ client_info: '1', 'x-client-SKU': 'msal', __proto__x: '1', redirectUri: 'x' })),
    'a bearer header beside the body': () =>
      post(V1, v1(), { authorization: `Bearer ${client.clientSecret}` }),
    'a basic header alone': () =>
      post(
        V1,
        form({ grant_type: 'client_credentials', resource: XDR }),
        basic(client.clientId, client.clientSecret),
      ),
    'a basic header, percent-encoded': () =>
      post(
        V1,
        form({ grant_type: 'client_credentials', resource: XDR }),
        basic(percent(client.clientId), percent(client.clientSecret)),
      ),
    'a resource with a slash': () => post(V1, v1({ resource: `${XDR}/` })),
    'a resource in capitals': () => post(V1, v1({ resource: XDR.toUpperCase() })),
    'a scope whose resource ends in a slash': () =>
      post(V2, v2({ scope: 'https://management.core.windows.net//.default' })),
    'two scopes, one of them for sign-in': () =>
      post(V2, v2({ scope: 'offline_access%20https://security.microsoft.com/mtp/.default' })),
    'scope and resource at once': () => post(V2, v2({ resource: XDR })),
    'an old resource': () => post(V1, v1({ resource: 'https://WDATPAlertExport.Seville.onmicrosoft.com' })),
  };
  test.each(Object.keys(accepted))('takes %s', async (name) => {
    const sent = await accepted[name]?.();
    expect(sent?.body).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) });
    expect(sent?.status).toBe(200);
  });

  test('a trailing slash that was asked for is in the audience', async () => {
    const { body } = await post(V2, v2({ scope: 'https://management.core.windows.net//.default' }));
    expect(decodeJwt(String(body['access_token'])).aud).toBe('https://management.core.windows.net/');
  });
});

describe('refusals', () => {
  const refused: Record<string, readonly [number, string, number, () => Promise<Sent>]> = {
    'a wrong secret': [401, 'invalid_client', 7000215, () => post(V1, v1({ client_secret: 'x' }))],
    'a secret one character short': [
      401,
      'invalid_client',
      7000215,
      () => post(V1, v1({ client_secret: client.clientSecret.slice(1) })),
    ],
    'no secret': [401, 'invalid_client', 7000218, () => post(V1, v1({ client_secret: '' }))],
    'an assertion without a certificate': [
      401,
      'invalid_client',
      700027,
      () =>
        post(V1, v1({ client_secret: '', client_assertion: 'a.b.c', client_assertion_type: ASSERTION_TYPE })),
    ],
    'an unknown application': [
      400,
      'unauthorized_client',
      700016,
      () => post(V1, v1({ client_id: OTHER_TENANT })),
    ],
    'an application of another tenant': [
      400,
      'unauthorized_client',
      700016,
      () => post(V1.replace(TENANT, OTHER_TENANT), v1()),
    ],
    'an unknown tenant': [
      400,
      'invalid_request',
      90002,
      () => post(V1.replace(TENANT, client.clientId), v1()),
    ],
    'the common tenant': [400, 'invalid_request', 50194, () => post(V1.replace(TENANT, 'common'), v1())],
    'an unknown resource': [
      400,
      'invalid_resource',
      500011,
      () => post(V1, v1({ resource: 'https://nowhere.example' })),
    ],
    'an inherited name as resource': [
      400,
      'invalid_resource',
      500011,
      () => post(V1, v1({ resource: '__proto__' })),
    ],
    'no resource': [400, 'invalid_request', 900144, () => post(V1, v1({ resource: '' }))],
    'no scope': [400, 'invalid_request', 900144, () => post(V2, v2({ scope: '' }))],
    'two resources in a scope': [
      400,
      'invalid_scope',
      70011,
      () => post(V2, v2({ scope: `${XDR}/.default https://graph.microsoft.com/.default` })),
    ],
    'a scope without the suffix': [
      400,
      'invalid_scope',
      1002012,
      () => post(V2, v2({ scope: `${XDR}/AdvancedHunting.Read` })),
    ],
    'a scope that is only the suffix': [
      400,
      'invalid_scope',
      1002012,
      () => post(V2, v2({ scope: '/.default' })),
    ],
    'no grant': [400, 'invalid_request', 900144, () => post(V1, v1({ grant_type: '' }))],
    'an unknown grant': [
      400,
      'unsupported_grant_type',
      70003,
      () => post(V1, v1({ grant_type: 'toString' })),
    ],
    'a repeated field': [400, 'invalid_request', 9000411, () => post(V1, `${v1()}&client_secret=x`)],
    'a repeated field, one name with blanks': [
      400,
      'invalid_request',
      9000411,
      () => post(V1, `${v1()}&  client_id=x`),
    ],
    'two different client ids': [
      400,
      'invalid_request',
      90013,
      () => post(V1, v1(), basic(OTHER_TENANT, 'x')),
    ],
    'an empty body': [400, 'invalid_request', 900144, () => post(V1, '')],
    'bytes that are no text': [
      400,
      'invalid_request',
      900144,
      () => post(V1, Buffer.from([0xff, 0x00, 0xfe, 0x3d, 0x80])),
    ],
    'a NUL in the client id': [
      400,
      'unauthorized_client',
      700016,
      () => post(V1, v1({ client_id: `%00${client.clientId}` })),
    ],
    'a JSON body': [
      400,
      'invalid_request',
      900144,
      () => post(V1, JSON.stringify({ grant_type: 'client_credentials' })),
    ],
    'a multipart body': [
      400,
      'invalid_request',
      900144,
      () => post(V1, 'x', { 'content-type': 'multipart/form-data; boundary=x' }),
    ],
    'a content type that is none': [
      415,
      'invalid_request',
      90013,
      () => post(V1, v1(), { 'content-type': ';;' }),
    ],
    'a compressed body': [
      415,
      'invalid_request',
      90013,
      () => post(V1, v1(), { 'content-encoding': 'gzip' }),
    ],
    'a huge form': [413, 'invalid_request', 90013, () => post(V1, `${v1()}&x=${'y'.repeat(100_000)}`)],
    'a hundred thousand fields': [413, 'invalid_request', 90013, () => post(V1, 'a=1&'.repeat(100_000))],
    'a path below a tenant that does not exist': [
      404,
      'invalid_request',
      90013,
      () => post(`/${TENANT}/oauth2/nothing`, ''),
    ],
  };
  test.each(Object.keys(refused))('%s', async (name) => {
    const [status, error, aadsts, send] = refused[name] ?? [];
    const sent = await send?.();
    expect(sent?.status).toBe(status);
    expect(sent?.body).toMatchObject({ error, error_codes: [aadsts] });
    expect(Object.keys(sent?.body ?? {})).toEqual([
      'error',
      'error_description',
      'error_codes',
      'timestamp',
      'trace_id',
      'correlation_id',
      'error_uri',
    ]);
    expect(sent?.body['error_description']).toMatch(
      /^AADSTS\d+: .+ Trace ID: [0-9a-f-]{36} Correlation ID: [0-9a-f-]{36} Timestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/,
    );
    expect(sent?.headers.get('content-type')).toMatch(/^application\/json/);
    expect(sent?.text).not.toContain(client.clientSecret);
  });

  test('of an expired secret', async () => {
    const expiring = await makeApp(server);
    await server.store.db
      .updateTable('application_secrets')
      .set({ expires_at: new Date(server.clock.nowMs() - 1).toISOString() })
      .where('application', '=', expiring.clientId)
      .execute();
    const sent = await post(V1, v1({ client_id: expiring.clientId, client_secret: expiring.clientSecret }));
    expect(sent.status).toBe(401);
    expect(sent.body['error_codes']).toEqual([7000222]);
  });

  test('a GET names the method', async () => {
    const response = await fetch(`${server.url}${V1}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error_codes: [900561] });
  });

  test('the correlation id is the client`s where it is a GUID, and never breaks out of the text', async () => {
    const id = 'E1D2C3B4-a596-4788-9a0b-1c2d3e4f5061';
    expect((await post(V1, '', { 'client-request-id': id })).body['correlation_id']).toBe(id.toLowerCase());
    expect((await post(V1, '', { 'client-request-id': 'x' })).body['correlation_id']).not.toBe('x');
    const sent = await post(V1, v1({ client_id: '%0d%0aTrace%20ID:%20x%0a' }));
    expect(sent.body['error_description']).not.toMatch(/[\r\n]/);
  });
});

describe('keys and discovery', () => {
  test('a client verifies a token with what discovery names', async () => {
    for (const [version, path] of [
      [1, `/${TENANT}/.well-known/openid-configuration`],
      [2, `/${TENANT}/v2.0/.well-known/openid-configuration`],
    ] as const) {
      const document = (await (await fetch(server.url + path)).json()) as Record<string, string>;
      expect(document).toMatchObject({
        issuer: version === 1 ? `${server.url}/${TENANT}/` : `${server.url}/${TENANT}/v2.0`,
        token_endpoint: server.url + (version === 1 ? V1 : V2),
        authorization_endpoint: expect.stringContaining(`${server.url}/${TENANT}/oauth2/`),
      });
      const tokenUrl = new URL(document['token_endpoint'] ?? '').pathname;
      const id = '8ee8fdad-f234-4243-8f3b-15c294843740';
      const sent = await post(tokenUrl, version === 1 ? v1() : v2({ scope: `${id}/.default` }));
      const { payload } = await jwtVerify(
        String(sent.body['access_token']),
        createRemoteJWKSet(new URL(document['jwks_uri'] ?? '')),
        { issuer: document['issuer'] ?? '', audience: version === 1 ? XDR : id },
      );
      expect(payload['tid']).toBe(TENANT);
    }
  });

  test('keys are public members only, for every tenant`s path', async () => {
    for (const tenant of [TENANT, 'common']) {
      for (const path of ['discovery/keys', 'discovery/v2.0/keys']) {
        const { keys } = (await (await fetch(`${server.url}/${tenant}/${path}`)).json()) as {
          keys: object[];
        };
        expect(keys.length).toBeGreaterThan(0);
        for (const key of keys) {
          expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use', 'x5t']);
        }
      }
    }
  });

  test('the host is mirrored for loopback names and never for a stranger`s', async () => {
    const port = new URL(server.url).port;
    const issuerFor = async (host: string) => {
      const url = `/${TENANT}/v2.0/.well-known/openid-configuration`;
      const response = await server.app.inject({ url, headers: { host } });
      return response.json<{ issuer: string }>().issuer;
    };
    expect(await issuerFor(`localhost:${port}`)).toBe(`http://localhost:${port}/${TENANT}/v2.0`);
    expect(await issuerFor(`[::1]:${port}`)).toBe(`http://[::1]:${port}/${TENANT}/v2.0`);
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      'localhost:1@evil',
      '127.0.0.1:1/x',
      'localhost:999999',
    ]) {
      expect(await issuerFor(host)).toBe(`${server.url}/${TENANT}/v2.0`);
    }
  });

  test('an unknown tenant has no document, the common one a template', async () => {
    const unknown = await fetch(`${server.url}/${client.clientId}/v2.0/.well-known/openid-configuration`);
    expect(unknown.status).toBe(400);
    expect(await unknown.json()).toMatchObject({ error_codes: [90002] });
    const common = await fetch(`${server.url}/common/v2.0/.well-known/openid-configuration`);
    expect(await common.json()).toMatchObject({ issuer: `${server.url}/{tenantid}/v2.0` });
  });

  test('instance discovery names this server whatever was asked about', async () => {
    for (const asked of ['https://login.microsoftonline.com', server.url, 'http://127.0.0.1']) {
      const query = new URLSearchParams({
        'api-version': '1.1',
        authorization_endpoint: `${asked}/${TENANT}/oauth2/v2.0/authorize`,
      });
      const response = await fetch(`${server.url}/common/discovery/instance?${query}`);
      expect(response.status).toBe(200);
      const { host } = new URL(server.url);
      expect(await response.json()).toMatchObject({
        tenant_discovery_endpoint: `${server.url}/${TENANT}/v2.0/.well-known/openid-configuration`,
        metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
      });
    }
  });
});

test('the published bash sample takes its token', async ({ skip }) => {
  const shared =
    process.env['SPOOR_SHARED'] ?? join(dirname(fileURLToPath(import.meta.url)), '../../../shared');
  const folder = join(shared, 'seeds');
  if (!existsSync(folder)) {
    if (process.env['CI'] === 'true') throw new Error('the shared folder is missing: set SPOOR_SHARED');
    skip('the shared folder is absent');
  }
  const file = readdirSync(folder).find((name) => name.startsWith('003')) ?? '';
  const page = readFileSync(join(folder, file), 'utf8');
  const block = /```Bash\n(tenantId=[\s\S]*?)```/.exec(page)?.[1] ?? '';
  expect(block).toContain('        grant_type=client_credentials');
  // Only the host and the ids are changed.
  const script = block
    .replace('https://login.microsoftonline.com', server.url)
    .replace("tenantId=''", `tenantId='${TENANT}'`)
    .replace("appId=''", `appId='${client.clientId}'`)
    .replace("appSecret=''", `appSecret='${client.clientSecret}'`);
  const work = mkdtempSync(join(tmpdir(), 'spoor-bash-'));
  writeFileSync(join(work, 'token.sh'), script);
  const { ALL_PROXY, all_proxy, HTTP_PROXY, http_proxy, ...env } = process.env;
  await promisify(execFile)('bash', ['token.sh'], { cwd: work, env }).catch(() => undefined);
  const token = readFileSync(join(work, 'LatestSIEM-token.txt'), 'utf8').trim();
  rmSync(work, { recursive: true });
  expect(decodeJwt(token)).toMatchObject({ aud: 'https://graph.windows.net', tid: TENANT });
});

function percent(text: string): string {
  return [...text].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('');
}

function basic(id: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}
