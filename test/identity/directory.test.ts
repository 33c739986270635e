import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  admitApplication,
  dismissApplication,
  listAdmittedApplications,
} from '../../src/identity/directory/admitted-applications.ts';
import {
  applicationIn,
  changeApplication,
  listApplications,
  registerApplication,
  registerWithSecret,
  removeApplication,
} from '../../src/identity/directory/applications.ts';
import { addCertificate, listCertificates } from '../../src/identity/directory/certificates.ts';
import { consentedScopes, grantConsent, revokeConsent } from '../../src/identity/directory/consents.ts';
import {
  changeDeviceGroup,
  createDeviceGroup,
  listDeviceGroups,
  setDeviceGroupUsers,
} from '../../src/identity/directory/device-groups.ts';
import { matchingRedirectUri } from '../../src/identity/directory/redirect-uris.ts';
import { addSecret, checkSecret, listSecrets, removeSecret } from '../../src/identity/directory/secrets.ts';
import {
  addTenantDomain,
  createTenant,
  removeTenantDomain,
  type Tenant,
  tenantBy,
  tenantDomains,
} from '../../src/identity/directory/tenants.ts';
import {
  changeUser,
  createUser,
  existingUser,
  removeUser,
  setPassword,
  userBy,
  visibleDeviceGroups,
} from '../../src/identity/directory/users.ts';
import { makeCertificate } from '../certificate.ts';
import { openDirectory, refusal, type TestDirectory } from './store.ts';

let parts: TestDirectory;
let tenant: Tenant;
let other: Tenant;

beforeAll(async () => {
  parts = await openDirectory();
  tenant = await createTenant(parts, { name: 'Example', domain: 'Example.org' });
  other = await createTenant(parts, { name: 'Other', domain: 'other.example' });
});
afterAll(() => parts.remove());

test('a tenant is found by its id and each of its domains, in any case', async () => {
  await addTenantDomain(parts, tenant, 'Example.NET');
  await addTenantDomain(parts, tenant, 'example.net');
  for (const name of [tenant.id.toUpperCase(), 'EXAMPLE.org', 'example.Net']) {
    expect((await tenantBy(parts, name))?.id).toBe(tenant.id);
  }
  expect(await tenantDomains(parts, tenant)).toEqual(['example.org', 'example.net']);
  expect(await refusal(addTenantDomain(parts, other, 'example.net'))).toBe('Conflict');
  expect(await refusal(createTenant(parts, { domain: 'example.net' }))).toBe('Conflict');
  expect(await refusal(addTenantDomain(parts, other, 'no domain'))).toBe('InvalidInput');
  expect(await removeTenantDomain(parts, tenant, 'example.net')).toBe(true);
  expect(await tenantBy(parts, 'example.net')).toBeUndefined();
});

