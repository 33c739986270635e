import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { TENANT } from './server.ts';
import { useTokenRequests } from './token-requests.ts';

const tokens = useTokenRequests();

test('the published bash sample takes its token', async ({ skip }) => {
  const shared =
    process.env['SPOOR_SHARED'] ?? join(dirname(fileURLToPath(import.meta.url)), '../../../shared');
  const folder = join(shared, 'seeds');
  if (!existsSync(folder)) {
    if (process.env['CI'] === 'true') throw new Error('the shared folder is missing: set SPOOR_SHARED');
    skip('the shared folder is absent');
  }
  const file = readdirSync(folder).find((name) => name.startsWith('003')) ?? '';
  const page = readFileSync(join(folder, file), 'utf8');
  const block = /```Bash\n(tenantId=[\s\S]*?)```/.exec(page)?.[1] ?? '';
  expect(block).toContain('        grant_type=client_credentials');
  // Only the host and the ids are changed.
  const script = block
    .replace('https://login.microsoftonline.com', tokens.server.url)
    .replace("tenantId=''", `tenantId='${TENANT}'`)
    .replace("appId=''", `appId='${tokens.client.clientId}'`)
    .replace("appSecret=''", `appSecret='${tokens.client.clientSecret}'`);
  const work = mkdtempSync(join(tmpdir(), 'spoor-bash-'));
  writeFileSync(join(work, 'token.sh'), script);
  const { ALL_PROXY, all_proxy, HTTP_PROXY, http_proxy, ...env } = process.env;
  await promisify(execFile)('bash', ['token.sh'], { cwd: work, env }).catch(() => undefined);
  const token = readFileSync(join(work, 'LatestSIEM-token.txt'), 'utf8').trim();
  rmSync(work, { recursive: true });
  expect(decodeJwt(token)).toMatchObject({ aud: 'https://graph.windows.net', tid: TENANT });
});
