import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Rule } from '../src/detection/rule.ts';
import { readRuleCases } from '../src/detection/rule-cases.ts';
import { techniquesOf } from './archive-techniques.ts';
import { type Fired, rulesPage } from './built-in-rules-page.ts';
import { inParallel, openRuleBench } from './rule-bench.ts';

/**
 * Runs the rules of `rules/` over every archive of recorded attacks and over a generated month of a company that nobody
 * attacks, and prints docs/built-in-rules.md. Arguments name single rules, whose figures are printed instead of the page;
 * so are all rules' with `--background`, which runs over no archives.
 */
const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string', default: '1000000' },
    background: { type: 'boolean', default: false },
  },
});
const bench = await openRuleBench({ archives: !values.background, backgroundEvents: Number(values.events) });
try {
  const fired: Fired[] = [];
  for (const { name, outcome } of readRuleCases('rules')) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    if (!outcome.ok) throw new Error(`${name}: ${JSON.stringify(outcome.faults)}`);
    fired.push(await measure(outcome.rule));
  }
  if (values.background || wanted.length > 0) console.log(JSON.stringify(fired));
  else {
    const { events, backgroundEvents } = bench;
    const archives = bench.archives.map(({ name }) => name);
    writeFileSync(
      'docs/built-in-rules.md',
      rulesPage({ events, archives, background: backgroundEvents, fired }),
    );
  }
} finally {
  await bench.stop();
}

async function measure(rule: Rule): Promise<Fired> {
  const named = new Set(rule.techniques.map((technique) => technique.slice(0, 5)));
  const found = await inParallel(bench.archives, async ({ name, tenant }) => {
    const rows = await bench.count(tenant, rule.query);
    return { archive: name, rows, named: [...techniquesOf(name)].some((id) => named.has(id)) };
  });
  const on = found.filter(({ rows }) => rows > 0);
  const background = await bench.count(bench.background, rule.query);
  const lookAlikes = bench.lookAlikes.get(rule.name) ?? 0;
  console.error(`${rule.name}: ${on.length} archives, ${background} of the background`);
  return {
    name: rule.name,
    severity: rule.severity,
    techniques: rule.techniques,
    on,
    background,
    lookAlikes,
  };
}
