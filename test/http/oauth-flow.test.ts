import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerWithSecret } from '../../src/identity/directory/applications.ts';
import { grantConsent } from '../../src/identity/directory/consents.ts';
import { changeUser, createUser, signOutEverywhere } from '../../src/identity/directory/users.ts';
import {
  authorizePath,
  CALLBACK,
  openBrowser,
  PASSWORD,
  pkce,
  signInParts,
  token,
  UPN,
  XDR,
} from './oauth-browser.ts';
import { startServer, TENANT, type TestServer } from './server.ts';

let server: TestServer;
let parts: Awaited<ReturnType<typeof signInParts>>;

beforeAll(async () => {
  server = await startServer();
  parts = await signInParts(server);
});
afterAll(() => server.close());

const credentials = { username: UPN, password: PASSWORD };

/** Walks through the pages to a code. */
async function codeFor(challenge: string, browser = openBrowser(server)): Promise<URLSearchParams> {
  const path = authorizePath(parts.client.id, { code_challenge: challenge, code_challenge_method: 'S256' });
  let visit = await browser.go(path);
  if (visit.text.includes('name="password"')) visit = await browser.submit(visit, credentials);
  if (visit.text.includes('value="accept"')) visit = await browser.submit(visit, { answer: 'accept' });
  return new URL(visit.location ?? '').searchParams;
}

function redeem(code: string, verifier: string, more: Record<string, string> = {}) {
  return token(server, {
    grant_type: 'authorization_code',
    client_id: parts.client.id,
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
    ...more,
  });
}

async function hunt(accessToken: unknown): Promise<number> {
  const response = await fetch(`${server.url}/api/advancedhunting/run`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}` },
    body: '{"Query":"print 1"}',
  });
  return response.status;
}

test('sign-in, consent, code, tokens: the walk through the pages', async () => {
  const browser = openBrowser(server);
  const { verifier, challenge } = pkce();
  const path = authorizePath(parts.client.id, { code_challenge: challenge, code_challenge_method: 'S256' });
  const signIn = await browser.go(path);
  expect(signIn.status).toBe(200);
  expect(signIn.text).toContain('hunter &#60;b&#62;');
  expect(signIn.text).not.toMatch(/<script/i);
  expect(signIn.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(signIn.headers.get('x-frame-options')).toBe('DENY');
  expect(signIn.headers.get('set-cookie')).toMatch(/^spoor-flow=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
  const before = browser.cookies.get('spoor-flow');

  const wrong = await browser.submit(signIn, { username: UPN, password: 'no' });
  expect(wrong.status).toBe(401);
  const consent = await browser.submit(wrong, credentials);
  expect(consent.status).toBe(200);
  expect(consent.text).toContain('run hunting queries in your name');
  expect(browser.cookies.get('spoor-flow')).not.toBe(before);

  const back = await browser.submit(consent, { answer: 'accept' });
  expect(back.status).toBe(303);
  const answer = new URL(back.location ?? '');
  expect(`${answer.origin}${answer.pathname}`).toBe(CALLBACK);
  expect(answer.searchParams.get('state')).toBe('s t&a"te');
  expect(answer.searchParams.get('iss')).toBe(`${server.url}/${TENANT}/v2.0`);

  const { status, body } = await redeem(answer.searchParams.get('code') ?? '', verifier, {
    client_info: '1',
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    token_type: 'Bearer',
    scope: `${XDR}/AdvancedHunting.Read openid profile offline_access`,
    expires_in: 3599,
  });
  expect(JSON.parse(Buffer.from(String(body['client_info']), 'base64url').toString())).toEqual({
    uid: parts.user.id,
    utid: TENANT,
  });
  expect(decodeJwt(String(body['access_token']))).toMatchObject({
    aud: XDR,
    appid: parts.client.id,
    appidacr: '0',
    scp: 'AdvancedHunting.Read',
    upn: UPN,
    oid: parts.user.id,
    tid: TENANT,
    ver: '1.0',
  });
  const { payload } = await jwtVerify(
    String(body['id_token']),
    createRemoteJWKSet(new URL(`${server.url}/${TENANT}/discovery/v2.0/keys`)),
    { issuer: `${server.url}/${TENANT}/v2.0`, audience: parts.client.id },
  );
  expect(payload).toMatchObject({ nonce: 'n', name: 'Ada', preferred_username: UPN, tid: TENANT });
  expect(await hunt(body['access_token'])).toBe(200);
  expect(await hunt(body['id_token'])).toBe(401);

  // Signed in and agreed: the next request is silent.
  const silent = await browser.go(`${path}&prompt=none`);
  expect(new URL(silent.location ?? '').searchParams.get('code')).toMatch(/^[\w-]{43}$/);
  const stranger = await openBrowser(server).go(`${path}&prompt=none`);
  expect(new URL(stranger.location ?? '').searchParams.get('error')).toBe('login_required');
  expect((await browser.go(`${path}&prompt=login`)).text).toContain('name="password"');
  expect((await browser.go(`${path}&prompt=select_account`)).text).toContain(UPN);
  const post = await browser.go(`${path}&response_mode=form_post`);
  expect(post.text).toContain(`action="${CALLBACK}"`);
  expect((await browser.go(`${path}&response_mode=fragment`)).location).toContain(`${CALLBACK}#code=`);
});

