import { describe, expect, test } from 'vitest';
import { ASSERTION_TYPE } from '../../src/identity/client-assertion.ts';
import { makeApp, OTHER_TENANT, TENANT } from './server.ts';
import { basic, type Sent, useTokenRequests, V1, V2, XDR } from './token-requests.ts';

const tokens = useTokenRequests();

describe('refusals', () => {
  const refused: Record<string, readonly [number, string, number, () => Promise<Sent>]> = {
    'a wrong secret': [
      401,
      'invalid_client',
      7000215,
      () => tokens.post(V1, tokens.v1({ client_secret: 'x' })),
    ],
    'a secret one character short': [
      401,
      'invalid_client',
      7000215,
      () => tokens.post(V1, tokens.v1({ client_secret: tokens.client.clientSecret.slice(1) })),
    ],
    'no secret': [401, 'invalid_client', 7000218, () => tokens.post(V1, tokens.v1({ client_secret: '' }))],
    'an assertion without a certificate': [
      401,
      'invalid_client',
      700027,
      () =>
        tokens.post(
          V1,
          tokens.v1({ client_secret: '', client_assertion: 'a.b.c', client_assertion_type: ASSERTION_TYPE }),
        ),
    ],
    'an unknown application': [
      400,
      'unauthorized_client',
      700016,
      () => tokens.post(V1, tokens.v1({ client_id: OTHER_TENANT })),
    ],
    'an application of another tenant': [
      400,
      'unauthorized_client',
      700016,
      () => tokens.post(V1.replace(TENANT, OTHER_TENANT), tokens.v1()),
    ],
    'an unknown tenant': [
      400,
      'invalid_request',
      90002,
      () => tokens.post(V1.replace(TENANT, tokens.client.clientId), tokens.v1()),
    ],
    'the common tenant': [
      400,
      'invalid_request',
      50194,
      () => tokens.post(V1.replace(TENANT, 'common'), tokens.v1()),
    ],
    'an unknown resource': [
      400,
      'invalid_resource',
      500011,
      () => tokens.post(V1, tokens.v1({ resource: 'https://nowhere.example' })),
    ],
    'an inherited name as resource': [
      400,
      'invalid_resource',
      500011,
      () => tokens.post(V1, tokens.v1({ resource: '__proto__' })),
    ],
    'no resource': [400, 'invalid_request', 900144, () => tokens.post(V1, tokens.v1({ resource: '' }))],
    'no scope': [400, 'invalid_request', 900144, () => tokens.post(V2, tokens.v2({ scope: '' }))],
    'two resources in a scope': [
      400,
      'invalid_scope',
      70011,
      () => tokens.post(V2, tokens.v2({ scope: `${XDR}/.default https://graph.microsoft.com/.default` })),
    ],
    'a scope without the suffix': [
      400,
      'invalid_scope',
      1002012,
      () => tokens.post(V2, tokens.v2({ scope: `${XDR}/AdvancedHunting.Read` })),
    ],
    'a scope that is only the suffix': [
      400,
      'invalid_scope',
      1002012,
      () => tokens.post(V2, tokens.v2({ scope: '/.default' })),
    ],
    'no grant': [400, 'invalid_request', 900144, () => tokens.post(V1, tokens.v1({ grant_type: '' }))],
    'an unknown grant': [
      400,
      'unsupported_grant_type',
      70003,
      () => tokens.post(V1, tokens.v1({ grant_type: 'toString' })),
    ],
    'a repeated field': [
      400,
      'invalid_request',
      9000411,
      () => tokens.post(V1, `${tokens.v1()}&client_secret=x`),
    ],
    'a repeated field, one name with blanks': [
      400,
      'invalid_request',
      9000411,
      () => tokens.post(V1, `${tokens.v1()}&  client_id=x`),
    ],
    'two different client ids': [
      400,
      'invalid_request',
      90013,
      () => tokens.post(V1, tokens.v1(), basic(OTHER_TENANT, 'x')),
    ],
    'an empty body': [400, 'invalid_request', 900144, () => tokens.post(V1, '')],
    'bytes that are no text': [
      400,
      'invalid_request',
      900144,
      () => tokens.post(V1, Buffer.from([0xff, 0x00, 0xfe, 0x3d, 0x80])),
    ],
    'a NUL in the client id': [
      400,
      'unauthorized_client',
      700016,
      () => tokens.post(V1, tokens.v1({ client_id: `%00${tokens.client.clientId}` })),
    ],
    'a JSON body': [
      400,
      'invalid_request',
      900144,
      () => tokens.post(V1, JSON.stringify({ grant_type: 'client_credentials' })),
    ],
    'a multipart body': [
      400,
      'invalid_request',
      900144,
      () => tokens.post(V1, 'x', { 'content-type': 'multipart/form-data; boundary=x' }),
    ],
    'a content type that is none': [
      415,
      'invalid_request',
      90013,
      () => tokens.post(V1, tokens.v1(), { 'content-type': ';;' }),
    ],
    'a compressed body': [
      415,
      'invalid_request',
      90013,
      () => tokens.post(V1, tokens.v1(), { 'content-encoding': 'gzip' }),
    ],
    'a huge form': [
      413,
      'invalid_request',
      90013,
      () => tokens.post(V1, `${tokens.v1()}&x=${'y'.repeat(100_000)}`),
    ],
    'a hundred thousand fields': [
      413,
      'invalid_request',
      90013,
      () => tokens.post(V1, 'a=1&'.repeat(100_000)),
    ],
    'a path below a tenant that does not exist': [
      404,
      'invalid_request',
      90013,
      () => tokens.post(`/${TENANT}/oauth2/nothing`, ''),
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
    expect(sent?.text).not.toContain(tokens.client.clientSecret);
  });

  test('of an expired secret', async () => {
    const expiring = await makeApp(tokens.server);
    await tokens.server.store.db
      .updateTable('application_secrets')
      .set({ expires_at: new Date(tokens.server.clock.nowMs() - 1).toISOString() })
      .where('application', '=', expiring.clientId)
      .execute();
    const sent = await tokens.post(
      V1,
      tokens.v1({ client_id: expiring.clientId, client_secret: expiring.clientSecret }),
    );
    expect(sent.status).toBe(401);
    expect(sent.body['error_codes']).toEqual([7000222]);
  });

  test('a GET names the method', async () => {
    const response = await fetch(`${tokens.server.url}${V1}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error_codes: [900561] });
  });

  test('the correlation id is the client`s where it is a GUID, and never breaks out of the text', async () => {
    const id = 'E1D2C3B4-a596-4788-9a0b-1c2d3e4f5061';
    expect((await tokens.post(V1, '', { 'client-request-id': id })).body['correlation_id']).toBe(
      id.toLowerCase(),
    );
    expect((await tokens.post(V1, '', { 'client-request-id': 'x' })).body['correlation_id']).not.toBe('x');
    const sent = await tokens.post(V1, tokens.v1({ client_id: '%0d%0aTrace%20ID:%20x%0a' }));
    expect(sent.body['error_description']).not.toMatch(/[\r\n]/);
  });
});
