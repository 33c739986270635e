import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Results, runProgram } from './run-program.ts';
import { type SignedIn, signedIn } from './signed-in.ts';
import { hasOpenssl, startTlsFront, type TlsFront } from './tls-front.ts';

const PROGRAM = fileURLToPath(new URL('./directory-program.mjs', import.meta.url));

if (!hasOpenssl() && process.env['CI'] === 'true')
  throw new Error('openssl makes the certificate, and is not there');

// Without openssl there is no certificate to make, and these clients refuse plain HTTP.
describe.skipIf(!hasOpenssl())('the directory`s own clients, over TLS', () => {
  let front: TlsFront;
  let spoor: SignedIn;
  let results: Results;

  beforeAll(async () => {
    front = await startTlsFront();
    spoor = await signedIn({ SPOOR_QUOTAS: 'unlimited', SPOOR_PUBLIC_URL: front.url });
    front.forwardTo(spoor.server.url);
    results = await runProgram([process.execPath, PROGRAM], {
      AUTHORITY: front.url,
      // Clients write the tenant as they like; MSAL lowers all of it.
      TENANT: spoor.server.tenant.toUpperCase(),
      CLIENT: spoor.clientId,
      SECRET: spoor.clientSecret,
      NODE_EXTRA_CA_CERTS: front.caFile,
    });
  });
  afterAll(async () => {
    await spoor?.stop();
    await front?.close();
  });

  async function opens(token: unknown): Promise<boolean> {
    const answer = await fetch(`${spoor.server.url}/api/advancedhunting/run`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: '{"Query":"print 1"}',
    });
    return answer.status === 200;
  }

  test('@azure/msal-node gets a token, and keeps it', async () => {
    expect(results['msal']).toMatchObject({ isCached: true, token: expect.any(String) });
    expect(await opens(results['msal']?.['token'])).toBe(true);
  });

  test('@azure/msal-node reads what is wrong with a secret', () => {
    expect(results['msalWrongSecret']).toMatchObject({ errorCode: 'invalid_client' });
    expect(String(results['msalWrongSecret']?.['errorMessage'])).toContain('AADSTS7000215');
  });

  test('@azure/identity gets a token of an hour', async () => {
    expect(results['identity']?.['minutes']).toBeGreaterThanOrEqual(58);
    expect(await opens(results['identity']?.['token'])).toBe(true);
  });

  test('azure-kusto-data finds the resource by itself and runs a query with that credential', () => {
    expect(results['kusto']).toEqual({ rows: [[42]] });
  });

  test('openid-client discovers the issuer and gets a token', async () => {
    expect(results['openid']?.['failure']).toBeUndefined();
    expect(await opens(results['openid']?.['token'])).toBe(true);
  });
});
