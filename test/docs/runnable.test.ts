import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../built.ts';
import { startTestServer, type TestServer } from '../server.ts';

/** Every block marked `sh runnable` in the documents runs, and prints the `text answer` block after it. */
const documents = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(`${ROOT}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const blocks = documents.flatMap((file) => {
  const text = readFileSync(`${ROOT}${file}`, 'utf8');
  return [...text.matchAll(/^```sh runnable\n(.*?)^```\n(?:\n```text answer\n(.*?)^```$)?/gms)].map(
    (match, i) => ({
      title: `${file}, block ${i + 1}`,
      script: match[1] ?? '',
      answer: match[2],
    }),
  );
});

describe('runnable blocks of the documents', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer(['--sample']);
  });
  afterAll(async () => {
    await server?.remove();
  });

  it('are there', () => expect(blocks.length).toBeGreaterThan(0));

  it.each(blocks)('$title', ({ script, answer }) => {
    const result = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: ROOT,
      encoding: 'utf8',
      env: {
        ...process.env,
        // `npx spoor` is the checkout's own command: nothing may be fetched for it.
        npm_config_offline: 'true',
        SPOOR_DATA: server.data,
        SPOOR_URL: server.url,
      },
    });
    expect(result.stderr + result.stdout).not.toContain('"error"');
    expect(result.status, result.stderr).toBe(0);
    if (answer !== undefined) expect(result.stdout).toBe(answer);
  });
});
