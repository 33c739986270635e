import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '../certificate.ts';
import { type CliResult, runCli, startTestServer, type TestServer } from '../server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(['--no-sample'], { SPOOR_QUOTAS: 'unlimited' });
});
afterAll(() => server?.remove());

function spoor(...args: string[]): Promise<CliResult> {
  return runCli([...args, '--data', server.data]);
}

async function done(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await spoor(...args);
  if (code !== 0) throw new Error(`spoor ${args.join(' ')}: ${stderr}`);
  return stdout;
}

async function json<T>(...args: string[]): Promise<T> {
  return JSON.parse(await done(...args, '--json')) as T;
}

async function lines<T>(...args: string[]): Promise<T[]> {
  const text = await done(...args, '--json');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

async function token(id: string, secret: string): Promise<number> {
  const answer = await fetch(`${server.url}/${server.tenant}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: id,
      client_secret: secret,
      resource: 'https://api.security.microsoft.com',
    }),
  });
  return answer.status;
}

test('an application lives from its registration to its removal', async () => {
  const app = await json<{ clientId: string; clientSecret: string }>(
    ...['app', 'create', '--name', 'reader', '--role', 'AdvancedHunting.Read.All'],
    ...['--redirect-uri', 'https://reader.example.org/back', '--expires', '30d'],
  );
  const id = app.clientId;
  expect(await token(id, app.clientSecret)).toBe(200);
  const made = await json<{ id: string; secret: string }>('secret', 'add', '--app', id, '--name', 'second');
  expect(await token(id, made.secret)).toBe(200);
  const listed = await done('secret', 'list', '--app', id, '--json');
  expect(listed.split('\n').filter((line) => line !== '')).toHaveLength(2);
  expect(listed).not.toContain(made.secret);
  expect(listed).not.toContain(app.clientSecret);
  await done('secret', 'remove', made.id, '--app', id);
  expect(await token(id, made.secret)).toBe(401);
  await done('role', 'grant', 'Alert.Read.All', '--app', id);
  const shown = await json<{ roles: string[]; redirectUris: object[] }>('app', 'show', id);
  expect(shown.roles).toEqual(['AdvancedHunting.Read.All', 'Alert.Read.All']);
  expect(shown.redirectUris).toEqual([{ uri: 'https://reader.example.org/back', kind: 'web' }]);
  await done('role', 'revoke', 'Alert.Read.All', '--app', id);
  expect((await json<{ roles: string[] }>('app', 'show', id)).roles).toEqual(['AdvancedHunting.Read.All']);
  await done('app', 'consent', id, '--scope', 'AdvancedHunting.Read');
  expect(await lines('app', 'consents', id)).toEqual([
    expect.objectContaining({ api: 'defender', scopes: ['AdvancedHunting.Read'] }),
  ]);
  await done('app', 'withdraw', id);
  expect(await lines('app', 'consents', id)).toEqual([]);
  await done('app', 'remove', id);
  expect(await token(id, app.clientSecret)).toBe(400);
  expect((await spoor('app', 'show', id)).stderr).toMatch(/^ResourceNotFound: /);
});

test('users, roles and device groups', async () => {
  const made = await json<{ upn: string; hasPassword: boolean; password: string }>(
    ...['user', 'create', 'Ada@Example.org', '--name', 'Ada', '--role', 'view-data', '--generate-password'],
  );
  expect(made).toMatchObject({ upn: 'ada@example.org', hasPassword: true });
  expect(made.password).toHaveLength(24);
  expect(await done('user', 'list', '--json')).not.toContain(made.password);
  await done('role', 'grant', 'manage-alerts', '--user', 'ada@example.org');
  await done('user', 'update', 'ada@example.org', '--no-enabled');
  expect(await lines('user', 'list')).toEqual([
    expect.objectContaining({ roles: ['view-data', 'manage-alerts'], enabled: false }),
  ]);
  await done('group', 'create', 'Servers', '--rule', 'name startsWith srv', '--rule', 'os contains Server');
  await done('group', 'update', 'Servers', '--rank', '7', '--user', 'ada@example.org');
  const group = await json<object>('group', 'show', 'Servers');
  expect(group).toMatchObject({
    rank: 7,
    users: ['ada@example.org'],
    rules: [
      { property: 'name', operator: 'startsWith', value: 'srv' },
      { property: 'os', operator: 'contains', value: 'Server' },
    ],
  });
  expect((await spoor('group', 'create', 'Servers')).stderr).toMatch(/^Conflict: /);
  expect((await spoor('group', 'create', 'x', '--user', 'nobody@example.org')).stderr).toMatch(
    /^ResourceNotFound: /,
  );
  expect(await lines('group', 'list')).toHaveLength(1);
  expect((await spoor('user', 'create', 'b@example.org', '--role', 'king')).stderr).toMatch(
    /^InvalidInput: /,
  );
  await done('group', 'remove', 'Servers');
  await done('user', 'remove', 'ada@example.org');
  expect((await done('role', 'list')).split('\n').length).toBeGreaterThan(20);
});

const TENANT = '11111111-2222-4333-8444-555555555555';
const DOCUMENT = `
tenants:
  - id: ${TENANT}
    name: Contoso
    domains: [contoso.example]
    applications:
      - name: playbooks
        roles: [AdvancedHunting.Read.All]
        redirectUris: [https://playbooks.contoso.example/back, {uri: http://localhost/back, kind: public}]
        secrets: [{name: first, expiresAt: 2099-01-01}]
        consents: [{api: defender, scopes: [AdvancedHunting.Read]}, {user: ada@contoso.example, api: graph, scopes: [User.Read]}]
    users:
      - {upn: ada@contoso.example, name: Ada, roles: [view-data], generatePassword: true}
      - {upn: bob@contoso.example, roles: [administrator]}
    groups:
      - {name: Servers, rank: 1, rules: [{property: name, operator: startsWith, value: srv}], users: [ada@contoso.example]}
      - {name: Everything else, rank: 2, rules: []}
`;

describe('a file that says what the directory is', () => {
  interface Answer {
    readonly applied: boolean;
    readonly steps: readonly { readonly action: string; readonly kind: string; readonly name: string }[];
    readonly made: readonly { readonly kind: string; readonly value: string }[];
  }

  async function apply(text: string, ...args: string[]): Promise<Answer> {
    const file = join(server.data, 'directory.yaml');
    writeFileSync(file, text);
    try {
      return await json<Answer>('apply', file, ...args);
    } finally {
      rmSync(file);
    }
  }

  test('is planned, applied once, and then there is nothing to do', async () => {
    const planned = await apply(DOCUMENT, '--dry-run');
    expect(planned.applied).toBe(false);
    expect(planned.steps.map(({ action, kind }) => `${action} ${kind}`)).toEqual([
      'create tenant',
      'create domain',
      'create user',
      'create user',
      'create application',
      'create secret',
      'create consent',
      'create consent',
      'create group',
      'change members',
      'create group',
    ]);
    expect((await done('tenant', 'list')).includes(TENANT)).toBe(false);
    const done1 = await apply(DOCUMENT, '--yes');
    expect(done1.steps).toEqual(planned.steps);
    expect(done1.made.map(({ kind }) => kind)).toEqual(['password', 'clientId', 'secret']);
    expect(await lines('app', 'list', '--tenant', TENANT)).toMatchObject([
      { id: done1.made.find(({ kind }) => kind === 'clientId')?.value, name: 'playbooks' },
    ]);
    expect((await apply(DOCUMENT, '--dry-run')).steps).toEqual([]);
    expect((await apply(DOCUMENT, '--dry-run', '--prune')).steps).toEqual([]);
  });

  test('changes what differs and removes only when told to', async () => {
    const less = DOCUMENT.replace(/ {6}- \{upn: bob.*\n/, '')
      .replace('rank: 2, rules: []', 'rank: 5, rules: []')
      .replace('roles: [view-data]', 'roles: [view-data, manage-alerts]');
    expect((await apply(less, '--yes')).steps).toEqual([
      expect.objectContaining({
        action: 'change',
        kind: 'user',
        changes: ['roles: view-data -> view-data, manage-alerts'],
      }),
      expect.objectContaining({ action: 'change', kind: 'group', changes: ['rank: 2 -> 5'] }),
    ]);
    expect((await apply(less, '--yes', '--prune')).steps).toEqual([
      expect.objectContaining({ action: 'remove', kind: 'user', name: 'bob@contoso.example' }),
    ]);
    expect(await lines('user', 'list', '--tenant', TENANT)).toHaveLength(1);
  });

  test('registers certificates and takes back what it no longer names, when told to', async () => {
    const { certificate } = makeCertificate();
    const pem = certificate.trimEnd().split('\n').join('\n              ');
    const people = DOCUMENT.replace(/ {6}- \{upn: bob.*\n/, '')
      .replace('rank: 2, rules: []', 'rank: 5, rules: []')
      .replace('roles: [view-data]', 'roles: [view-data, manage-alerts]');
    const signed = people
      .replace(/ {8}consents: .*\n/, '        consents: [{api: defender, scopes: [AdvancedHunting.Read]}]\n')
      .replace(
        '        secrets:',
        `        certificates:\n          - name: signer\n            pem: |\n              ${pem}\n        secrets:`,
      );
    expect((await apply(signed, '--yes')).steps).toEqual([
      expect.objectContaining({ action: 'create', kind: 'certificate', name: 'playbooks: signer' }),
    ]);
    expect((await apply(signed, '--yes', '--prune')).steps).toEqual([
      expect.objectContaining({ action: 'remove', kind: 'consent', name: 'playbooks: ada@contoso.example' }),
    ]);
    expect((await apply(signed, '--dry-run', '--prune')).steps).toEqual([]);
    const none = signed.replace(/ {8}certificates:[\s\S]*?(?= {8}secrets:)/, '        certificates: []\n');
    expect((await apply(none, '--yes', '--prune')).steps).toEqual([
      expect.objectContaining({ action: 'remove', kind: 'certificate', name: 'playbooks: signer' }),
    ]);
    const broken = none.replace('certificates: []', 'certificates: [{pem: x}]');
    const file = join(server.data, 'broken.yaml');
    writeFileSync(file, broken);
    expect((await spoor('apply', file, '--yes')).stderr).toMatch(/^InvalidInput: /);
  });

  test('is refused where it says what is not known', async () => {
    const file = join(server.data, 'wrong.yaml');
    for (const [text, code] of [
      ['users: [{upn: a@b.example, rolls: [view-data]}]', 'InvalidInput'],
      ['users: [{name: Ada}]', 'MissingRequiredParameter'],
      ['applications: [{name: x, redirectUris: [{uri: https://a.example, kind: spa}]}]', 'InvalidInput'],
      ['users: {a: [', 'BadDocument'],
    ] as const) {
      writeFileSync(file, text);
      expect((await spoor('apply', file, '--yes')).stderr).toMatch(new RegExp(`^${code}: `));
    }
    writeFileSync(file, 'users: [{upn: new@example.org}]');
    expect((await spoor('apply', file)).stderr).toMatch(/^Usage: /);
    expect(await lines('user', 'list')).toEqual([]);
  });
});
