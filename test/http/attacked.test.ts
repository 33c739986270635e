import { createPublicKey, randomUUID, X509Certificate } from 'node:crypto';
import { type AddressInfo, connect, type Socket } from 'node:net';
import Fastify from 'fastify';
import { decodeJwt, exportJWK, generateKeyPair, importPKCS8, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendApiError } from '../../src/http/errors.ts';
import { takeBytes } from '../../src/http/request-body.ts';
import { ASSERTION_TYPE } from '../../src/identity/client-assertion.ts';
import { type Application, registerApplication } from '../../src/identity/directory/applications.ts';
import { addCertificate } from '../../src/identity/directory/certificates.ts';
import { existingTenant } from '../../src/identity/directory/tenants.ts';
import { makeCertificate } from '../certificate.ts';
import { type OutsideIssuer, startIssuer } from './issuer.ts';
import { token, XDR } from './oauth-browser.ts';
import { OTHER_TENANT, startServer, TENANT, type TestServer } from './server.ts';

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

let server: TestServer;
let issuer: OutsideIssuer;
let iss: string;
let theirs: Keys;
let app: Application;
let pem: { readonly certificate: string; readonly key: string };

beforeAll(async () => {
  issuer = await startIssuer();
  ({ iss } = issuer);
  theirs = issuer.keys;
  server = await startServer({
    trustedIssuers: `
- issuer: ${iss}
  audiences: [api://spoor]
  tenant: ${TENANT}
  roles-claim: resource_access.spoor.roles
  roles: { hunter: [AdvancedHunting.Read.All], none: [Alert.Read.All] }
`,
  });
  const tenant = await existingTenant(server.directory.parts, TENANT);
  app = await registerApplication(server.directory.parts, tenant, {
    name: 'c',
    roles: ['AdvancedHunting.Read.All'],
  });
  pem = makeCertificate();
  await addCertificate(server.directory.parts, app, pem.certificate);
});
afterAll(async () => {
  await server.close();
  await issuer.close();
});

async function hunt(bearer: string): Promise<number> {
  const response = await fetch(`${server.url}/api/advancedhunting/run`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    body: '{"Query":"print 1"}',
  });
  await response.arrayBuffer();
  return response.status;
}

const seconds = () => Math.floor(server.clock.nowMs() / 1000);