test('a code is spent once, and its second use ends what came of the first', async () => {
  const { verifier, challenge } = pkce();
  const code = (await codeFor(challenge)).get('code') ?? '';
  const first = await redeem(code, verifier);
  expect(await hunt(first.body['access_token'])).toBe(200);
  expect((await redeem(code, verifier)).body).toMatchObject({ error: 'invalid_grant', error_codes: [54005] });
  expect(await hunt(first.body['access_token'])).toBe(401);
  const refresh = { grant_type: 'refresh_token', client_id: parts.client.id };
  const late = await token(server, { ...refresh, refresh_token: String(first.body['refresh_token']) });
  expect(late.body).toMatchObject({ error: 'invalid_grant', error_codes: [50173] });
});

test('refresh tokens rotate, and one that comes twice ends the family', async () => {
  const { verifier, challenge } = pkce();
  const first = await redeem((await codeFor(challenge)).get('code') ?? '', verifier);
  const refresh = (text: unknown) =>
    token(server, { grant_type: 'refresh_token', client_id: parts.client.id, refresh_token: String(text) });
  const second = await refresh(first.body['refresh_token']);
  expect(second.status).toBe(200);
  expect(second.body['refresh_token']).not.toBe(first.body['refresh_token']);
  const third = await refresh(second.body['refresh_token']);
  expect(third.status).toBe(200);
  expect((await refresh(second.body['refresh_token'])).body).toMatchObject({ error_codes: [50173] });
  expect((await refresh(third.body['refresh_token'])).body).toMatchObject({ error_codes: [50173] });
  expect(await hunt(third.body['access_token'])).toBe(401);
});

describe('a code is refused with', () => {
  test.each<[string, Record<string, string>, number]>([
    ['another verifier', { code_verifier: 'x'.repeat(43) }, 501481],
    ['no verifier', { code_verifier: '' }, 501481],
    ['another redirect URI', { redirect_uri: 'http://localhost:4999/other' }, 50011],
    ['no redirect URI', { redirect_uri: '' }, 50011],
    ['a secret of a public client', { client_secret: 'x' }, 700025],
  ])('%s', async (_, more, aadsts) => {
    const { verifier, challenge } = pkce();
    const code = (await codeFor(challenge)).get('code') ?? '';
    expect((await redeem(code, verifier, more)).body).toMatchObject({ error_codes: [aadsts] });
    expect((await redeem(code, verifier)).status).toBe(200);
  });

  test('a verifier where the request had no challenge', async () => {
    const { app, secret = '' } = await registerWithSecret(server.directory.parts, parts.tenant, {
      name: 'web',
      scopes: ['AdvancedHunting.Read'],
      redirectUris: [{ uri: 'https://app.example/back', kind: 'web' }],
    });
    const scopes = ['AdvancedHunting.Read'];
    await grantConsent(server.directory.parts, parts.tenant, app, {
      user: undefined,
      api: 'defender',
      scopes,
    });
    const browser = openBrowser(server);
    const redirect_uri = 'https://app.example/back';
    const visit = await browser.submit(
      await browser.go(authorizePath(app.id, { redirect_uri })),
      credentials,
    );
    const code = new URL(visit.location ?? '').searchParams.get('code') ?? '';
    const fields = { grant_type: 'authorization_code', client_id: app.id, code, redirect_uri };
    expect((await token(server, fields)).body).toMatchObject({ error_codes: [7000218] });
    const proved = { ...fields, client_secret: secret };
    expect((await token(server, { ...proved, code_verifier: 'x'.repeat(43) })).body).toMatchObject({
      error_codes: [501481],
    });
    expect((await token(server, proved)).status).toBe(200);
  });

  test('its end past', async () => {
    const own = await startServer();
    const there = await signInParts(own);
    const browser = openBrowser(own);
    const { verifier, challenge } = pkce();
    const path = authorizePath(there.client.id, { code_challenge: challenge, code_challenge_method: 'S256' });
    const consent = await browser.submit(await browser.go(path), credentials);
    const back = await browser.submit(consent, { answer: 'accept' });
    own.clock.set(own.clock.nowMs() + 601_000);
    const sent = await token(own, {
      grant_type: 'authorization_code',
      client_id: there.client.id,
      code: new URL(back.location ?? '').searchParams.get('code') ?? '',
      redirect_uri: CALLBACK,
      code_verifier: verifier,
    });
    expect(sent.body).toMatchObject({ error_codes: [70008] });
    await own.close();
  });
});

