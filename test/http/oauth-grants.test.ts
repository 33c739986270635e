import { expect, test } from 'vitest';
import { grantConsent } from '../../src/identity/directory/consents.ts';
import { openBrowser, signInParts, token, XDR } from './oauth-browser.ts';
import { startServer, TENANT } from './server.ts';
import { CREDENTIALS, useSignIn } from './sign-in.ts';

const signIn = useSignIn();

test('a device signs in with a code that its user types', async () => {
  const asked = await token(
    signIn.server,
    { client_id: signIn.parts.client.id, scope: `offline_access ${XDR}/.default` },
    `/${TENANT}/oauth2/v2.0/devicecode`,
  );
  expect(asked.body).toMatchObject({
    expires_in: 900,
    interval: 5,
    verification_uri: `${signIn.server.url}/device`,
  });
  const { user_code, device_code, message } = asked.body;
  expect(message).toContain(String(user_code));
  const poll = () =>
    token(signIn.server, {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: signIn.parts.client.id,
      device_code: String(device_code),
    });
  expect((await poll()).body).toMatchObject({ error: 'authorization_pending', error_codes: [70016] });
  expect((await poll()).body).toMatchObject({ error: 'slow_down' });
  const browser = openBrowser(signIn.server);
  const signedIn = await browser.submit(await browser.go('/device'), CREDENTIALS);
  expect([signedIn.status, signedIn.location]).toEqual([303, '/device']);
  const page = await browser.go('/device');
  expect((await browser.submit(page, { code: 'BBBBBBBBB' })).status).toBe(400);
  const confirm = await browser.submit(page, { code: String(user_code).toLowerCase() });
  expect(confirm.text).toContain('hunter &#60;b&#62;');
  expect((await browser.submit(confirm, { answer: 'accept' })).status).toBe(200);
  const { status, body } = await poll();
  expect(status).toBe(200);
  expect(await signIn.hunt(body['access_token'])).toBe(200);
  expect(body['refresh_token']).toBeTypeOf('string');
  expect((await poll()).body).toMatchObject({ error: 'bad_verification_code', error_codes: [70018] });
});

test('the password grant is off, and where it is on it tells nothing about users', async () => {
  const fields = {
    grant_type: 'password',
    client_id: signIn.parts.client.id,
    scope: `${XDR}/AdvancedHunting.Read`,
    ...CREDENTIALS,
  };
  expect((await token(signIn.server, fields)).body).toMatchObject({
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