describe('a token of a trusted issuer', () => {
  const claims = (): JWTPayload => ({
    iss,
    aud: 'api://spoor',
    exp: seconds() + 60,
    azp: 'their-client',
    resource_access: { spoor: { roles: ['hunter', 'unknown'] } },
  });
  const signed = (more: object = {}, header: object = {}, key = theirs.privateKey) =>
    new SignJWT({ ...claims(), ...more })
      .setProtectedHeader({ alg: 'RS256', kid: 'theirs', ...header })
      .sign(key);

  test('is answered with 503 while the keys cannot be had, and the log says why', async () => {
    const gone = await startIssuer();
    await gone.close();
    const trusting = await startServer({
      trustedIssuers: `[{issuer: ${gone.iss}, audiences: [a], tenant: ${TENANT}, roles: {}}]`,
    });
    try {
      const answer = await fetch(`${trusting.url}/api/advancedhunting/run`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await gone.sign({ aud: 'a' })}` },
        body: '{"Query":"print 1"}',
      });
      await answer.arrayBuffer();
      expect(answer.status).toBe(503);
      const line = trusting.log
        .map((each) => JSON.parse(each))
        .find(({ code }) => code === 'ServiceUnavailable');
      expect(line.cause.map((each: { code?: string }) => each.code)).toContain('ECONNREFUSED');
      expect(line.cause.every((each: { message: string }) => each.message !== '')).toBe(true);
    } finally {
      await trusting.close();
    }
  });

  test('opens what the map of roles gives', async () => {
    expect(await hunt(await signed())).toBe(200);
    expect(await hunt(await signed({ resource_access: { spoor: { roles: ['none'] } } }))).toBe(403);
    expect(await hunt(await signed({ resource_access: undefined, roles: ['hunter'] }))).toBe(403);
    expect(await hunt(await signed({ aud: ['x', 'api://spoor'] }))).toBe(200);
  });

  test('is refused when anything is wrong with it', async () => {
    const mine = await generateKeyPair('RS256', { extractable: true });
    const jwk = await exportJWK(mine.publicKey);
    const secret = new TextEncoder().encode(
      createPublicKey({ key: { ...(await exportJWK(theirs.publicKey)) }, format: 'jwk' })
        .export({ type: 'spki', format: 'pem' })
        .toString(),
    );
    const ours = await server.keys.signingKey();
    const bad: Record<string, string> = {
      expired: await signed({ exp: seconds() - 1 }),
      'not yet valid': await signed({ nbf: seconds() + 60 }),
      'without an end': await signed({ exp: undefined }),
      'another audience': await signed({ aud: XDR }),
      'no audience': await signed({ aud: undefined }),
      'another issuer': await signed({ iss: 'https://evil.example' }),
      'an issuer with a slash': await signed({ iss: `${iss}/` }),
      'their issuer, our key': await new SignJWT(claims())
        .setProtectedHeader({ alg: 'RS256', kid: ours.kid })
        .sign(ours.key),
      'our issuer, their key': await signed({ iss: `${server.url}/${TENANT}/`, tid: TENANT, ver: '1.0' }),
      'a strange key': await signed({}, {}, mine.privateKey),
      'a key in the header': await signed({}, { jwk, kid: 'mine' }, mine.privateKey),
      'an address of keys': await signed(
        {},
        { jku: `${iss}/mine`, x5u: `${iss}/mine`, kid: 'mine' },
        mine.privateKey,
      ),
      'the public key as secret': await new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', kid: 'theirs' })
        .sign(secret),
      none: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims())).toString('base64url')}.`,
      truncated: (await signed()).slice(0, -4),
      'without a signature': (await signed()).replace(/[^.]*$/, ''),
    };
    for (const [name, text] of Object.entries(bad)) expect(await hunt(text), name).toBe(401);
    expect(await hunt(await signed())).toBe(200);
  });
});

