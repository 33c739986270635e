import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, test } from 'vitest';
import { makeApp, startServer, TENANT } from './server.ts';
import { FORM, useTokenRequests, V1, V2, XDR } from './token-requests.ts';

const tokens = useTokenRequests();

describe('the answer', () => {
  test('of version 1: members in the order that scripts count on, one line, integers', async () => {
    const { status, body, text, headers } = await tokens.post(V1, tokens.v1(), FORM);
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
      payload: tokens.v1({ client_id: clientId, client_secret: clientSecret }),
    });
    expect(response.json()).toMatchObject({ expires_in: '3599', expires_on: expect.stringMatching(/^\d+$/) });
    await strings.close();
  });

  test('of version 2: four members, no scope, no refresh token', async () => {
    const { status, body } = await tokens.post(V2, tokens.v2(), FORM);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['token_type', 'expires_in', 'ext_expires_in', 'access_token']);
    expect(body['expires_in']).toBe(3599);
  });

  test('carries the claims of a version 1 token at both endpoints', async () => {
    for (const [path, body] of [
      [V1, tokens.v1()],
      [V2, tokens.v2()],
    ] as const) {
      const token = String((await tokens.post(path, body)).body['access_token']);
      expect(decodeJwt(token)).toMatchObject({
        aud: XDR,
        iss: `${tokens.server.url}/${TENANT}/`,
        idp: `${tokens.server.url}/${TENANT}/`,
        appid: tokens.client.clientId,
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
    const token = String(
      (await tokens.post(V2, tokens.v2({ scope: `${id}/.default` }))).body['access_token'],
    );
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({
      aud: id,
      iss: `${tokens.server.url}/${TENANT}/v2.0`,
      azp: tokens.client.clientId,
      azpacr: '1',
      ver: '2.0',
    });
    expect(claims).not.toHaveProperty('appid');
    expect(decodeProtectedHeader(token)).not.toHaveProperty('x5t');
  });

  test('is for the server itself, by its own URL with its port and without it', async () => {
    const bare = tokens.server.url.replace(/:\d+$/, '');
    for (const own of [tokens.server.url, bare, bare.replace('http:', 'https:'), `${tokens.server.url}/`]) {
      expect((await tokens.post(V1, tokens.v1({ resource: own }))).body).toMatchObject({ resource: own });
      expect((await tokens.post(V2, tokens.v2({ scope: `${own}/.default` }))).status).toBe(200);
    }
    for (const foreign of [
      `${bare}:1`,
      'http://127.0.0.1.example.org',
      `${tokens.server.url}/x`,
      `http://a@127.0.0.1`,
    ]) {
      expect((await tokens.post(V1, tokens.v1({ resource: foreign }))).body['error_codes']).toEqual([500011]);
    }
  });
});