describe('the authorization endpoint', () => {
  const ask = (more: Record<string, string>) => openBrowser(server).go(authorizePath(parts.client.id, more));

  test.each<[string, Record<string, string>]>([
    ['another host', { redirect_uri: 'https://evil.example/callback' }],
    ['a path more', { redirect_uri: `${CALLBACK}/x` }],
    ['a user name', { redirect_uri: 'http://localhost:1@evil.example/callback' }],
    ['an unknown client', { client_id: TENANT }],
    ['an unknown response mode', { response_mode: 'web_message' }],
  ])('shows a page and sends nobody anywhere for %s', async (_, more) => {
    const visit = await ask(more);
    expect(visit.status).toBe(400);
    expect(visit.location).toBeUndefined();
    expect(visit.text).toContain('AADSTS');
  });

  test('refuses a repeated redirect URI', async () => {
    const visit = await openBrowser(server).go(
      `${authorizePath(parts.client.id)}&redirect_uri=${encodeURIComponent(CALLBACK)}`,
    );
    expect([visit.status, visit.location]).toEqual([400, undefined]);
  });

  test.each<[string, string, Record<string, string>]>([
    ['no challenge of a public client', 'invalid_request', {}],
    ['plain PKCE', 'invalid_request', { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }],
    ['a short challenge', 'invalid_request', { code_challenge: 'x', code_challenge_method: 'S256' }],
    ['the implicit grant', 'unsupported_response_type', { response_type: 'token' }],
    ['an unknown scope', 'invalid_scope', { scope: `${XDR}/Everything` }],
    ['an unknown resource', 'invalid_resource', { scope: 'https://nowhere.example/.default' }],
    ['a request object', 'invalid_request', { request: 'x' }],
  ])('sends back %s', async (_, error, more) => {
    const { location } = await ask(more);
    const answer = new URL(location ?? '').searchParams;
    expect([answer.get('error'), answer.get('state')]).toEqual([error, 's t&a"te']);
  });

  test('takes no form that is not its own', async () => {
    const browser = openBrowser(server);
    const { challenge } = pkce();
    const page = await browser.go(
      authorizePath(parts.client.id, { code_challenge: challenge, code_challenge_method: 'S256' }),
    );
    const tries = [
      browser.submit(page, { ...credentials, csrf: 'x' }),
      openBrowser(server).submit(page, credentials),
      browser.submit(page, credentials, { headers: { origin: 'https://evil.example' } }),
      browser.submit(page, credentials, { headers: { 'sec-fetch-site': 'cross-site' } }),
    ];
    for (const visit of await Promise.all(tries)) expect(visit.status).toBe(403);
    expect(browser.cookies.has('spoor-session')).toBe(false);
  });
});

