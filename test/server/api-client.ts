import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestServer } from '../server.ts';

/** The answer of an API call that reached the server. */
export interface ApiAnswer {
  readonly status: number;
  /** The code of its error; undefined where it succeeded. */
  readonly code: string | undefined;
  readonly retryAfter: string | null;
  readonly body: unknown;
}

/** A program with a token of a running server. Calls reject only where the connection broke. */
export interface ApiClient {
  deliver(idempotencyKey: string, body: string): Promise<ApiAnswer>;
  query(kql: string): Promise<ApiAnswer>;
  /** The rows of a query; throws where it fails. */
  rows<Row>(kql: string): Promise<readonly Row[]>;
}

/** Registers an application at a server and takes a token from its token endpoint. */
export async function signIn(server: TestServer): Promise<ApiClient> {
  const admin = `${server.url}/spoor/admin/apps`;
  const made = await call(admin, `SpoorKey ${readFileSync(join(server.data, 'cli.key'), 'utf8').trim()}`, {
    name: 'test',
    roles: ['AdvancedHunting.Read.All', 'Events.Write.All'],
  });
  const app = made.body as { readonly clientId: string; readonly clientSecret: string };
  const granted = await fetch(`${server.url}/${server.tenant}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: app.clientId,
      client_secret: app.clientSecret,
      resource: 'https://api.security.microsoft.com',
    }),
  });
  const { access_token } = (await granted.json()) as { readonly access_token?: string };
  if (access_token === undefined) throw new Error(`no token: status ${granted.status}`);
  const bearer = `Bearer ${access_token}`;
  const query = (Query: string) => call(`${server.url}/api/advancedhunting/run`, bearer, { Query });
  return {
    deliver: (idempotencyKey, body) =>
      call(`${server.url}/api/ingest/records`, bearer, body, { 'idempotency-key': idempotencyKey }),
    query,
    async rows<Row>(kql: string) {
      const { status, body } = await query(kql);
      if (status !== 200) throw new Error(`${kql}: status ${status} ${JSON.stringify(body)}`);
      return (body as { readonly Results: readonly Row[] }).Results;
    },
  };
}

async function call(
  url: string,
  authorization: string,
  body: string | object,
  headers: Readonly<Record<string, string>> = {},
): Promise<ApiAnswer> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization, connection: 'close', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const content: unknown = await answer.json();
  const failed = content as { readonly error?: { readonly code?: string } };
  return {
    status: answer.status,
    code: failed.error?.code,
    retryAfter: answer.headers.get('retry-after'),
    body: content,
  };
}
