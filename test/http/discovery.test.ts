import { createRemoteJWKSet, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { TENANT } from './server.ts';
import { useTokenRequests, V1, V2, XDR } from './token-requests.ts';

const tokens = useTokenRequests();

describe('keys and discovery', () => {
  test('a client verifies a token with what discovery names', async () => {
    for (const [version, path] of [
      [1, `/${TENANT}/.well-known/openid-configuration`],
      [2, `/${TENANT}/v2.0/.well-known/openid-configuration`],
    ] as const) {
      const document = (await (await fetch(tokens.server.url + path)).json()) as Record<string, string>;
      expect(document).toMatchObject({
        issuer: version === 1 ? `${tokens.server.url}/${TENANT}/` : `${tokens.server.url}/${TENANT}/v2.0`,
        token_endpoint: tokens.server.url + (version === 1 ? V1 : V2),
        authorization_endpoint: expect.stringContaining(`${tokens.server.url}/${TENANT}/oauth2/`),
      });
      const tokenUrl = new URL(document['token_endpoint'] ?? '').pathname;
      const id = '8ee8fdad-f234-4243-8f3b-15c294843740';
      const sent = await tokens.post(
        tokenUrl,
        version === 1 ? tokens.v1() : tokens.v2({ scope: `${id}/.default` }),
      );
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
        const { keys } = (await (await fetch(`${tokens.server.url}/${tenant}/${path}`)).json()) as {
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
    const port = new URL(tokens.server.url).port;
    const issuerFor = async (host: string) => {
      const url = `/${TENANT}/v2.0/.well-known/openid-configuration`;
      const response = await tokens.server.app.inject({ url, headers: { host } });
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
      expect(await issuerFor(host)).toBe(`${tokens.server.url}/${TENANT}/v2.0`);
    }
  });

  test('an unknown tenant has no document, the common one a template', async () => {
    const unknown = await fetch(
      `${tokens.server.url}/${tokens.client.clientId}/v2.0/.well-known/openid-configuration`,
    );
    expect(unknown.status).toBe(400);
    expect(await unknown.json()).toMatchObject({ error_codes: [90002] });
    const common = await fetch(`${tokens.server.url}/common/v2.0/.well-known/openid-configuration`);
    expect(await common.json()).toMatchObject({ issuer: `${tokens.server.url}/{tenantid}/v2.0` });
  });

  test('instance discovery names this server whatever was asked about', async () => {
    for (const asked of ['https://login.microsoftonline.com', tokens.server.url, 'http://127.0.0.1']) {
      const query = new URLSearchParams({
        'api-version': '1.1',
        authorization_endpoint: `${asked}/${TENANT}/oauth2/v2.0/authorize`,
      });
      const response = await fetch(`${tokens.server.url}/common/discovery/instance?${query}`);
      expect(response.status).toBe(200);
      const { host } = new URL(tokens.server.url);
      expect(await response.json()).toMatchObject({
        tenant_discovery_endpoint: `${tokens.server.url}/${TENANT}/v2.0/.well-known/openid-configuration`,
        metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
      });
    }
  });
});