describe('applications', () => {
  test('change only in what is said, and take nothing unknown', async () => {
    const { app } = await registerWithSecret(parts, tenant, {
      name: 'hunter',
      roles: ['AdvancedHunting.Read.All'],
    });
    const changed = await changeApplication(parts, tenant, app.id.toUpperCase(), {
      scopes: ['AdvancedHunting.Read', 'AdvancedHunting.Read'],
      redirectUris: [{ uri: 'https://app.example/back', kind: 'web' }],
      logoutUrl: 'https://app.example/out',
    });
    expect(changed).toEqual({
      ...app,
      scopes: ['AdvancedHunting.Read'],
      redirectUris: [{ uri: 'https://app.example/back', kind: 'web' }],
      logoutUrl: 'https://app.example/out',
    });
    expect(await listApplications(parts, tenant)).toContainEqual(changed);
    const change = (settings: object) => refusal(changeApplication(parts, tenant, app.id, settings));
    expect(await change({ roles: ['toString'] })).toBe('InvalidInput');
    expect(await change({ scopes: ['__proto__'] })).toBe('InvalidInput');
    expect(await change({ name: ' ' })).toBe('InvalidInput');
    expect(await refusal(changeApplication(parts, other, app.id, {}))).toBe('ResourceNotFound');
    expect(await refusal(registerApplication(parts, other, { id: app.id, name: 'x' }))).toBe('Conflict');
    expect(await removeApplication(parts, other.id, app.id)).toBe(false);
    expect(await removeApplication(parts, tenant.id, app.id)).toBe(true);
    expect(await applicationIn(parts, tenant.id, app.id)).toBeUndefined();
  });

  test.each([
    'http://app.example/',
    'https://app.example/#x',
    'https://a:b@app.example/',
    'https://*.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    '/relative',
    'https://app.example/a b',
    'https://app.example\\@evil.example/',
  ])('cannot be sent back to %s', async (uri) => {
    for (const kind of ['web', 'public'] as const) {
      const wanted = { name: 'x', redirectUris: [{ uri, kind }] };
      expect(await refusal(registerApplication(parts, tenant, wanted))).toBe('InvalidInput');
    }
  });

  test('of another tenant are there once they are admitted, with an identity of their own', async () => {
    const shared = await registerApplication(parts, other, {
      name: 'partner',
      roles: ['Alert.Read.All'],
      isMultiTenant: true,
    });
    const closed = await registerApplication(parts, other, { name: 'closed' });
    expect(await applicationIn(parts, tenant.id, shared.id)).toBeUndefined();
    await admitApplication(parts, tenant, shared, ['Incident.Read.All']);
    expect(await refusal(admitApplication(parts, tenant, closed, []))).toBe('InvalidInput');
    const here = await applicationIn(parts, tenant.id.toUpperCase(), shared.id.toUpperCase());
    expect(here).toMatchObject({ id: shared.id, tenant: other.id, roles: ['Incident.Read.All'] });
    expect(here?.objectId).not.toBe(shared.objectId);
    await admitApplication(parts, tenant, shared, []);
    expect(await applicationIn(parts, tenant.id, shared.id)).toEqual({ ...here, roles: [] });
    expect(await listAdmittedApplications(parts, tenant)).toEqual([
      { id: shared.id, name: 'partner', home: other.id, objectId: here?.objectId, roles: [] },
    ]);
    await grantConsent(parts, tenant, shared, { user: undefined, api: 'defender', scopes: ['Alert.Read'] });
    expect(await dismissApplication(parts, tenant, shared.id.toUpperCase())).toBe(true);
    expect(await dismissApplication(parts, tenant, shared.id)).toBe(false);
    expect(await applicationIn(parts, tenant.id, shared.id)).toBeUndefined();
    expect(await listAdmittedApplications(parts, tenant)).toEqual([]);
    // What was agreed to does not come back with it.
    await admitApplication(parts, tenant, shared, []);
    expect(await consentedScopes(parts, tenant, shared, 'anyone', 'defender')).toEqual(new Set());
    await changeApplication(parts, other, shared.id, { isMultiTenant: false });
    expect(await applicationIn(parts, tenant.id, shared.id)).toBeUndefined();
  });
});

test('an application has several secrets, each with its end', async () => {
  const app = await registerApplication(parts, tenant, { name: 'secrets' });
  const expiresAt = new Date(parts.clock.nowMs() + 1000);
  const short = await addSecret(parts, app, { name: 'short', expiresAt });
  const long = await addSecret(parts, app, {});
  expect(await listSecrets(parts, app)).toEqual([
    { id: short.id, name: 'short', hint: short.secret.slice(0, 3), expiresAt },
    { id: long.id, name: '', hint: long.secret.slice(0, 3), expiresAt: undefined },
  ]);
  expect(await checkSecret(parts, app, short.secret)).toBe('valid');
  parts.clock.advance(1000);
  expect(await checkSecret(parts, app, short.secret)).toBe('expired');
  expect(await checkSecret(parts, app, long.secret)).toBe('valid');
  expect(await checkSecret(parts, app, `${long.secret}x`)).toBe('wrong');
  expect(await removeSecret(parts, app, long.id)).toBe(true);
  expect(await checkSecret(parts, app, long.secret)).toBe('wrong');
  expect(await refusal(addSecret(parts, app, { expiresAt }))).toBe('InvalidInput');
});

test('certificates are RSA, valid, registered once and without their key', async () => {
  const app = await registerApplication(parts, tenant, { name: 'certificates' });
  const { certificate, key } = makeCertificate('rsa:2048');
  const added = await addCertificate(parts, app, certificate);
  expect(await listCertificates(parts, app)).toEqual([added]);
  expect(await refusal(addCertificate(parts, app, certificate))).toBe('Conflict');
  for (const pem of [key, certificate + key, 'x', makeCertificate('rsa:1024').certificate]) {
    expect(await refusal(addCertificate(parts, app, pem))).toBe('InvalidInput');
  }
});

