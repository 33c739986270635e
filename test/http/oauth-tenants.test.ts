import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HuntRequest } from '../../src/hunting/run.ts';
import { dismissApplication } from '../../src/identity/directory/admitted-applications.ts';
import { type Application, registerWithSecret } from '../../src/identity/directory/applications.ts';
import { existingTenant } from '../../src/identity/directory/tenants.ts';
import { createUser } from '../../src/identity/directory/users.ts';
import { CALLBACK, openBrowser, PASSWORD, signInParts, token, UPN, XDR } from './oauth-browser.ts';
import { huntAnswer, OTHER_TENANT, startServer, TENANT, type TestServer } from './server.ts';

const SIEM = 'https://graph.windows.net';
const credentials = { username: UPN, password: PASSWORD };

let server: TestServer;
let partner: { readonly app: Application; readonly secret: string };
let device: Application;
const hunts: HuntRequest[] = [];

/** Two tenants: the other one registered the applications, the user is of the first. */
beforeAll(async () => {
  server = await startServer({
    runHunt: async (request) => {
      hunts.push(request);
      return huntAnswer('{"Stats":{},"Schema":[],"Results":[]}');
    },
  });
  await signInParts(server);
  const { parts } = server.directory;
  const other = await existingTenant(parts, OTHER_TENANT);
  const made = await registerWithSecret(parts, other, {
    name: 'partner',
    roles: ['AdvancedHunting.Read.All'],
    scopes: ['AdvancedHunting.Read', 'Alert.Read'],
    redirectUris: [{ uri: CALLBACK, kind: 'web' }],
    isMultiTenant: true,
  });
  partner = { app: made.app, secret: made.secret ?? '' };
  device = (
    await registerWithSecret(parts, other, {
      name: 'device',
      isPublic: true,
      scopes: ['AdvancedHunting.Read'],
      isMultiTenant: true,
    })
  ).app;
  const tenant = await existingTenant(parts, TENANT);
  await createUser(parts, tenant, { upn: 'chief@example.org', password: PASSWORD, roles: ['administrator'] });
});
afterAll(() => server.close());

function clientCredentials(tenant: string) {
  return token(
    server,
    {
      grant_type: 'client_credentials',
      client_id: partner.app.id,
      client_secret: partner.secret,
      resource: XDR,
    },
    `/${tenant}/oauth2/token`,
  );
}

async function hunt(bearer: unknown): Promise<number> {
  const response = await fetch(`${server.url}/api/advancedhunting/run`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    body: '{"Query":"print 1"}',
  });
  await response.arrayBuffer();
  return response.status;
}

async function asChief() {
  const browser = openBrowser(server);
  const query = new URLSearchParams({ client_id: partner.app.id, redirect_uri: CALLBACK });
  const path = `/common/adminconsent?${query}`;
  const chief = { username: 'chief@example.org', password: PASSWORD };
  const signedIn = await browser.submit(await browser.go(path), chief);
  expect([signedIn.status, signedIn.location]).toEqual([303, path]);
  return { browser, page: await browser.go(path) };
}

