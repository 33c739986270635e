import { expect, test } from 'vitest';
import { authorizePath, CALLBACK, openBrowser, pkce, signInParts, UPN } from './oauth-browser.ts';
import { startServer, TENANT } from './server.ts';
import { CREDENTIALS, useSignIn } from './sign-in.ts';

const signIn = useSignIn();

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
  const right = await browser.submit(page, CREDENTIALS);
  expect(right.status).toBe(429);
  expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
  own.clock.set(own.clock.nowMs() + 6_000);
  expect((await browser.submit(page, CREDENTIALS)).status).toBe(200);
  await own.close();
});

test('sign-out asks, unless an id token tells who; it sends on to registered addresses only', async () => {
  const browser = openBrowser(signIn.server);
  const { verifier, challenge } = pkce();
  const code = (await signIn.codeFor(challenge, browser)).get('code') ?? '';
  const { body } = await signIn.redeem(code, verifier);
  const path = `/${TENANT}/oauth2/v2.0/logout`;
  const asks = await browser.go(path);
  expect(asks.text).toContain('Sign out');
  expect(browser.cookies.has('spoor-session')).toBe(true);
  const query = new URLSearchParams({
    id_token_hint: String(body['id_token']),
    post_logout_redirect_uri: CALLBACK,
  });
  const evil = new URLSearchParams({
    client_id: signIn.parts.client.id,
    post_logout_redirect_uri: 'https://evil.example/',
  });
  expect((await openBrowser(signIn.server).go(`${path}?${evil}`)).location).toBeUndefined();
  const out = await browser.go(`${path}?${query}`);
  expect([out.status, out.location]).toEqual([303, CALLBACK]);
  expect(browser.cookies.has('spoor-session')).toBe(false);
});
