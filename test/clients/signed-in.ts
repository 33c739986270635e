import { startTestServer, type TestServer } from '../server.ts';

/** A started server and an application that may hunt by every API. */
export interface SignedIn {
  readonly server: TestServer;
  readonly clientId: string;
  readonly clientSecret: string;
  /** A token from the token endpoint, by the client credentials grant. */
  token(resource?: string): Promise<string>;
  /** A call with the token; a string body is sent as it is. */
  call(
    path: string,
    body?: string | object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }>;
  stop(): Promise<void>;
}

export const HUNTING_ROLES = ['AdvancedHunting.Read.All', 'AdvancedQuery.Read.All', 'ThreatHunting.Read.All'];

export async function signedIn(
  env: Readonly<Record<string, string>> = { SPOOR_QUOTAS: 'unlimited' },
  roles: readonly string[] = HUNTING_ROLES,
): Promise<SignedIn> {
  const server = await startTestServer(['--sample'], env);
  const app = await server.administer<{ clientId: string; clientSecret: string }>('apps', {
    name: 'client',
    roles,
  });
  const token = async (resource = env['SPOOR_PUBLIC_URL'] ?? server.url): Promise<string> => {
    const granted = await fetch(`${server.url}/${server.tenant}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: app.clientId,
        client_secret: app.clientSecret,
        resource,
      }),
    });
    const { access_token } = (await granted.json()) as { access_token?: string };
    if (access_token === undefined) throw new Error(`no token: status ${granted.status}`);
    return access_token;
  };
  const bearer = await token().catch(async (error: unknown) => {
    await server.remove();
    throw error;
  });
  return {
    server,
    ...app,
    token,
    async call(path, body, headers = {}) {
      const answer = await fetch(server.url + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${bearer}`, ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    },
    stop: () => server.remove(),
  };
}
