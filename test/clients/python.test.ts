import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Results, runProgram } from './run-program.ts';
import { type SignedIn, signedIn } from './signed-in.ts';
import { hasOpenssl, startTlsFront, type TlsFront } from './tls-front.ts';

const PYTHON = '/usr/bin/python3';
const PROGRAM = fileURLToPath(new URL('./directory_program.py', import.meta.url));
const USER = { upn: 'kim@example.org', password: 'correct horse battery' };

const hasClients = hasOpenssl() && spawnSync(PYTHON, ['-c', 'import msal, requests']).status === 0;
if (!hasClients && process.env['CI'] === 'true')
  throw new Error('openssl, or msal and requests for Python, are not installed');

const missing = hasClients ? '' : ' (openssl, or msal and requests for Python, are not installed)';

describe.skipIf(!hasClients)(`Python\`s clients, over TLS${missing}`, () => {
  let front: TlsFront;
  let spoor: SignedIn;
  let results: Results;

  beforeAll(async () => {
    front = await startTlsFront();
    spoor = await signedIn({
      SPOOR_QUOTAS: 'unlimited',
      SPOOR_PUBLIC_URL: front.url,
      SPOOR_PASSWORD_GRANT: 'true',
    });
    front.forwardTo(spoor.server.url);
    const scopes = ['AdvancedHunting.Read'];
    const { administer } = spoor.server;
    const app = await administer<{ readonly id: string }>('applications', {
      name: 'notebook',
      isPublic: true,
      scopes,
    });
    await administer('users', { ...USER, name: 'Kim', roles: ['administrator'] });
    await administer(`applications/${app.id}/consents`, { api: 'spoor', scopes });
    results = await runProgram([PYTHON, PROGRAM], {
      AUTHORITY: front.url,
      TENANT: spoor.server.tenant,
      CLIENT: spoor.clientId,
      SECRET: spoor.clientSecret,
      PUBLIC_CLIENT: app.id,
      USER_NAME: USER.upn,
      USER_PASSWORD: USER.password,
      CA: front.caFile,
      // Stronger with `requests` than what a program asks for, where the machine has set it.
      REQUESTS_CA_BUNDLE: front.caFile,
    });
  });
  afterAll(async () => {
    await spoor?.stop();
    await front?.close();
  });

  async function opens(path: string, token: unknown): Promise<number> {
    const answer = await fetch(spoor.server.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: '{"Query":"print 1"}',
    });
    return answer.status;
  }

  test('msal gets a token for an application, and keeps it', async () => {
    expect(results['msal']).toMatchObject({ token_type: 'Bearer', isCached: true });
    expect(await opens('/v1.0/security/runHuntingQuery', results['msal']?.['access_token'])).toBe(200);
  });

  test('msal reads what is wrong with a secret', () => {
    expect(results['msalWrongSecret']).toMatchObject({ error: 'invalid_client', error_codes: [7000215] });
  });

  test('msal begins a device flow', () => {
    expect(results['deviceFlow']).toMatchObject({
      user_code: expect.any(String),
      verification_uri: `${front.url}/device`,
      error: null,
    });
  });

  test('msal takes a user`s refresh token, knows the account and refreshes again', async () => {
    expect(results['user']?.['error_description']).toBeUndefined();
    expect(await opens('/api/advancedhunting/run', results['user']?.['access_token'])).toBe(200);
    expect(results['refreshed']).toMatchObject({ accounts: [USER.upn], token_type: 'Bearer' });
    expect(await opens('/api/advancedhunting/run', results['refreshed']?.['access_token'])).toBe(200);
  });

  test('requests hunts, and reads a refusal', () => {
    expect(results['requests']).toEqual({
      rows: [{ N: 1 }, { N: 2 }, { N: 3 }],
      refused: [400, 'BadRequest'],
    });
  });
});