test('a user who declines, is switched off or signed out gets nothing', async () => {
  const { parts: directory } = server.directory;
  const upn = 'bo@example.org';
  const bo = await createUser(directory, parts.tenant, { upn, password: PASSWORD });
  const { verifier, challenge } = pkce();
  const browser = openBrowser(server);
  const path = authorizePath(parts.client.id, { code_challenge: challenge, code_challenge_method: 'S256' });
  const consent = await browser.submit(await browser.go(path), { username: upn, password: PASSWORD });
  const declined = await browser.submit(consent, { answer: 'cancel' });
  expect(new URL(declined.location ?? '').searchParams.get('error')).toBe('access_denied');
  const back = await browser.submit(await browser.go(path), { answer: 'accept' });
  const { body } = await redeem(new URL(back.location ?? '').searchParams.get('code') ?? '', verifier);
  // Without the role to see data the scope has no effect.
  expect(await hunt(body['access_token'])).toBe(403);
  await changeUser(directory, parts.tenant, bo.id, { roles: ['view-data'] });
  expect(await hunt(body['access_token'])).toBe(200);
  await signOutEverywhere(directory, bo.id);
  expect(await hunt(body['access_token'])).toBe(401);
  expect((await browser.go(path)).text).toContain('name="password"');
});

test('guesses are slowed, for names that exist and names that do not alike, and it is remembered', async () => {
  const own = await startServer();
  const there = await signInParts(own);
  const { challenge } = pkce();
  const path = authorizePath(there.client.id, { code_challenge: challenge, code_challenge_method: 'S256' });
  const browser = openBrowser(own);
  const page = await browser.go(path);
  const seen = new Map<string, string>();
  for (const username of [UPN, 'nobody@example.org']) {
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++) {
      const visit = await browser.submit(page, { username, password: `guess ${i}` });
      statuses.push(visit.status);
      if (i === 0) seen.set(username, visit.text.replaceAll(username, ''));
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  }
  expect(seen.get(UPN)).toBe(seen.get('nobody@example.org'));
  const right = await browser.submit(page, credentials);
  expect(right.status).toBe(429);
  expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
  own.clock.set(own.clock.nowMs() + 6_000);
  expect((await browser.submit(page, credentials)).status).toBe(200);
  await own.close();
});

test('a device signs in with a code that its user types', async () => {
  const asked = await token(
    server,
    { client_id: parts.client.id, scope: `offline_access ${XDR}/.default` },
    `/${TENANT}/oauth2/v2.0/devicecode`,
  );
  expect(asked.body).toMatchObject({
    expires_in: 900,
    interval: 5,
    verification_uri: `${server.url}/device`,
  });
  const { user_code, device_code, message } = asked.body;
  expect(message).toContain(String(user_code));
  const poll = () =>
    token(server, {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: parts.client.id,
      device_code: String(device_code),
    });
  expect((await poll()).body).toMatchObject({ error: 'authorization_pending', error_codes: [70016] });
  expect((await poll()).body).toMatchObject({ error: 'slow_down' });
  const browser = openBrowser(server);
  const signedIn = await browser.submit(await browser.go('/device'), credentials);
  expect([signedIn.status, signedIn.location]).toEqual([303, '/device']);
  const page = await browser.go('/device');
  expect((await browser.submit(page, { code: 'BBBBBBBBB' })).status).toBe(400);
  const confirm = await browser.submit(page, { code: String(user_code).toLowerCase() });
  expect(confirm.text).toContain('hunter &#60;b&#62;');
  expect((await browser.submit(confirm, { answer: 'accept' })).status).toBe(200);
  const { status, body } = await poll();
  expect(status).toBe(200);
  expect(await hunt(body['access_token'])).toBe(200);
  expect(body['refresh_token']).toBeTypeOf('string');
  expect((await poll()).body).toMatchObject({ error: 'bad_verification_code', error_codes: [70018] });
});

