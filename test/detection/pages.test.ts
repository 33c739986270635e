import { afterAll, beforeAll, expect, it } from 'vitest';
import { createUser } from '../../src/identity/directory/users.ts';
import type { DeviceScope } from '../../src/model/device-scope.ts';
import { startServer, TENANT, type TestServer } from '../http/server.ts';
import { raise } from './raise.ts';

const PASSWORD = 'correct horse battery';

let server: TestServer;
let scope: DeviceScope | undefined;
let alertId: string;
beforeAll(async () => {
  server = await startServer({ deviceScope: async () => scope });
  await raise(server, 'd1', 'High', { ProcessCommandLine: 'nc64.exe <script>alert(1)</script>' });
  alertId = String((await server.store.db.selectFrom('alerts').select('id').executeTakeFirst())?.id);
  const tenant = await server.directory.tenant(TENANT);
  if (tenant === undefined) throw new Error('no tenant');
  const roles = ['view-data'];
  await createUser(server.directory.parts, tenant, { upn: 'ana@example.org', password: PASSWORD, roles });
});
afterAll(() => server?.close());

/** Follows a link as a browser does, signing in where it is asked to. */
async function visit(path: string, cookies: Map<string, string>) {
  const send = async (method: string, body?: URLSearchParams) => {
    const answer = await fetch(server.url + path, {
      method,
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(body === undefined ? {} : { body }),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=');
      cookies.set(name, value);
    }
    return { status: answer.status, text: await answer.text() };
  };
  const first = await send('GET');
  const csrf = /name="csrf" value="([^"]+)"/.exec(first.text)?.[1];
  if (csrf === undefined) return first;
  const signedIn = await send(
    'POST',
    new URLSearchParams({ csrf, username: 'ana@example.org', password: PASSWORD }),
  );
  expect(signedIn.status).toBe(303);
  return await send('GET');
}

it('a link of a detection asks to sign in, and then shows the alert', async () => {
  const cookies = new Map<string, string>();
  const page = await visit(`/alert/${alertId}`, cookies);
  expect(page.status).toBe(200);
  expect(page.text).toContain('On d1');
  expect(page.text).toContain('kim');
  expect(page.text).not.toContain('<script>');
  const incident = await visit(`/incidents/byalert?alertId=${alertId}&source=SIEM`, cookies);
  expect(incident.text).toContain(`href="/alert/${alertId}"`);
  expect((await visit('/incidents/1', cookies)).text).toBe(incident.text);
});

it('what the user does not see, or what is not there, is not found', async () => {
  const cookies = new Map<string, string>();
  expect((await visit('/alert/none', cookies)).status).toBe(404);
  scope = { kind: 'devices', which: 'only', ids: ['other'] };
  expect((await visit(`/alert/${alertId}`, cookies)).status).toBe(404);
  expect((await visit('/incidents/1', cookies)).status).toBe(404);
  scope = undefined;
});
