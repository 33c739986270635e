import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ROOT } from '../built.ts';

/** What the program reads beside its own code. */
const READ = ['package.json', 'sample/incident.ndjson', 'schema/DeviceInfo.json'];

test('what the program reads is in the package', () => {
  const printed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(printed) as [{ files: readonly { path: string }[] }];
  const packed = files.map(({ path }) => path);
  for (const path of READ) expect(packed).toContain(path);
});
