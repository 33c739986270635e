import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorOf, RUN, useApi } from './api.ts';
import { authorizePath, CALLBACK, pkce, signInParts } from './oauth-browser.ts';
import { TENANT, tokenFor } from './server.ts';
import { FORM, useTokenRequests, V1, V2 } from './token-requests.ts';

const api = useApi();
const tokens = useTokenRequests();

describe('a parameter that comes twice', () => {
  test.each(['grant_type', 'client_id', 'client_secret', 'resource', 'scope', 'client_assertion', 'code'])(
    'is refused at the token endpoint: %s',
    async (name) => {
      for (const [path, form] of [
        [V1, tokens.v1()],
        [V2, tokens.v2()],
      ] as const) {
        const { status, body } = await tokens.post(path, `${form}&${name}=x&%20${name}=y`, FORM);
        expect([status, body['error'], body['error_codes']]).toEqual([400, 'invalid_request', [9000411]]);
      }
    },
  );

  test('is not taken from the token endpoint`s query string', async () => {
    const { body } = await tokens.post(`${V1}?${tokens.v1()}`, 'grant_type=client_credentials', FORM);
    expect(body).toMatchObject({ error: 'invalid_request', error_codes: [900144] });
  });

  test('is sent back, or shown where nobody can be sent, by the authorization endpoint', async () => {
    const { client } = await signInParts(tokens.server);
    const { challenge } = pkce();
    const path = authorizePath(client.id, {
      code_challenge: challenge,
      code_challenge_method: 'S256',
      response_mode: 'query',
    });
    const again = (name: string, value: string) =>
      fetch(`${tokens.server.url}${path}&${name}=${encodeURIComponent(value)}`, { redirect: 'manual' });
    for (const [name, value] of [
      ['client_id', client.id],
      ['redirect_uri', CALLBACK],
      ['redirect_uri', 'https://evil.example/'],
      ['response_mode', 'query'],
      ['state', 'x'],
    ] as const) {
      const answer = await again(name, value);
      expect([name, answer.status, answer.headers.get('location')]).toEqual([name, 400, null]);
    }
    for (const [name, value] of [
      ['scope', 'openid'],
      ['code_challenge', challenge],
      ['code_challenge_method', 'plain'],
      ['response_type', 'token'],
      ['nonce', 'x'],
    ] as const) {
      const { location } = Object.fromEntries((await again(name, value)).headers);
      expect([name, new URL(location ?? '').searchParams.get('error')]).toEqual([name, 'invalid_request']);
    }
  });

  test.each(['ago=PT1H&ago=PT2H', 'limit=1&LIMIT=2', 'sinceTimeUtc=2020-01-01&sinceTimeUtc=2021-01-01'])(
    'is refused by the SIEM pull: %s',
    async (query) => {
      const client = { ...tokens.client };
      const app = await tokens.server.directory.createApplication({
        tenant: TENANT,
        name: 'siem',
        roles: ['Alert.Read.All'],
      });
      const bearer = await tokenFor(tokens.server, { ...client, ...app }, 'https://graph.windows.net');
      const answer = await fetch(`${tokens.server.url}/api/alerts?${query}`, {
        headers: { authorization: `Bearer ${bearer}` },
      });
      expect(await errorOf(answer)).toMatchObject({ status: 400, code: 'InvalidInput' });
    },
  );
});

describe('a token that says where its key is', () => {
  let asked = 0;
  const place = createServer((_request, response) => {
    asked++;
    response.end('{"keys":[]}');
  });
  beforeAll(() => new Promise<void>((resolve) => place.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise<void>((resolve) => place.close(() => resolve())));

  test('is refused, and nobody is asked', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const url = `http://127.0.0.1:${(place.address() as AddressInfo).port}/keys`;
    const kid = String(decodeProtectedHeader(api.token).kid);
    const jwk = await exportJWK(publicKey);
    for (const header of [
      { kid, jku: url },
      { kid: url, jku: url },
      { kid, x5u: url },
      { kid, x5c: ['MIIB'] },
      { kid, jwk },
      { kid: `../../${kid}` },
      { kid: `${kid}' OR '1'='1` },
      { kid, crit: ['exp'], exp: 1 },
      { kid, b64: false, crit: ['b64'] },
    ]) {
      const forged = await new SignJWT(decodeJwt(api.token))
        .setProtectedHeader({ alg: 'RS256', ...header })
        .sign(privateKey)
        // What the library would not sign is refused for its signature all the same.
        .catch(
          () => `${Buffer.from(JSON.stringify({ alg: 'RS256', ...header })).toString('base64url')}.e30.e30`,
        );
      const answer = await api.send(RUN, '{"Query":"print 1"}', { authorization: `Bearer ${forged}` });
      expect([JSON.stringify(header), answer.status]).toEqual([JSON.stringify(header), 401]);
    }
    expect(asked).toBe(0);
  });
});

describe('a request that two servers would read differently', () => {
  const head = () => `POST ${RUN} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.token}\r\n`;
  test.each([
    ['a length and chunks', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd'],
    ['a length with a sign', 'Content-Length: +4\r\n\r\nabcd'],
    ['a coding nobody knows', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['a chunk without a length', 'Transfer-Encoding: chunked\r\n\r\nx\r\n\r\n'],
    ['a header on two lines', 'X: a\r\n b\r\nContent-Length: 0\r\n\r\n'],
    ['a blank before the colon', 'Content-Length : 4\r\n\r\nabcd'],
  ])('is refused: %s', async (_name, rest) => {
    expect(await api.raw(head() + rest)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(api.asked).toHaveLength(0);
  });
});

describe('a body', () => {
  test.each([
    ['nested a million times', `${'['.repeat(1_000_000)}`],
    ['nested and closed', `${'{"Query":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['of another kind', '"print 1"'],
    ['that is no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['with a query in its prototype', '{"__proto__":{"Query":"print 1"}}'],
    ['with a query that is a list', '{"Query":["print 1"]}'],
    ['cut off', '{"Query":"print 1'],
    ['with two values', '{"Query":"print 1"}{"Query":"print 2"}'],
  ])('%s is refused, and the next one is answered', async (_name, body) => {
    expect(await errorOf(await api.send(RUN, body))).toMatchObject({
      status: 400,
      code: 'InvalidRequestBody',
    });
    expect(api.asked).toHaveLength(0);
    expect((await api.send(RUN, '{"Query":"print 1"}')).status).toBe(200);
  });

  test('of a form with tens of thousands of fields is read in time', async () => {
    const many = Array.from({ length: 15_000 }, (_, i) => `${i.toString(36)}=`).join('&');
    const startedMs = performance.now();
    const { body } = await tokens.post(V1, many, FORM);
    expect(body).toMatchObject({ error: 'invalid_request' });
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  test('of a form that is too large is refused by name', async () => {
    const { status, body } = await tokens.post(V1, `${tokens.v1()}&x=${'x'.repeat(100_000)}`, FORM);
    expect([status, body['error']]).toEqual([413, 'invalid_request']);
  });
});

describe('a tenant in the path', () => {
  test.each([
    '..%2f..%2fetc',
    '%00',
    "'%20OR%20'1'='1",
    'x'.repeat(2000),
    '__proto__',
    '%25',
    '%F0%9F%92%A9',
  ])('%s is none', async (tenant) => {
    const { status, text } = await tokens.post(`/${tenant}/oauth2/token`, tokens.v1(), FORM);
    expect(status).toBe(400);
    expect(text).toContain('AADSTS');
    expect(text).not.toMatch(/node_modules|SELECT|\bat .*:\d+:\d+/);
  });
});
