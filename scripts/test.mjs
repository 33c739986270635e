// npm test: types, lint, build, every test. Arguments go to vitest. The last line is for machines:
// `N passed, N failed, N skipped`, counted by vitest itself.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { bin, installWhatIsMissing, runForStatus } from './install.mjs';

installWhatIsMissing();
const node = process.execPath;
const failures = [];
const steps = {
  types: () => runForStatus(node, [bin('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json']),
  lint: () => runForStatus(node, [bin('@biomejs/biome/bin/biome'), 'check', '.']),
  build: () => {
    try {
      build();
      return 0;
    } catch (error) {
      console.error(error.message);
      return 1;
    }
  },
};
for (const [name, step] of Object.entries(steps)) {
  console.error(`> ${name}`);
  if (step() !== 0) failures.push(name);
}

const folder = mkdtempSync(join(tmpdir(), 'spoor-test-'));
const report = join(folder, 'report.json');
const vitest = [bin('vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json'];
console.error('> tests');
if (runForStatus(node, [...vitest, `--outputFile.json=${report}`, ...process.argv.slice(2)]) !== 0) {
  failures.push('tests');
}
if (failures.length > 0) console.error(`Failed: ${failures.join(', ')}`);
process.exitCode = failures.length === 0 ? 0 : 1;
try {
  const counts = JSON.parse(readFileSync(report, 'utf8'));
  const skipped = counts.numPendingTests + (counts.numTodoTests ?? 0);
  // A file that cannot be loaded has no test that could fail: it counts as one failure.
  const broken = counts.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  console.log(
    `${counts.numPassedTests} passed, ${counts.numFailedTests + broken} failed, ${skipped} skipped`,
  );
} catch (error) {
  console.error(`The test run left no report: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