describe('users', () => {
  const password = 'correct horse battery';

  test('have one sign-in name on the whole server, in a domain of their tenant', async () => {
    const user = await createUser(parts, tenant, {
      upn: 'Ada@Example.org',
      name: 'Ada',
      roles: ['view-data'],
    });
    expect(user).toMatchObject({ upn: 'ada@example.org', enabled: true, hasPassword: false });
    expect(user).not.toHaveProperty('password');
    expect(await userBy(parts, 'ADA@example.org')).toEqual(user);
    expect(await refusal(createUser(parts, tenant, { upn: 'ada@example.org' }))).toBe('Conflict');
    expect(await refusal(createUser(parts, tenant, { upn: 'ada@other.example' }))).toBe('InvalidInput');
    expect(await refusal(createUser(parts, tenant, { upn: 'ada' }))).toBe('InvalidInput');
    expect(await refusal(createUser(parts, tenant, { upn: 'b@example.org', roles: ['root'] }))).toBe(
      'InvalidInput',
    );
    expect(await refusal(existingUser(parts, other, user.id))).toBe('ResourceNotFound');
    expect(await refusal(setPassword(parts, tenant, user.id, 'short'))).toBe('InvalidInput');
    await setPassword(parts, tenant, user.id, password);
    const changed = await changeUser(parts, tenant, user.upn, { enabled: false, familyName: 'L' });
    expect(changed).toEqual({ ...user, enabled: false, familyName: 'L', hasPassword: true });
  });

  test('passwords are kept as a salted slow hash', async () => {
    const user = await createUser(parts, tenant, { upn: 'bo@example.org', password });
    const { password: stored } = await parts.store.db
      .selectFrom('users')
      .select('password')
      .where('id', '=', user.id)
      .executeTakeFirstOrThrow();
    expect(stored).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
  });

  test('see the device groups that they are members of; an administrator sees all', async () => {
    const user = await createUser(parts, tenant, { upn: 'cy@example.org' });
    const servers = await createDeviceGroup(parts, tenant, {
      name: 'servers',
      rules: [{ property: 'name', operator: 'startsWith', value: 'srv-' }],
    });
    const rest = await createDeviceGroup(parts, tenant, { name: 'rest' });
    expect([servers.rank, rest.rank]).toEqual([1, 2]);
    await changeDeviceGroup(parts, tenant, servers.id, { rank: 5 });
    expect((await listDeviceGroups(parts, tenant)).map(({ name }) => name)).toEqual(['rest', 'servers']);
    expect(await refusal(changeDeviceGroup(parts, tenant, 'rest', { name: 'servers' }))).toBe('Conflict');
    expect(await visibleDeviceGroups(parts, user)).toEqual([]);
    await setDeviceGroupUsers(parts, tenant, 'servers', [user.upn, user.id]);
    expect(await visibleDeviceGroups(parts, user)).toEqual([servers.id]);
    const chief = await changeUser(parts, tenant, user.id, { roles: ['administrator'] });
    expect(await visibleDeviceGroups(parts, chief)).toBeUndefined();
    await removeUser(parts, tenant, user.id);
    expect(await userBy(parts, user.upn)).toBeUndefined();
  });
});

test('consent is a user`s or everyone`s, to one API', async () => {
  const app = await registerApplication(parts, tenant, { name: 'consent' });
  const user = await createUser(parts, tenant, { upn: 'di@example.org' });
  const scopes = async (who: string, api: 'defender' | 'graph' = 'defender') =>
    [...(await consentedScopes(parts, tenant, app, who, api))].sort();
  await grantConsent(parts, tenant, app, { user: user.id, api: 'defender', scopes: ['Alert.Read'] });
  await grantConsent(parts, tenant, app, { user: user.id, api: 'defender', scopes: ['Machine.Read'] });
  await grantConsent(parts, tenant, app, { user: undefined, api: 'defender', scopes: ['Incident.Read'] });
  expect(await scopes(user.id)).toEqual(['Alert.Read', 'Incident.Read', 'Machine.Read']);
  expect(await scopes('someone else')).toEqual(['Incident.Read']);
  expect(await scopes(user.id, 'graph')).toEqual([]);
  expect(await revokeConsent(parts, tenant, app, user.id)).toBe(1);
  expect(await scopes(user.id)).toEqual(['Incident.Read']);
});

test('a redirect URI matches to the letter, but for the port of a loopback name', () => {
  const known = [
    { uri: 'https://app.example/back', kind: 'web' },
    { uri: 'http://localhost', kind: 'public' },
    { uri: 'http://127.0.0.1:1/cb', kind: 'public' },
  ] as const;
  const matches = (uri: string) => matchingRedirectUri(known, uri)?.uri;
  expect(matches('https://app.example/back')).toBe('https://app.example/back');
  expect(matches('http://localhost:5173')).toBe('http://localhost');
  expect(matches('http://localhost:5173/')).toBe('http://localhost');
  expect(matches('http://127.0.0.1:99/cb')).toBe('http://127.0.0.1:1/cb');
  for (const trick of [
    'https://app.example/back/',
    'https://app.example/back?x=1',
    'https://app.example/back#x',
    'https://app.example/BACK',
    'https://app.example:444/back',
    'https://app.example/back/../evil',
    'https://app.example@evil.example/back',
    'https://app.example.evil.example/back',
    'http://app.example/back',
    'http://localhost.evil.example/',
    'http://localhost:1@evil.example/',
    'http://localhost:x',
    'http://localhost:999999/',
    'http://localhost/other',
    'http://127.0.0.1:99/cb/x',
    'http://127.0.0.1/cb#x',
    'http://[::1]/',
  ]) {
    expect(matches(trick), trick).toBeUndefined();
  }
});
