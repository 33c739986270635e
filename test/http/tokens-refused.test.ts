import { createPublicKey } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { existingTenant } from '../../src/identity/directory/tenants.ts';
import { createUser } from '../../src/identity/directory/users.ts';
import { startFamily } from '../../src/identity/token-family.ts';
import {
  makeApp,
  OTHER_TENANT,
  startServer,
  TENANT,
  type TestApp,
  type TestServer,
  TOKEN_LIFE_MS,
  tokenFor,
} from './server.ts';

let server: TestServer;
let client: TestApp;
let good: string;

beforeAll(async () => {
  server = await startServer();
  client = await makeApp(server);
  good = await tokenFor(server, client);
});
afterAll(() => server.close());

async function run(authorization: string | undefined) {
  const response = await fetch(`${server.url}/api/advancedhunting/run`, {
    method: 'POST',
    body: '{"Query":"print 1"}',
    ...(authorization === undefined ? {} : { headers: { authorization } }),
  });
  const body = (await response.json()) as { error?: { code: string; message: string; target: string } };
  return { status: response.status, error: body.error, challenge: response.headers.get('www-authenticate') };
}

/** A token signed with the server's own key: only the claims differ from a good one. */
async function signed(
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  const { kid, key } = await server.keys.signingKey();
  return new SignJWT({ ...decodeJwt(good), ...claims })
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid, ...header })
    .sign(key);
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a good token passes, in any case of the scheme, and so does a copy that we signed', async () => {
  for (const scheme of ['Bearer', 'bearer', 'BEARER  ']) {
    expect((await run(`${scheme} ${good}`)).status).toBe(200);
  }
  expect((await run(`Bearer ${await signed({})}`)).status).toBe(200);
});