test('sign-out asks, unless an id token tells who; it sends on to registered addresses only', async () => {
  const browser = openBrowser(server);
  const { verifier, challenge } = pkce();
  const code = (await codeFor(challenge, browser)).get('code') ?? '';
  const { body } = await redeem(code, verifier);
  const path = `/${TENANT}/oauth2/v2.0/logout`;
  const asks = await browser.go(path);
  expect(asks.text).toContain('Sign out');
  expect(browser.cookies.has('spoor-session')).toBe(true);
  const query = new URLSearchParams({
    id_token_hint: String(body['id_token']),
    post_logout_redirect_uri: CALLBACK,
  });
  const evil = new URLSearchParams({
    client_id: parts.client.id,
    post_logout_redirect_uri: 'https://evil.example/',
  });
  expect((await openBrowser(server).go(`${path}?${evil}`)).location).toBeUndefined();
  const out = await browser.go(`${path}?${query}`);
  expect([out.status, out.location]).toEqual([303, CALLBACK]);
  expect(browser.cookies.has('spoor-session')).toBe(false);
});

test('an administrator agrees for everyone', async () => {
  const { parts: directory } = server.directory;
  await createUser(directory, parts.tenant, {
    upn: 'chief@example.org',
    password: PASSWORD,
    roles: ['administrator'],
  });
  const { app } = await registerWithSecret(directory, parts.tenant, {
    name: 'new',
    isPublic: true,
    scopes: ['Alert.Read'],
    redirectUris: [{ uri: 'http://localhost/callback', kind: 'public' }],
  });
  const query = new URLSearchParams({ client_id: app.id, state: 'x', redirect_uri: CALLBACK });
  const path = `/${TENANT}/adminconsent?${query}`;
  const poor = openBrowser(server);
  await poor.submit(await poor.go(path), credentials);
  const refused = await poor.submit(await poor.go(path), { answer: 'accept' });
  expect(new URL(refused.location ?? '').searchParams.get('error')).toBe('access_denied');
  const chief = openBrowser(server);
  await chief.submit(await chief.go(path), { username: 'chief@example.org', password: PASSWORD });
  const back = await chief.submit(await chief.go(path), { answer: 'accept' });
  const answer = new URL(back.location ?? '').searchParams;
  expect([answer.get('admin_consent'), answer.get('tenant'), answer.get('state')]).toEqual([
    'True',
    TENANT,
    'x',
  ]);
  // A user is not asked any more.
  const { challenge } = pkce();
  const more = { code_challenge: challenge, code_challenge_method: 'S256', scope: `${XDR}/Alert.Read` };
  const visit = await poor.go(authorizePath(app.id, more));
  expect(new URL(visit.location ?? '').searchParams.get('code')).toMatch(/^[\w-]{43}$/);
});

test('userinfo knows the user of a token with openid, under the name of the id token', async () => {
  const { verifier, challenge } = pkce();
  const browser = openBrowser(server);
  const path = authorizePath(parts.client.id, {
    code_challenge: challenge,
    code_challenge_method: 'S256',
    scope: 'openid profile email',
  });
  const back = await browser.submit(await browser.go(path), credentials);
  const { body } = await redeem(new URL(back.location ?? '').searchParams.get('code') ?? '', verifier);
  const response = await fetch(`${server.url}/oidc/userinfo`, {
    headers: { authorization: `Bearer ${body['access_token']}` },
  });
  expect(await response.json()).toMatchObject({
    sub: decodeJwt(String(body['id_token'])).sub,
    name: 'Ada',
    email: UPN,
  });
  expect(await hunt(body['access_token'])).toBe(401);
});

test('the password grant is off, and where it is on it tells nothing about users', async () => {
  const fields = {
    grant_type: 'password',
    client_id: parts.client.id,
    scope: `${XDR}/AdvancedHunting.Read`,
    ...credentials,
  };
  expect((await token(server, fields)).body).toMatchObject({
    error: 'unsupported_grant_type',
    error_codes: [70003],
  });
  const own = await startServer({ policy: { passwordGrant: true } });
  const there = await signInParts(own);
  await grantConsent(own.directory.parts, there.tenant, there.client, {
    user: undefined,
    api: 'defender',
    scopes: ['AdvancedHunting.Read'],
  });
  const mine = { ...fields, client_id: there.client.id };
  expect((await token(own, mine)).status).toBe(200);
  for (const more of [{ password: 'x' }, { username: 'nobody@example.org' }]) {
    expect((await token(own, { ...mine, ...more })).body).toMatchObject({ error_codes: [50126] });
  }
  await own.close();
});