test('an application of another tenant opens this one once its administrator let it in, and no third', async () => {
  expect((await clientCredentials(TENANT)).body).toMatchObject({ error_codes: [700016] });
  const user = openBrowser(server);
  const query = new URLSearchParams({
    client_id: partner.app.id,
    redirect_uri: CALLBACK,
    response_type: 'code',
    resource: XDR,
  });
  const authorize = `/common/oauth2/authorize?${query}`;
  const early = await user.submit(await user.go(authorize), credentials);
  expect(new URL(early.location ?? '').searchParams.get('error')).toBe('access_denied');

  const { browser, page } = await asChief();
  expect(page.text).toContain('Without a user it will be able to');
  const back = await browser.submit(page, { answer: 'accept' });
  expect(new URL(back.location ?? '').searchParams.get('tenant')).toBe(TENANT);

  const { status, body } = await clientCredentials(TENANT);
  expect(status).toBe(200);
  const claims = decodeJwt(String(body['access_token']));
  expect(claims).toMatchObject({ tid: TENANT, roles: ['AdvancedHunting.Read.All'] });
  expect(claims['oid']).not.toBe(partner.app.objectId);
  expect(await hunt(body['access_token'])).toBe(200);
  // The data are those of the tenant that the token names, not of the one that registered the application.
  expect(hunts.at(-1)?.caller).toMatchObject({ tenant: TENANT, user: undefined });

  // Agreed for everyone: the user gets a code, at version 1, and tokens for each API that was agreed to.
  const visit = await user.go(authorize);
  const code = new URL(visit.location ?? '').searchParams.get('code') ?? '';
  const client = { client_id: partner.app.id, client_secret: partner.secret };
  const first = await token(
    server,
    { grant_type: 'authorization_code', ...client, code, redirect_uri: CALLBACK },
    '/common/oauth2/token',
  );
  expect(first.status).toBe(200);
  expect(Object.keys(first.body)).toEqual([
    'token_type',
    'scope',
    'expires_in',
    'ext_expires_in',
    'expires_on',
    'not_before',
    'resource',
    'access_token',
    'refresh_token',
    'id_token',
  ]);
  expect(await hunt(first.body['access_token'])).toBe(200);
  expect(hunts.at(-1)?.caller).toMatchObject({
    tenant: TENANT,
    scopes: ['AdvancedHunting.Read', 'Alert.Read'],
  });
  const refresh = { grant_type: 'refresh_token', ...client };
  const siem = await token(
    server,
    { ...refresh, refresh_token: String(first.body['refresh_token']), resource: SIEM },
    `/${TENANT}/oauth2/token`,
  );
  expect(decodeJwt(String(siem.body['access_token']))).toMatchObject({ aud: SIEM, scp: 'Alert.Read' });
  expect(await hunt(siem.body['access_token'])).toBe(401);
  const elsewhere = await token(
    server,
    { ...refresh, refresh_token: String(siem.body['refresh_token']), resource: SIEM },
    `/${OTHER_TENANT}/oauth2/token`,
  );
  expect(elsewhere.body).toMatchObject({ error: 'invalid_grant', error_codes: [700005] });

  // Taken out again: what it holds opens nothing, and it gets nothing new.
  const { parts } = server.directory;
  await dismissApplication(parts, await existingTenant(parts, TENANT), partner.app.id);
  for (const held of [body, first.body]) expect(await hunt(held['access_token'])).toBe(401);
  expect((await clientCredentials(TENANT)).body).toMatchObject({ error_codes: [700016] });
  const again = { ...refresh, refresh_token: String(siem.body['refresh_token']), resource: SIEM };
  expect((await token(server, again, `/${TENANT}/oauth2/token`)).body).toMatchObject({
    error_codes: [700016],
  });
});

test('a device of an unknown tenant: the code comes as `code`, and the user brings the tenant', async () => {
  const scope = `offline_access ${XDR}/.default`;
  const asked = await token(server, { client_id: device.id, scope }, '/organizations/oauth2/v2.0/devicecode');
  expect(asked.status).toBe(200);
  const browser = openBrowser(server);
  await browser.submit(await browser.go('/common/oauth2/deviceauth'), {
    username: 'chief@example.org',
    password: PASSWORD,
  });
  const page = await browser.go('/common/oauth2/deviceauth');
  const confirm = await browser.submit(page, { code: String(asked.body['user_code']) });
  expect((await browser.submit(confirm, { answer: 'accept' })).status).toBe(200);
  const { status, body } = await token(
    server,
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: device.id,
      code: String(asked.body['device_code']),
    },
    '/organizations/oauth2/v2.0/token',
  );
  expect(status).toBe(200);
  expect(decodeJwt(String(body['access_token']))).toMatchObject({ tid: TENANT, scp: 'AdvancedHunting.Read' });
  expect(await hunt(body['access_token'])).toBe(200);
});
