import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OutsideIssuer, startIssuer } from '../http/issuer.ts';
import { runCli, startTestServer, type TestServer } from '../server.ts';

const OTHER = '7d1f0a52-3f0e-4c7c-9d55-0a1b2c3d4e5f';
const XDR = 'https://api.security.microsoft.com';

let spoor: TestServer;
let issuer: OutsideIssuer;

beforeAll(async () => {
  [spoor, issuer] = await Promise.all([startTestServer(), startIssuer()]);
  await spoor.administer('tenants', { id: OTHER, domain: 'other.example' });
});
afterAll(async () => {
  await spoor?.remove();
  await issuer?.close();
});

async function cli(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli([...args, '--data', spoor.data]);
  if (code !== 0) throw new Error(`${code}: ${stderr}`);
  return stdout;
}

async function bearerOf(tenant: string): Promise<string> {
  const roles = ['AdvancedHunting.Read.All'];
  const app = await spoor.administer<{ clientId: string; clientSecret: string }>('apps', {
    name: 'a',
    roles,
    tenant,
  });
  const answer = await fetch(`${spoor.url}/${tenant}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: app.clientId,
      client_secret: app.clientSecret,
      resource: XDR,
    }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

async function hunt(bearer: string, query = 'print 1') {
  const answer = await fetch(`${spoor.url}/api/advancedhunting/run`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ Query: query }),
  });
  const body = (await answer.json()) as { Results?: unknown[]; error?: { message: string } };
  return { status: answer.status, rows: body.Results?.length, message: body.error?.message };
}

describe('a tenant named on the command line', () => {
  const domain = ['--tenant', 'Other.example'];

  test('is found by its domain', async () => {
    const siem = JSON.parse(await cli('siem', 'enable', '--name', 'x', '--json', ...domain));
    expect(siem).toMatchObject({ tenant: OTHER, tokenUrl: `${spoor.url}/${OTHER}/oauth2/token` });
    const app = JSON.parse(await cli('app', 'create', '--name', 'by-domain', '--json', ...domain));
    expect(app).toMatchObject({ tenant: OTHER });
    expect(await cli('app', 'list', ...domain)).toContain('by-domain');
    expect(await cli('app', 'list', '--tenant', OTHER)).toContain('by-domain');
    expect(await cli('app', 'list')).not.toContain('by-domain');
    for (const listing of ['user', 'group', 'rule']) await cli(listing, 'list', ...domain);
    await cli('query', 'print 1', ...domain);
  });

  test.each([
    ['nobody.example', 1, 'ResourceNotFound'],
    ['öther.example', 2, 'Usage'],
  ])('is refused where it is none: %s', async (name, code, word) => {
    const refused = await runCli(['app', 'list', '--tenant', name, '--data', spoor.data]);
    expect([refused.code, refused.stderr]).toEqual([code, expect.stringContaining(word)]);
  });

  test('has its limits told by id, by domain and by `--tenant`; the default one needs no name', async () => {
    const told = async (...args: readonly string[]) =>
      JSON.parse(await cli('tenant', 'limits', ...args, '--json')).tenant;
    expect(await told(OTHER)).toBe(OTHER);
    expect(await told('OTHER.example')).toBe(OTHER);
    expect(await told(...domain)).toBe(OTHER);
    expect(await told()).toBe(spoor.tenant);
  });
});

describe('limits of a tenant', () => {
  test('hold for it alone, from the next call on, and can be taken back', async () => {
    const [own, other] = await Promise.all([bearerOf(spoor.tenant), bearerOf(OTHER)]);
    for (let call = 0; call < 3; call++) expect((await hunt(own)).status).toBe(200);
    await cli('tenant', 'limits', spoor.tenant, '--quota-calls', '2', '--max-rows', '5');
    const refused = await hunt(own);
    expect(refused.status).toBe(429);
    // Clients show this sentence; the service words it so.
    expect(refused.message).toContain('Maximum allowed 2 per 00:01:00');
    expect((await hunt(other, 'range N from 1 to 9 step 1')).rows).toBe(9);

    await cli('tenant', 'limits', spoor.tenant, '--quotas', 'unlimited', '--max-rows', '5');
    expect(await hunt(own, 'range N from 1 to 9 step 1')).toMatchObject({ status: 200, rows: 5 });
    const shown = JSON.parse(await cli('tenant', 'limits', spoor.tenant, '--json'));
    expect(shown).toMatchObject({
      own: { profile: 'unlimited', maxRows: 5 },
      standing: { profile: 'unlimited', maxRows: 5, limits: { callsPerMinute: { allowed: null, used: 4 } } },
    });

    await cli('tenant', 'limits', spoor.tenant, '--server');
    expect((await hunt(own, 'range N from 1 to 9 step 1')).rows).toBe(9);
  });

  test.each([
    [{ callsPerMinute: 0 }, 'InvalidInput'],
    [{ callsPerMinute: 1.5 }, 'InvalidInput'],
    [{ cpuPercent: 101 }, 'InvalidInput'],
    [{ profile: '2019' }, 'InvalidInput'],
    [{ maxRows: 'unlimited' }, 'InvalidInput'],
    [{ calls: 3 }, 'InvalidInput'],
  ])('%j is refused', async (limits, code) => {
    const document = { tenants: [{ id: OTHER, limits }] };
    await expect(spoor.administer('apply', { document })).rejects.toThrow(code);
  });
});

describe('an outside issuer', () => {
  const token = (more: object = {}) =>
    issuer.sign({ aud: 'spoor', roles: ['hunters'], azp: 'theirs', ...more });

  test('opens the tenant that trusts it while it does, and no other', async () => {
    expect((await hunt(await token())).status).toBe(401);
    const trust = ['issuer', 'trust', issuer.iss, '--audience', 'spoor', '--role'];
    await cli(...trust, 'hunters=AdvancedHunting.Read.All', 'watchers=Alert.Read.All');
    expect((await hunt(await token())).status).toBe(200);
    expect((await hunt(await token({ roles: ['watchers'] }))).status).toBe(403);
    expect((await hunt(await token({ roles: ['constructor'] }))).status).toBe(403);
    expect((await hunt(await token({ aud: 'else' }))).status).toBe(401);
    expect(await cli('issuer', 'list')).toContain(issuer.iss);

    const taken = await runCli([...trust, 'x=Alert.Read.All', '--tenant', OTHER, '--data', spoor.data]);
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('Conflict')]);

    await cli('issuer', 'remove', issuer.iss);
    expect((await hunt(await token())).status).toBe(401);
  });

  test.each([
    { issuer: 'http://login.example.org', audiences: ['a'], roles: {} },
    { issuer: 'https://login.example.org', roles: {} },
    { issuer: 'https://login.example.org', audiences: [], roles: {} },
    { issuer: 'https://login.example.org', audiences: ['a'], roles: { r: ['NoSuch.Permission'] } },
    { issuer: 'https://login.example.org', audiences: ['a'], roles: {}, jwksUri: 'http://keys.example.org' },
  ])('is refused as %j', async (entry) => {
    await expect(spoor.administer('apply', { document: { issuers: [entry] } })).rejects.toThrow(
      /InvalidInput|MissingRequiredParameter/,
    );
  });
});

test('a document sets both, once, and prunes what it no longer lists', async () => {
  const trusted = {
    issuer: issuer.iss,
    audiences: ['spoor'],
    roles: { hunters: ['AdvancedHunting.Read.All'] },
  };
  type Applied = { readonly steps: readonly { readonly action: string; readonly kind: string }[] };
  const apply = async (tenant: object, prune = false) => {
    const document = { tenants: [{ id: OTHER, ...tenant }] };
    const { steps } = await spoor.administer<Applied>('apply', { document, prune });
    return steps.map(({ action, kind }) => `${action} ${kind}`);
  };
  const both = { limits: { callsPerMinute: 7, requestSeconds: 30 }, issuers: [trusted] };
  expect(await apply(both)).toEqual(['change limits', 'create issuer']);
  expect(await apply(both)).toEqual([]);
  expect((await hunt(await issuer.sign({ aud: 'spoor', roles: ['hunters'] }))).status).toBe(200);
  const changed = { limits: { callsPerMinute: 7 }, issuers: [{ ...trusted, userClaim: 'upn' }] };
  expect(await apply(changed)).toEqual(['change limits', 'change issuer']);
  expect(await apply(changed)).toEqual([]);
  expect(await apply({ limits: {}, issuers: [] })).toEqual(['change limits']);
  expect(await apply({ issuers: [] }, true)).toEqual(['remove issuer']);
  expect(await apply({ limits: {}, issuers: [] }, true)).toEqual([]);
});
