import { describe, expect, it } from 'vitest';
import type { SuiteName } from './cases.ts';
import { readKnownFailures, unexpected } from './known-failures.ts';
import { runCases } from './pool.ts';
import { referenceFolder } from './reference-folder.ts';
import { summary } from './report.ts';
import { readSuite } from './worker.ts';

const folder = referenceFolder();
if (folder === undefined) console.log('conformance: no reference cases here (SPOOR_SHARED), skipped');

describe('a case that is known to fail', () => {
  it.each<SuiteName>(['docs', 'peer', 'hunting'])('is listed with the reason why, in %s', (suite) => {
    const unexplained = Object.entries(readKnownFailures(suite)).filter(([, { why }]) => why.trim() === '');
    expect(unexplained).toEqual([]);
  });
});

/** `docs`: examples of the language reference. `peer`: cases of other engines. `hunting`: queries people published. */
describe.skipIf(folder === undefined)('the language', () => {
  it.each<SuiteName>(['docs', 'peer', 'hunting'])(
    'answers the %s cases as listed: `scripts/conformance.mjs --accept` after a change that was meant',
    { timeout: 600_000 },
    async (suite) => {
      const cases = readSuite(suite, folder ?? '');
      expect(cases.length).toBeGreaterThan(1000);
      const started = performance.now();
      const outcomes = await runCases({ suite, cases, passes: true });
      console.log(`${suite}: ${summary(outcomes, (performance.now() - started) / 1000)}`);
      expect(unexpected(readKnownFailures(suite), outcomes)).toEqual({ newlyFailing: [], newlyPassing: [] });
    },
  );
});
