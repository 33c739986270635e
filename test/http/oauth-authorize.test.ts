import { describe, expect, test } from 'vitest';
import { registerWithSecret } from '../../src/identity/directory/applications.ts';
import { changeUser, createUser, signOutEverywhere } from '../../src/identity/directory/users.ts';
import { authorizePath, CALLBACK, openBrowser, PASSWORD, pkce, XDR } from './oauth-browser.ts';
import { TENANT } from './server.ts';
import { CREDENTIALS, useSignIn } from './sign-in.ts';

const signIn = useSignIn();

describe('the authorization endpoint', () => {
  const ask = (more: Record<string, string>) =>
    openBrowser(signIn.server).go(authorizePath(signIn.parts.client.id, more));

  test.each<[string, Record<string, string>]>([
    ['another host', { redirect_uri: 'https://evil.example/callback' }],
    ['a path more', { redirect_uri: `${CALLBACK}/x` }],
    ['a user name', { redirect_uri: 'http://localhost:1@evil.example/callback' }],
    ['a lookalike of the host', { redirect_uri: 'http://localhost.evil.example:4999/callback' }],
    ['another loopback name', { redirect_uri: 'http://127.0.0.1:4999/callback' }],
    ['another scheme', { redirect_uri: 'https://localhost:4999/callback' }],
    ['a script', { redirect_uri: 'javascript:alert(1)//localhost/callback' }],
    ['another case of the path', { redirect_uri: 'http://localhost:4999/Callback' }],
    ['a step back', { redirect_uri: 'http://localhost:4999/x/../callback' }],
    ['an escaped letter', { redirect_uri: 'http://localhost:4999/%63allback' }],
    ['a query', { redirect_uri: `${CALLBACK}?next=https://evil.example` }],
    ['a fragment', { redirect_uri: `${CALLBACK}#x` }],
    ['a backslash', { redirect_uri: 'http://localhost:4999\\@evil.example/callback' }],
    ['a blank before it', { redirect_uri: ` ${CALLBACK}` }],
    ['a line break behind it', { redirect_uri: `${CALLBACK}\r\nSet-Cookie: a=b` }],
    ['an unknown client', { client_id: TENANT }],
    ['an unknown response mode', { response_mode: 'web_message' }],
  ])('shows a page and sends nobody anywhere for %s', async (_, more) => {
    const visit = await ask(more);
    expect(visit.status).toBe(400);
    expect(visit.location).toBeUndefined();
    expect(visit.text).toContain('AADSTS');
  });

  test('refuses a repeated redirect URI', async () => {
    const visit = await openBrowser(signIn.server).go(
      `${authorizePath(signIn.parts.client.id)}&redirect_uri=${encodeURIComponent(CALLBACK)}`,
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
    const browser = openBrowser(signIn.server);
    const { challenge } = pkce();
    const page = await browser.go(
      authorizePath(signIn.parts.client.id, { code_challenge: challenge, code_challenge_method: 'S256' }),
    );
    const tries = [
      browser.submit(page, { ...CREDENTIALS, csrf: 'x' }),
      openBrowser(signIn.server).submit(page, CREDENTIALS),
      browser.submit(page, CREDENTIALS, { headers: { origin: 'https://evil.example' } }),
      browser.submit(page, CREDENTIALS, { headers: { 'sec-fetch-site': 'cross-site' } }),
    ];
    for (const visit of await Promise.all(tries)) expect(visit.status).toBe(403);
    expect(browser.cookies.has('spoor-session')).toBe(false);
  });
});

test('a user who declines, is switched off or signed out gets nothing', async () => {
  const { parts: directory } = signIn.server.directory;
  const upn = 'bo@example.org';
  const bo = await createUser(directory, signIn.parts.tenant, { upn, password: PASSWORD });
  const { verifier, challenge } = pkce();
  const browser = openBrowser(signIn.server);
  const path = authorizePath(signIn.parts.client.id, {
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  const consent = await browser.submit(await browser.go(path), { username: upn, password: PASSWORD });
  const declined = await browser.submit(consent, { answer: 'cancel' });
  expect(new URL(declined.location ?? '').searchParams.get('error')).toBe('access_denied');
  const back = await browser.submit(await browser.go(path), { answer: 'accept' });
  const { body } = await signIn.redeem(new URL(back.location ?? '').searchParams.get('code') ?? '', verifier);
  // Without the role to see data the scope has no effect.
  expect(await signIn.hunt(body['access_token'])).toBe(403);
  await changeUser(directory, signIn.parts.tenant, bo.id, { roles: ['view-data'] });
  expect(await signIn.hunt(body['access_token'])).toBe(200);
  await signOutEverywhere(directory, bo.id);
  expect(await signIn.hunt(body['access_token'])).toBe(401);
  expect((await browser.go(path)).text).toContain('name="password"');
});

test('an administrator agrees for everyone', async () => {
  const { parts: directory } = signIn.server.directory;
  await createUser(directory, signIn.parts.tenant, {
    upn: 'chief@example.org',
    password: PASSWORD,
    roles: ['administrator'],
  });
  const { app } = await registerWithSecret(directory, signIn.parts.tenant, {
    name: 'new',
    isPublic: true,
    scopes: ['Alert.Read'],
    redirectUris: [{ uri: 'http://localhost/callback', kind: 'public' }],
  });
  const query = new URLSearchParams({ client_id: app.id, state: 'x', redirect_uri: CALLBACK });
  const path = `/${TENANT}/adminconsent?${query}`;
  const poor = openBrowser(signIn.server);
  await poor.submit(await poor.go(path), CREDENTIALS);
  const refused = await poor.submit(await poor.go(path), { answer: 'accept' });
  expect(new URL(refused.location ?? '').searchParams.get('error')).toBe('access_denied');
  const chief = openBrowser(signIn.server);
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