describe('a client assertion', () => {
  const path = `/${TENANT}/oauth2/v2.0/token`;
  const x5t = () => new X509Certificate(pem.certificate).fingerprint.replaceAll(':', '');
  const thumbprint = () => Buffer.from(x5t(), 'hex').toString('base64url');

  async function assertion(more: object = {}, header: object = {}, key = pem.key): Promise<string> {
    const alg = 'alg' in header ? String(header.alg) : 'RS256';
    const times = { nbf: seconds(), exp: seconds() + 600, jti: randomUUID() };
    return new SignJWT({ iss: app.id, sub: app.id, aud: server.url + path, ...times, ...more })
      .setProtectedHeader({ alg, x5t: thumbprint(), ...header })
      .sign(await importPKCS8(key, alg));
  }

  const send = (client_assertion: string, more: Record<string, string> = {}, to = server) =>
    token(
      to,
      {
        grant_type: 'client_credentials',
        client_id: app.id,
        scope: `${XDR}/.default`,
        client_assertion_type: ASSERTION_TYPE,
        client_assertion,
        ...more,
      },
      path,
    );

  test.each<[string, JWTPayload, object]>([
    ['RS256 and x5t', {}, {}],
    ['PS256', {}, { alg: 'PS256' }],
    ['the thumbprint in hex', {}, { x5t: undefined, kid: 'HEX' }],
    ['the address of v1', { aud: 'V1' }, {}],
  ])('proves a client with %s', async (_, claims, header) => {
    const kid = 'kid' in header ? { kid: x5t() } : {};
    const aud = claims.aud === 'V1' ? { aud: `${server.url}/${TENANT}/oauth2/token` } : {};
    const { status, body } = await send(await assertion({ ...claims, ...aud }, { ...header, ...kid }));
    expect(status).toBe(200);
    expect(decodeJwt(String(body['access_token']))).toMatchObject({ appidacr: '2' });
  });

  test('is refused when anything is wrong with it', async () => {
    const strange = makeCertificate();
    const bad: readonly (readonly [string, number, string])[] = [
      ['another key', 700027, await assertion({}, {}, strange.key)],
      ['an unknown thumbprint', 700027, await assertion({}, { x5t: 'x' })],
      [
        'its own certificate',
        700027,
        await assertion({}, { x5t: undefined, x5c: [strange.certificate] }, strange.key),
      ],
      [
        'another address',
        700023,
        await assertion({ aud: 'https://login.microsoftonline.com/x/oauth2/token' }),
      ],
      ['another tenant', 700023, await assertion({ aud: `${server.url}/${OTHER_TENANT}/oauth2/token` })],
      ['several addresses', 700023, await assertion({ aud: [server.url + path, 'x'] })],
      ['another client', 700021, await assertion({ sub: TENANT })],
      ['another issuer', 700021, await assertion({ iss: TENANT })],
      ['its end past', 700024, await assertion({ exp: seconds() - 301 })],
      ['its beginning ahead', 700024, await assertion({ nbf: seconds() + 400 })],
      ['a life of days', 700024, await assertion({ exp: seconds() + 90_000 })],
      ['no end', 700027, await assertion({ exp: undefined })],
      ['garbage', 700027, 'a.b.c'],
      ['none', 700027, `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
    ];
    for (const [name, aadsts, text] of bad) {
      const { status, body } = await send(text);
      expect([status, body['error'], body['error_codes']], name).toEqual([401, 'invalid_client', [aadsts]]);
    }
    expect((await send(await assertion(), { client_secret: 'x' })).body).toMatchObject({
      error_codes: [90013],
    });
    expect((await send(await assertion(), { client_assertion_type: 'x' })).body).toMatchObject({
      error_codes: [90013],
    });
  });

  test('is its first sender`s alone, and with the setting good once', async () => {
    const text = await assertion();
    expect([(await send(text)).status, (await send(text)).status]).toEqual([200, 200]);
    const elsewhere = await server.app.inject({
      method: 'POST',
      url: path,
      remoteAddress: '192.0.2.7',
      payload: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: app.id,
        scope: `${XDR}/.default`,
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: text,
      }).toString(),
    });
    expect(elsewhere.json()).toMatchObject({ error: 'invalid_client', error_codes: [700027] });
    const strict = await startServer({ policy: { assertionReuse: 'never' } });
    const tenant = await existingTenant(strict.directory.parts, TENANT);
    const own = await registerApplication(strict.directory.parts, tenant, { name: 'c', id: app.id });
    await addCertificate(strict.directory.parts, own, pem.certificate);
    const once = await assertion({ aud: strict.url + path });
    expect([(await send(once, {}, strict)).status, (await send(once, {}, strict)).status]).toEqual([
      200, 401,
    ]);
    await strict.close();
  });
});

test('thousands of idle and half-sent connections do not keep others from their answers', async () => {
  const port = Number(new URL(server.url).port);
  const sockets: Socket[] = [];
  const halves = [
    '',
    'POST /',
    'POST /x/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nresource=',
  ];
  for (let i = 0; i < 2000; i++) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(halves[i % halves.length] ?? '');
    sockets.push(socket);
  }
  await Promise.all(
    sockets.map((socket) => (socket.connecting ? new Promise((done) => socket.once('connect', done)) : 0)),
  );
  const { status } = await token(server, { grant_type: 'x' });
  expect(status).toBe(400);
  for (const socket of sockets) socket.destroy();
  const open = () =>
    new Promise<number>((done) => server.app.server.getConnections((_, count) => done(count)));
  await expect.poll(open, { timeout: 20_000 }).toBeLessThan(100);
});

test('a body that never comes to its end is given up, with an answer', async () => {
  const own = Fastify();
  own.register(async (scope) => {
    takeBytes(scope, 1000, 200);
    scope.setErrorHandler((error, request, reply) => sendApiError(error, request, reply, 'http://127.0.0.1'));
    scope.post('/', async (request) => String(request.body));
  });
  await own.listen({ port: 0, host: '127.0.0.1' });
  const port = (own.server.address() as AddressInfo).port;
  const socket = connect(port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nslow');
  let text = '';
  for await (const piece of socket) text += piece;
  expect(text).toMatch(/^HTTP\/1\.1 408 /);
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'quick' });
  expect([response.status, await response.text()]).toEqual([200, 'quick']);
  await own.close();
});
