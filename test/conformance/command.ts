import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { SuiteName } from './cases.ts';
import { writeKnownFailures } from './known-failures.ts';
import { isFailure, type Outcome, type Result } from './outcome.ts';
import { runCases } from './pool.ts';
import { referenceFolder } from './reference-folder.ts';
import { histogram, showCase, summary } from './report.ts';
import { readSuite } from './worker.ts';

const USAGE = `usage: node scripts/conformance.mjs [peer|docs|hunting] [options]
  --family X   only families whose name contains X      --id X       only cases whose id contains X
  --grep X     only queries that contain X              --result R   show only failures of this result
  --reason X   show only failures whose reason has X    --show N     show N failing cases in full
  --list       list the ids of failing cases            --reasons    count all reasons, not the first 12
  --families   results by family                        --slow N     the N slowest cases
  --no-passes  compile with the passes switched off     --json FILE  write all outcomes
  --accept     write the list of known failures (whole suites only)`;

/** The command's exit code: 0, or 2 for a wrong call. Failing cases are a result, not an error. */
export async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    allowNegative: true,
    options: {
      family: { type: 'string' },
      id: { type: 'string' },
      grep: { type: 'string' },
      result: { type: 'string' },
      reason: { type: 'string' },
      show: { type: 'string' },
      slow: { type: 'string' },
      json: { type: 'string' },
      list: { type: 'boolean' },
      reasons: { type: 'boolean' },
      families: { type: 'boolean' },
      passes: { type: 'boolean', default: true },
      accept: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const suite = (positionals[0] ?? 'peer') as SuiteName;
  if (values.help === true || !['peer', 'docs', 'hunting'].includes(suite)) {
    console.log(USAGE);
    return values.help === true ? 0 : 2;
  }
  const folder = referenceFolder();
  if (folder === undefined) {
    console.error('the reference cases are missing: set SPOOR_SHARED');
    return 2;
  }

  const all = readSuite(suite, folder);
  const cases = all.filter(
    (testCase) =>
      testCase.family.includes(values.family ?? '') &&
      testCase.id.includes(values.id ?? '') &&
      testCase.query.includes(values.grep ?? ''),
  );
  const started = performance.now();
  const progress = progressLine(cases.length);
  const outcomes = await runCases({ suite, cases, passes: values.passes, onOutcome: progress });
  console.log(summary(outcomes, (performance.now() - started) / 1000));
  if (values.families === true) console.log(byFamily(outcomes));
  console.log(histogram(outcomes, values.reasons === true ? undefined : 12));

  const shown = outcomes.filter(
    (outcome) =>
      outcome.result !== 'right' &&
      (values.result === undefined || outcome.result === (values.result as Result)) &&
      outcome.reason.includes(values.reason ?? ''),
  );
  if (values.list === true)
    for (const { id, result, reason } of shown) console.log(`${result}  ${id}  ${reason}`);
  for (const outcome of shown.slice(0, Number(values.show ?? 0))) console.log(showCase(outcome));
  const slowest = [...outcomes].sort((left, right) => right.ms - left.ms).slice(0, Number(values.slow ?? 0));
  for (const { id, ms } of slowest) console.log(`${ms.toFixed(0).padStart(6)} ms  ${id}`);
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(outcomes, null, 1));
  if (values.accept === true) {
    if (cases.length !== all.length || !values.passes) {
      console.error('--accept takes a whole suite with its passes');
      return 2;
    }
    writeKnownFailures(suite, outcomes);
  }
  return 0;
}

function byFamily(outcomes: readonly Outcome[]): string {
  const families = [...new Set(outcomes.map(({ family }) => family))];
  return families
    .map((family): [string, readonly Outcome[]] => [
      family,
      outcomes.filter((outcome) => outcome.family === family),
    ])
    .map(([family, group]) => ({
      family,
      right: group.filter((outcome) => !isFailure(outcome)).length,
      of: group.length,
    }))
    .sort((left, right) => left.right / left.of - right.right / right.of)
    .map(({ family, right, of }) => `${String(right).padStart(6)} of ${String(of).padEnd(5)} ${family}`)
    .join('\n');
}

function progressLine(total: number): (outcome: Outcome) => void {
  let ended = 0;
  return () => {
    ended++;
    if (process.stderr.isTTY && ended % 20 === 0) process.stderr.write(`\r${ended} of ${total} `);
    if (process.stderr.isTTY && ended === total) process.stderr.write('\r                  \r');
  };
}
