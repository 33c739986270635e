import { readRuleCases } from './rule-cases.ts';
import { type RuleTestParts, type RuleTestResult, testRule } from './rule-test.ts';

export type { RuleTestResult } from './rule-test.ts';

/** Tests every rule of a folder, in the order of their names. Throws `NoRules` and `BadAlerts` (400). */
export async function* testRuleFolder(parts: RuleTestParts, folder: string): AsyncGenerator<RuleTestResult> {
  for (const each of readRuleCases(folder)) yield await testRule(parts, each);
}

/** The results as JUnit writes them, for systems that show tests. */
export function junit(results: readonly RuleTestResult[]): string {
  const count = (outcome: RuleTestResult['outcome']) =>
    results.filter((each) => each.outcome === outcome).length;
  const seconds = (ms: number) => (ms / 1000).toFixed(3);
  const total = results.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const cases = results.map(({ name, outcome, problems, durationMs }) => {
    const head = `  <testcase classname="rules" name="${xml(name)}" time="${seconds(durationMs)}"`;
    if (outcome === 'passed') return `${head}/>`;
    const inner =
      outcome === 'untested'
        ? '<skipped message="no events that must trip it"/>'
        : `<failure message="${xml(problems[0] ?? '')}">${xml(problems.join('\n'))}</failure>`;
    return `${head}>${inner}</testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="rules" tests="${results.length}" failures="${count('failed')}" skipped="${count('untested')}" time="${seconds(total)}">`,
    ...cases,
    '</testsuite>',
    '',
  ].join('\n');
}

function xml(text: string): string {
  // What XML 1.0 cannot hold at all is shown as a replacement character.
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
