import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { registerWithSecret } from '../../src/identity/directory/applications.ts';
import { grantConsent } from '../../src/identity/directory/consents.ts';
import { authorizePath, CALLBACK, openBrowser, pkce, signInParts, token, UPN, XDR } from './oauth-browser.ts';
import { startServer, TENANT } from './server.ts';
import { CREDENTIALS, useSignIn } from './sign-in.ts';

const signIn = useSignIn();

test('sign-in, consent, code, tokens: the walk through the pages', async () => {
  const browser = openBrowser(signIn.server);
  const { verifier, challenge } = pkce();
  const path = authorizePath(signIn.parts.client.id, {
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  const page = await browser.go(path);
  expect(page.status).toBe(200);
  expect(page.text).toContain('hunter &#60;b&#62;');
  expect(page.text).not.toMatch(/<script/i);
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(page.headers.get('x-frame-options')).toBe('DENY');
  expect(page.headers.get('set-cookie')).toMatch(/^spoor-flow=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
  const before = browser.cookies.get('spoor-flow');

  const wrong = await browser.submit(page, { username: UPN, password: 'no' });
  expect(wrong.status).toBe(401);
  const consent = await browser.submit(wrong, CREDENTIALS);
  expect(consent.status).toBe(200);
  expect(consent.text).toContain('run hunting queries in your name');
  expect(browser.cookies.get('spoor-flow')).not.toBe(before);

  const back = await browser.submit(consent, { answer: 'accept' });
  expect(back.status).toBe(303);
  const answer = new URL(back.location ?? '');
  expect(`${answer.origin}${answer.pathname}`).toBe(CALLBACK);
  expect(answer.searchParams.get('state')).toBe('s t&a"te');
  expect(answer.searchParams.get('iss')).toBe(`${signIn.server.url}/${TENANT}/v2.0`);

  const { status, body } = await signIn.redeem(answer.searchParams.get('code') ?? '', verifier, {
    client_info: '1',
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    token_type: 'Bearer',
    scope: `${XDR}/AdvancedHunting.Read openid profile offline_access`,
    expires_in: 3599,
  });
  expect(JSON.parse(Buffer.from(String(body['client_info']), 'base64url').toString())).toEqual({
    uid: signIn.parts.user.id,
    utid: TENANT,
  });
  expect(decodeJwt(String(body['access_token']))).toMatchObject({
    aud: XDR,
    appid: signIn.parts.client.id,
    appidacr: '0',
    scp: 'AdvancedHunting.Read',
    upn: UPN,
    oid: signIn.parts.user.id,
    tid: TENANT,
    ver: '1.0',
  });
  const { payload } = await jwtVerify(
    String(body['id_token']),
    createRemoteJWKSet(new URL(`${signIn.server.url}/${TENANT}/discovery/v2.0/keys`)),
    { issuer: `${signIn.server.url}/${TENANT}/v2.0`, audience: signIn.parts.client.id },
  );
  expect(payload).toMatchObject({ nonce: 'n', name: 'Ada', preferred_username: UPN, tid: TENANT });
  expect(await signIn.hunt(body['access_token'])).toBe(200);
  expect(await signIn.hunt(body['id_token'])).toBe(401);

  // Signed in and agreed: the next request is silent.
  const silent = await browser.go(`${path}&prompt=none`);
  expect(new URL(silent.location ?? '').searchParams.get('code')).toMatch(/^[\w-]{43}$/);
  const stranger = await openBrowser(signIn.server).go(`${path}&prompt=none`);
  expect(new URL(stranger.location ?? '').searchParams.get('error')).toBe('login_required');
  expect((await browser.go(`${path}&prompt=login`)).text).toContain('name="password"');
  expect((await browser.go(`${path}&prompt=select_account`)).text).toContain(UPN);
  const post = await browser.go(`${path}&response_mode=form_post`);
  expect(post.text).toContain(`action="${CALLBACK}"`);
  expect((await browser.go(`${path}&response_mode=fragment`)).location).toContain(`${CALLBACK}#code=`);
});

test('a code is spent once, and its second use ends what came of the first', async () => {
  const { verifier, challenge } = pkce();
  const code = (await signIn.codeFor(challenge)).get('code') ?? '';
  const first = await signIn.redeem(code, verifier);
  expect(await signIn.hunt(first.body['access_token'])).toBe(200);
  expect((await signIn.redeem(code, verifier)).body).toMatchObject({
    error: 'invalid_grant',
    error_codes: [54005],
  });
  expect(await signIn.hunt(first.body['access_token'])).toBe(401);
  const refresh = { grant_type: 'refresh_token', client_id: signIn.parts.client.id };
  const late = await token(signIn.server, { ...refresh, refresh_token: String(first.body['refresh_token']) });
  expect(late.body).toMatchObject({ error: 'invalid_grant', error_codes: [50173] });
});

test('refresh tokens rotate, and one that comes twice ends the family', async () => {
  const { verifier, challenge } = pkce();
  const first = await signIn.redeem((await signIn.codeFor(challenge)).get('code') ?? '', verifier);
  const refresh = (text: unknown) =>
    token(signIn.server, {
      grant_type: 'refresh_token',
      client_id: signIn.parts.client.id,
      refresh_token: String(text),
    });
  const second = await refresh(first.body['refresh_token']);
  expect(second.status).toBe(200);
  expect(second.body['refresh_token']).not.toBe(first.body['refresh_token']);
  const third = await refresh(second.body['refresh_token']);
  expect(third.status).toBe(200);
  expect((await refresh(second.body['refresh_token'])).body).toMatchObject({ error_codes: [50173] });
  expect((await refresh(third.body['refresh_token'])).body).toMatchObject({ error_codes: [50173] });
  expect(await signIn.hunt(third.body['access_token'])).toBe(401);
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
    const code = (await signIn.codeFor(challenge)).get('code') ?? '';
    expect((await signIn.redeem(code, verifier, more)).body).toMatchObject({ error_codes: [aadsts] });
    expect((await signIn.redeem(code, verifier)).status).toBe(200);
  });

  test('a verifier where the request had no challenge', async () => {
    const { app, secret = '' } = await registerWithSecret(
      signIn.server.directory.parts,
      signIn.parts.tenant,
      {
        name: 'web',
        scopes: ['AdvancedHunting.Read'],
        redirectUris: [{ uri: 'https://app.example/back', kind: 'web' }],
      },
    );
    const scopes = ['AdvancedHunting.Read'];
    await grantConsent(signIn.server.directory.parts, signIn.parts.tenant, app, {
      user: undefined,
      api: 'defender',
      scopes,
    });
    const browser = openBrowser(signIn.server);
    const redirect_uri = 'https://app.example/back';
    const visit = await browser.submit(
      await browser.go(authorizePath(app.id, { redirect_uri })),
      CREDENTIALS,
    );
    const code = new URL(visit.location ?? '').searchParams.get('code') ?? '';
    const fields = { grant_type: 'authorization_code', client_id: app.id, code, redirect_uri };
    expect((await token(signIn.server, fields)).body).toMatchObject({ error_codes: [7000218] });
    const proved = { ...fields, client_secret: secret };
    expect((await token(signIn.server, { ...proved, code_verifier: 'x'.repeat(43) })).body).toMatchObject({
      error_codes: [501481],
    });
    expect((await token(signIn.server, proved)).status).toBe(200);
  });

  test('its end past', async () => {
    const own = await startServer();
    const there = await signInParts(own);
    const browser = openBrowser(own);
    const { verifier, challenge } = pkce();
    const path = authorizePath(there.client.id, { code_challenge: challenge, code_challenge_method: 'S256' });
    const consent = await browser.submit(await browser.go(path), CREDENTIALS);
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

test('userinfo knows the user of a token with openid, under the name of the id token', async () => {
  const { verifier, challenge } = pkce();
  const browser = openBrowser(signIn.server);
  const path = authorizePath(signIn.parts.client.id, {
    code_challenge: challenge,
    code_challenge_method: 'S256',
    scope: 'openid profile email',
  });
  const back = await browser.submit(await browser.go(path), CREDENTIALS);
  const { body } = await signIn.redeem(new URL(back.location ?? '').searchParams.get('code') ?? '', verifier);
  const response = await fetch(`${signIn.server.url}/oidc/userinfo`, {
    headers: { authorization: `Bearer ${body['access_token']}` },
  });
  expect(await response.json()).toMatchObject({
    sub: decodeJwt(String(body['id_token'])).sub,
    name: 'Ada',
    email: UPN,
  });
  expect(await signIn.hunt(body['access_token'])).toBe(401);
});
