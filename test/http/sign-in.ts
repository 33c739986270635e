import { afterAll, beforeAll } from 'vitest';
import { authorizePath, CALLBACK, openBrowser, PASSWORD, signInParts, token, UPN } from './oauth-browser.ts';
import { startServer, type TestServer } from './server.ts';

export const CREDENTIALS = { username: UPN, password: PASSWORD };

/** A server for the tests of one file, with a user, and a client that acts for users. */
export interface SignIn {
  readonly server: TestServer;
  readonly parts: Awaited<ReturnType<typeof signInParts>>;
  /** Walks through the pages to what the client is sent back with: a code. */
  codeFor(challenge: string, browser?: ReturnType<typeof openBrowser>): Promise<URLSearchParams>;
  /** The client's request for tokens; `more` goes on top. */
  redeem(code: string, verifier: string, more?: Record<string, string>): ReturnType<typeof token>;
  /** The status of a hunting call. */
  hunt(accessToken: unknown): Promise<number>;
}

export function useSignIn(): SignIn {
  let started: Pick<SignIn, 'server' | 'parts'> | undefined;
  const running = () => {
    if (started === undefined) throw new Error('the server is not started yet');
    return started;
  };
  beforeAll(async () => {
    const server = await startServer();
    started = { server, parts: await signInParts(server) };
  });
  afterAll(() => started?.server.close());
  return {
    get server() {
      return running().server;
    },
    get parts() {
      return running().parts;
    },
    async codeFor(challenge, browser = openBrowser(running().server)) {
      const proof = { code_challenge: challenge, code_challenge_method: 'S256' };
      let visit = await browser.go(authorizePath(running().parts.client.id, proof));
      if (visit.text.includes('name="password"')) visit = await browser.submit(visit, CREDENTIALS);
      if (visit.text.includes('value="accept"')) visit = await browser.submit(visit, { answer: 'accept' });
      return new URL(visit.location ?? '').searchParams;
    },
    redeem: (code, verifier, more = {}) =>
      token(running().server, {
        grant_type: 'authorization_code',
        client_id: running().parts.client.id,
        code,
        redirect_uri: CALLBACK,
        code_verifier: verifier,
        ...more,
      }),
    async hunt(accessToken) {
      const response = await fetch(`${running().server.url}/api/advancedhunting/run`, {
        method: 'POST',
        headers: { authorization: `Bearer ${accessToken}` },
        body: '{"Query":"print 1"}',
      });
      return response.status;
    },
  };
}