describe('401 for', () => {
  const seconds = () => Math.floor(server.clock.nowMs() / 1000);
  const cases: Record<string, () => Promise<string | undefined> | string | undefined> = {
    'no header': () => undefined,
    'an empty header': () => '',
    'another scheme': () => 'Basic eDp5',
    'the command line`s key': () => `SpoorKey ${server.cliKey}`,
    'no token': () => 'Bearer',
    garbage: () => 'Bearer a.b.c',
    'a token and more': () => `Bearer ${good} x`,
    'an endless token': () => `Bearer ${'a'.repeat(10_000)}.a.a`,
    'algorithm none': () => `Bearer ${part({ alg: 'none', typ: 'JWT' })}.${part(decodeJwt(good))}.`,
    'algorithm none with the key id': () =>
      `Bearer ${part({ ...decodeProtectedHeader(good), alg: 'none' })}.${good.split('.')[1]}.${good.split('.')[2]}`,
    'HS256 with the public key as secret': async () => {
      const [jwk] = await server.keys.publicKeys();
      if (jwk === undefined) throw new Error('no key');
      const pem = createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
      const token = await new SignJWT(decodeJwt(good))
        .setProtectedHeader({ alg: 'HS256', kid: jwk.kid })
        .sign(Buffer.from(pem));
      return `Bearer ${token}`;
    },
    'ES256 under our key id': async () => {
      const { privateKey } = await generateKeyPair('ES256');
      const kid = String(decodeProtectedHeader(good).kid);
      const token = await new SignJWT(decodeJwt(good))
        .setProtectedHeader({ alg: 'ES256', kid })
        .sign(privateKey);
      return `Bearer ${token}`;
    },
    'a strange key under our key id': async () => {
      const { privateKey } = await generateKeyPair('RS256');
      const kid = String(decodeProtectedHeader(good).kid);
      const token = await new SignJWT(decodeJwt(good))
        .setProtectedHeader({ alg: 'RS256', kid })
        .sign(privateKey);
      return `Bearer ${token}`;
    },
    'a key of its own in the header': async () => {
      const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
      const jwk = await exportJWK(publicKey);
      const token = await new SignJWT(decodeJwt(good))
        .setProtectedHeader({ alg: 'RS256', kid: 'mine', jwk })
        .sign(privateKey);
      return `Bearer ${token}`;
    },
    'an unknown key id': async () => `Bearer ${await signed({}, { kid: 'x' })}`,
    'a changed payload': () => {
      const [header, , signature] = good.split('.');
      return `Bearer ${header}.${part({ ...decodeJwt(good), roles: ['Events.Write.All'] })}.${signature}`;
    },
    'an expired one': async () => `Bearer ${await signed({ exp: seconds() - 1 })}`,
    'one that was taken before it expired': async () => {
      const token = await signed({ exp: seconds() + 2 });
      expect((await run(`Bearer ${token}`)).status).toBe(200);
      server.clock.set(server.clock.nowMs() + 3000);
      return `Bearer ${token}`;
    },
    'one not yet valid': async () => `Bearer ${await signed({ nbf: seconds() + 60 })}`,
    'one without an end': async () => `Bearer ${await signed({ exp: undefined })}`,
    'another tenant than the issuer`s': async () => `Bearer ${await signed({ tid: OTHER_TENANT })}`,
    'another tenant altogether': async () =>
      `Bearer ${await signed({ tid: OTHER_TENANT, iss: `${server.url}/${OTHER_TENANT}/` })}`,
    'a stranger`s issuer': async () =>
      `Bearer ${await signed({ iss: `https://sts.windows.net/${TENANT}/` })}`,
    'the audience of the SIEM API': async () =>
      `Bearer ${await tokenFor(server, client, 'https://graph.windows.net')}`,
    'the audience of Graph': async () =>
      `Bearer ${await tokenFor(server, client, 'https://graph.microsoft.com')}`,
    'an unknown audience': async () => `Bearer ${await signed({ aud: 'https://nowhere.example' })}`,
    'several audiences': async () =>
      `Bearer ${await signed({ aud: ['https://api.security.microsoft.com', 'https://nowhere.example'] })}`,
    'a deleted application': async () => {
      const gone = await makeApp(server);
      const token = await tokenFor(server, gone);
      expect((await run(`Bearer ${token}`)).status).toBe(200);
      await server.directory.deleteApplication(TENANT, gone.clientId);
      return `Bearer ${token}`;
    },
  };
  test.each(Object.keys(cases))('%s', async (name) => {
    const { status, error, challenge } = await run(await cases[name]?.());
    expect(status).toBe(401);
    expect(error).toEqual({
      code: 'Unauthorized',
      message: expect.any(String),
      target: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(challenge).toBe(
      `Bearer authorization_uri="${server.url}/common/oauth2/authorize", ` +
        `error="invalid_token", error_description="${error?.message}"`,
    );
  });
});

test('403 names the roles that are needed and those that there are', async () => {
  const poor = await makeApp(server, ['Incident.Read.All', 'Alert.Read.All']);
  expect(await run(`Bearer ${await tokenFor(server, poor)}`)).toMatchObject({
    status: 403,
    error: {
      code: 'Forbidden',
      message:
        'Missing application roles. API required roles: AdvancedHunting.Read.All, ' +
        'application roles: Incident.Read.All,Alert.Read.All.',
    },
  });
  const none = await makeApp(server, []);
  const token = await tokenFor(server, none);
  expect(decodeJwt(token)).not.toHaveProperty('roles');
  expect((await run(`Bearer ${token}`)).status).toBe(403);
});

test('a user`s token needs the delegated permission; an application`s role does not stand in for it', async () => {
  const { parts } = server.directory;
  const tenant = await existingTenant(parts, TENANT);
  const { id } = await createUser(parts, tenant, { upn: 'ada@example.org', roles: ['view-data'] });
  const family = await startFamily(parts, { tenant: TENANT, application: client.clientId, user: id });
  const user = { scp: 'AdvancedHunting.Read Incident.Read', oid: id, sid: family.id, roles: undefined };
  for (const stranger of [{ oid: TENANT }, { sid: TENANT }, { sid: undefined }]) {
    expect((await run(`Bearer ${await signed({ ...user, ...stranger })}`)).status).toBe(401);
  }
  expect((await run(`Bearer ${await signed(user)}`)).status).toBe(200);
  expect((await run(`Bearer ${await signed({ ...user, scp: 'Incident.Read' })}`)).status).toBe(403);
  expect(
    (await run(`Bearer ${await signed({ ...user, scp: 'x', roles: ['AdvancedHunting.Read.All'] })}`)).status,
  ).toBe(403);
});

test('every audience that opens hunting is taken', async () => {
  for (const resource of [
    'https://security.microsoft.com/mtp/',
    'https://API.securitycenter.microsoft.com',
    'https://api.securitycenter.windows.com/',
    'https://securitycenter.onmicrosoft.com/windowsatpservice',
    'fc780465-2017-40d4-a0c5-307022471b92',
    server.url,
    server.url.replace(/:\d+$/, ''),
  ]) {
    expect((await run(`Bearer ${await tokenFor(server, client, resource)}`)).status, resource).toBe(200);
  }
});

test('keys rotate: old tokens verify until the last of them has ended', async () => {
  const own = await startServer();
  const app = await makeApp(own);
  const start = own.clock.nowMs();
  const call = async (token: string) =>
    (
      await own.app.inject({
        method: 'POST',
        url: '/api/advancedhunting/run',
        headers: { authorization: `Bearer ${token}` },
        payload: '{"Query":"print 1"}',
      })
    ).statusCode;
  const old = await tokenFor(own, app);
  await own.keys.rotate();
  const young = await tokenFor(own, app);
  expect(decodeProtectedHeader(young).kid).not.toBe(decodeProtectedHeader(old).kid);
  expect((await own.keys.publicKeys()).length).toBe(2);
  expect([await call(old), await call(young)]).toEqual([200, 200]);
  own.clock.set(start + TOKEN_LIFE_MS + 1000);
  expect((await own.keys.publicKeys()).length).toBe(1);
  expect([await call(old), await call(young)]).toEqual([401, 401]);
  own.clock.set(start + 31 * 86_400_000);
  const next = await tokenFor(own, app);
  expect(decodeProtectedHeader(next).kid).not.toBe(decodeProtectedHeader(young).kid);
  expect(await call(next)).toBe(200);
  await own.close();
});

test('a public key from the documents verifies but never signs', async () => {
  const [jwk] = await server.keys.publicKeys();
  if (jwk === undefined) throw new Error('no key');
  const key = await importJWK(jwk, 'RS256');
  await expect(new SignJWT({}).setProtectedHeader({ alg: 'RS256' }).sign(key)).rejects.toThrow();
});
