import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ROOT } from '../built.ts';
import { runCli } from '../server.ts';
import { type SignedIn, signedIn } from './signed-in.ts';
import { wireTo } from './wire.ts';

const SHARED = process.env['SPOOR_SHARED'] ?? join(ROOT, '..', 'shared');
/** 790 events, on a domain controller and a workstation. */
const ATTACK =
  'windows__lateral_movement__mimikatz_CVE-2020-1472_Unauthenticated_NetrServerAuthenticate2.zip';
const RULES = [
  'domain-controller-password-reset-without-name',
  'known-attack-tool',
  'known-attack-tool-at-work',
];

/**
 * The bash script that the service's own page publishes for its SIEM interface, taken from a copy of the page that is
 * no part of this repository: `SPOOR_SHARED`, or a sibling of the checkout. Only hosts and ids are replaced.
 */
function publishedPage(): string | undefined {
  const folder = join(SHARED, 'seeds');
  const file = existsSync(folder) ? readdirSync(folder).find((name) => name.startsWith('003')) : undefined;
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8');
  if (process.env['CI'] === 'true') throw new Error('the published page is missing: set SPOOR_SHARED');
  return undefined;
}

const page = publishedPage();

describe.skipIf(page === undefined)('the published bash script', () => {
  let spoor: SignedIn;
  let work: string;

  beforeAll(async () => {
    spoor = await signedIn({ SPOOR_QUOTAS: 'unlimited' }, ['Alert.Read.All', 'Detections.Write.All']);
    work = mkdtempSync(join(tmpdir(), 'spoor-script-'));
  });
  afterAll(async () => {
    await spoor?.stop();
    if (work !== undefined) rmSync(work, { recursive: true, force: true });
  });

  async function run(script: string): Promise<string> {
    writeFileSync(join(work, 'script.sh'), script);
    // It asks for the hosts `X`, `POST` and `GET` as well; a proxy would answer for them.
    const { ALL_PROXY, all_proxy, HTTP_PROXY, http_proxy, ...env } = process.env;
    const { stdout } = await promisify(execFile)('bash', ['script.sh'], { cwd: work, env });
    return stdout;
  }

  test('takes its token, and then the detections', async () => {
    const [first = '', second = ''] = [...(page ?? '').matchAll(/```Bash\n([\s\S]*?)```/g)].map(
      (block) => block[1],
    );
    const published = /```json \n(\[[\s\S]*?\n\])\s*```/.exec(page ?? '')?.[1] ?? '';
    const [detection] = JSON.parse(published) as { AlertTitle: string }[];
    expect(detection?.AlertTitle).toBeTruthy();
    expect((await spoor.call('/api/detections', published)).status).toBe(200);

    await run(
      first
        .replace('https://login.microsoftonline.com', spoor.server.url)
        .replace("tenantId=''", `tenantId='${spoor.server.tenant}'`)
        .replace("appId=''", `appId='${spoor.clientId}'`)
        .replace("appSecret=''", `appSecret='${spoor.clientSecret}'`),
    );
    expect(readFileSync(join(work, 'LatestSIEM-token.txt'), 'utf8').trim().split('.')).toHaveLength(3);
    const shown = await run(second.replace('https://wdatp-alertexporter-us.windows.com', spoor.server.url));
    expect(shown).toContain(`"AlertTitle":${JSON.stringify(detection?.AlertTitle)}`);
  });

  test('takes what the rules that come with Spoor find in a recorded attack, as the PowerShell one does', async () => {
    const data = ['--data', spoor.server.data];
    const done = async (...args: readonly string[]) => {
      const { code, stderr } = await runCli([...args, ...data]);
      expect(code, stderr).toBe(0);
    };
    for (const rule of RULES)
      cpSync(join(ROOT, 'rules', rule), join(work, 'rules', rule), { recursive: true });
    await done('rule', 'apply', join(work, 'rules'), '--yes');
    await done('ingest', join(SHARED, 'telemetry', ATTACK), '--rebase', 'now');
    const headers = {
      'User-Agent': 'Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1',
      'Content-Type': 'application/json',
      Accept: 'application/json',
      Authorization: `Bearer ${readFileSync(join(work, 'LatestSIEM-token.txt'), 'utf8').trim()}`,
    };
    const path = '/api/alerts?limit=20&sinceTimeUtc=2020-01-01T00:00:00.000';
    const pull = async () => {
      const { text } = await wireTo(spoor.server.url).raw('GET', path, headers);
      return (JSON.parse(text) as Readonly<Record<string, string>>[]).filter(
        ({ MachineName }) => MachineName === 'mordordc' || MachineName === 'workstation5',
      );
    };
    const found = await vi.waitFor(
      async () => {
        const detections = await pull();
        expect(new Set(detections.map((each) => each['AlertTitle'])).size).toBe(RULES.length);
        return detections;
      },
      { timeout: 60_000, interval: 500 },
    );
    const [, second = ''] = [...(page ?? '').matchAll(/```Bash\n([\s\S]*?)```/g)].map((block) => block[1]);
    const shown = await run(second.replace('https://wdatp-alertexporter-us.windows.com', spoor.server.url));
    for (const { FullId } of found) expect(shown).toContain(`"FullId":"${FullId}"`);
  }, 120_000);
});
