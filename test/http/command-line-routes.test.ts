import { describe, expect, test } from 'vitest';
import { errorOf, useApi } from './api.ts';
import { OTHER_TENANT, TENANT, tokenFor } from './server.ts';

const api = useApi();

describe('the command line`s routes', () => {
  const admin = (path: string, body: object | string, headers: Record<string, string> = {}) =>
    api.send(`/spoor/admin/${path}`, typeof body === 'string' ? body : JSON.stringify(body), {
      authorization: `SpoorKey ${api.server.cliKey}`,
      'x-spoor-tenant': TENANT,
      ...headers,
    });

  test('make an application that can take a token at once', async () => {
    const response = await admin('apps', { name: 'hunter', roles: ['AdvancedHunting.Read.All'] });
    const made = (await response.json()) as { clientId: string; clientSecret: string };
    expect(Object.keys(made)).toEqual(['clientId', 'clientSecret', 'tenant', 'roles']);
    expect(made).toMatchObject({ tenant: TENANT, roles: ['AdvancedHunting.Read.All'] });
    expect(made.clientSecret).toMatch(/^[A-Za-z0-9~._-]{40,}$/);
    expect(await tokenFor(api.server, made)).toEqual(expect.any(String));
  });

  test('make a tenant once', async () => {
    const id = 'D0E1F2A3-0000-4000-8000-000000000001';
    const first = await (await admin('tenants', { id, domain: 'Lab.example' })).json();
    expect(first).toEqual({
      tenant: id.toLowerCase(),
      name: 'lab.example',
      domain: 'lab.example',
      created: true,
    });
    expect(await (await admin('tenants', { id })).json()).toMatchObject({ created: false });
    expect(await errorOf(await admin('tenants', { domain: 'lab.example' }))).toMatchObject({
      status: 409,
      code: 'Conflict',
    });
  });

  test('query, check, explain and ingest in the tenant of the header', async () => {
    const other = { 'x-spoor-tenant': OTHER_TENANT.toUpperCase() };
    expect((await admin('query', { Query: 'print 1' }, other)).status).toBe(200);
    expect(api.asked).toMatchObject([{ caller: { tenant: OTHER_TENANT }, query: 'print 1' }]);
    expect(await (await admin('check', { Query: 'x' }, other)).json()).toEqual({
      ok: true,
      tenant: OTHER_TENANT,
      query: 'x',
    });
    expect((await admin('explain', { Query: 'x', stage: 'plan' }, other)).status).toBe(200);
    expect(await (await admin('ingest/auto', 'abc', other)).json()).toMatchObject({ events: 3 });
  });

  test.each([
    ['an unknown role', 'apps', { name: 'x', roles: ['Everything'] }, 400, 'InvalidInput'],
    ['an inherited role', 'apps', { name: 'x', roles: ['constructor'] }, 400, 'InvalidInput'],
    ['roles that are no list', 'apps', { name: 'x', roles: 'AdvancedHunting.Read.All' }, 400, 'InvalidInput'],
    ['no name', 'apps', { roles: [] }, 400, 'MissingRequiredParameter'],
    ['an endless name', 'apps', { name: 'x'.repeat(300), roles: [] }, 400, 'InvalidInput'],
    ['a tenant id that is none', 'tenants', { id: 'x' }, 400, 'InvalidInput'],
    ['a domain that is none', 'tenants', { domain: 'a b' }, 400, 'InvalidInput'],
    ['an unknown stage', 'explain', { Query: 'x', stage: 'y' }, 400, 'InvalidInput'],
    ['no query', 'check', {}, 400, 'InvalidRequestBody'],
    ['no JSON', 'apps', 'x', 400, 'InvalidRequestBody'],
  ])('refuse %s', async (_name, path, body, status, code) => {
    expect(await errorOf(await admin(path, body))).toMatchObject({ status, code });
  });

  test('refuse an unknown tenant and none', async () => {
    expect(
      await errorOf(await admin('check', { Query: 'x' }, { 'x-spoor-tenant': TENANT.replace('5', '6') })),
    ).toMatchObject({ status: 404 });
    expect(await errorOf(await admin('check', { Query: 'x' }, { 'x-spoor-tenant': '' }))).toMatchObject({
      status: 400,
    });
  });

  test.each([
    ['no key', ''],
    ['a wrong key', `SpoorKey ${'A'.repeat(43)}`],
    ['a short key', 'SpoorKey A'],
    ['a bearer token', 'bearer'],
  ])('refuse %s', async (_name, authorization) => {
    const header = authorization === 'bearer' ? `Bearer ${api.token}` : authorization;
    expect(await errorOf(await admin('check', { Query: 'x' }, { authorization: header }))).toMatchObject({
      status: 401,
      code: 'Unauthorized',
    });
  });

  test('refuse a key that came over a network in the clear', async () => {
    const response = await api.server.app.inject({
      method: 'POST',
      url: '/spoor/admin/check',
      remoteAddress: '192.0.2.7',
      headers: { authorization: `SpoorKey ${api.server.cliKey}`, 'x-spoor-tenant': TENANT },
      payload: '{"Query":"x"}',
    });
    expect(response.statusCode).toBe(403);
  });
});
