import { createHash, randomBytes } from 'node:crypto';
import { registerApplication } from '../../src/identity/directory/applications.ts';
import { existingTenant } from '../../src/identity/directory/tenants.ts';
import { createUser } from '../../src/identity/directory/users.ts';
import { TENANT, type TestServer } from './server.ts';

export const PASSWORD = 'correct horse battery';
export const UPN = 'ada@example.org';
export const CALLBACK = 'http://localhost:4999/callback';
export const XDR = 'https://api.security.microsoft.com';

/** A browser without script: keeps cookies, follows no redirect by itself, and sends a page's form. */
export function openBrowser(server: Pick<TestServer, 'url'>) {
  const cookies = new Map<string, string>();

  async function go(path: string, init: RequestInit = {}): Promise<Visit> {
    const url = new URL(path, server.url);
    const response = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: { ...init.headers, cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
    });
    for (const text of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location') ?? undefined;
    return { status: response.status, headers: response.headers, text: await response.text(), location };
  }

  return {
    cookies,
    go,
    /** Fills in the only form of a page and sends it. */
    submit(visit: Visit, fields: Record<string, string>, more: RequestInit = {}) {
      const action = unescaped(/<form method="post" action="([^"]*)"/.exec(visit.text)?.[1] ?? '');
      const hidden = [...visit.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(
        ([, name = '', value = '']) => [name, unescaped(value)],
      );
      const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields });
      return go(action, { method: 'POST', body, ...more });
    },
  };
}

export interface Visit {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly location: string | undefined;
}

function unescaped(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

/** A user with the role to see data, and a public client that may hunt for users. */
export async function signInParts(server: TestServer) {
  const { parts } = server.directory;
  const tenant = await existingTenant(parts, TENANT);
  const user = await createUser(parts, tenant, {
    upn: UPN,
    name: 'Ada',
    password: PASSWORD,
    roles: ['view-data'],
  });
  const client = await registerApplication(parts, tenant, {
    name: 'hunter <b>',
    isPublic: true,
    scopes: ['AdvancedHunting.Read'],
    redirectUris: [{ uri: 'http://localhost/callback', kind: 'public' }],
  });
  return { tenant, user, client };
}

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

export function pkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export function authorizePath(clientId: string, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: `openid profile offline_access ${XDR}/AdvancedHunting.Read`,
    state: 's t&a"te',
    nonce: 'n',
    ...more,
  });
  for (const [name, value] of Object.entries(more)) if (value === '') query.delete(name);
  return `/${TENANT}/oauth2/v2.0/authorize?${query}`;
}

/** Posts a form to the token endpoint. */
export async function token(
  server: TestServer,
  fields: Record<string, string>,
  path = `/${TENANT}/oauth2/v2.0/token`,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await fetch(server.url + path, { method: 'POST', body: new URLSearchParams(fields) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
