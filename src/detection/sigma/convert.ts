import { type Conversion, nameOfTitle, plainTemplate } from '../converted.ts';
import { CATEGORIES, type Category, type Entities, type Rule, type Severity } from '../rule.ts';
import { correlationQuery } from './correlation.ts';
import { branchesOf, queryOf } from './query.ts';
import { readSigma, type SigmaCorrelation, SigmaFault, type SigmaRule } from './rule.ts';

/**
 * Converts every rule of a Sigma file. A rule that only feeds a correlation of the same file is not a rule of its own.
 * Never throws on any text.
 */
export function convertSigma(text: string): readonly Conversion[] {
  let file: ReturnType<typeof readSigma>;
  try {
    file = readSigma(text);
  } catch (error) {
    return [failed('', error)];
  }
  const { rules, correlations } = file;
  const feeding = new Set(correlations.flatMap((correlation) => correlation.rules));
  const own = rules.filter((rule) => !feeding.has(rule.name) && !feeding.has(rule.id));
  return [
    ...own.map((rule) => attempt(rule, () => queryOf(branchesOf(rule)))),
    ...correlations.map((correlation) =>
      attempt(correlation, () => correlationQuery(correlation, rules, correlations)),
    ),
  ];
}

function attempt(head: SigmaRule | SigmaCorrelation, makeQuery: () => string): Conversion {
  try {
    const query = makeQuery();
    return { ok: true, title: head.title, query, rule: ruleOf(head, query) };
  } catch (error) {
    return failed(head.title, error);
  }
}

function failed(title: string, error: unknown): Conversion {
  if (!(error instanceof SigmaFault)) throw error;
  return { ok: false, title, construct: error.construct, reason: error.message };
}

const SEVERITY: Readonly<Record<string, Severity>> = {
  informational: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  critical: 'High',
};

function ruleOf(head: SigmaRule | SigmaCorrelation, query: string): Rule {
  const tags = head.tags.map((tag) => tag.toLowerCase()).filter((tag) => tag.startsWith('attack.'));
  return {
    name: nameOfTitle(head.title, 'sigma-rule'),
    displayName: head.title.slice(0, 256),
    enabled: true,
    description: plainTemplate(head.description, 8000),
    query,
    schedule: { kind: 'every', everyMs: 3_600_000, lookbackMs: 4 * 3_600_000 },
    title: plainTemplate(head.title, 256),
    severity: SEVERITY[head.level] ?? 'Medium',
    category: categoryOf(tags),
    techniques: tags
      .map((tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/.exec(tag)?.[1]?.toUpperCase())
      .filter(isText),
    recommendedActions:
      head.falsepositives.length === 0
        ? ''
        : `Known false positives: ${head.falsepositives.join('; ')}`.slice(0, 8000),
    entities: entitiesOf(query),
    customDetails: {},
    deviceGroups: [],
    maxAlerts: undefined,
    suppression: undefined,
    references: head.references,
    author: head.author.slice(0, 256),
  };
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}

/** ATT&CK tactics by the words of Sigma's tags: `attack.credential-access`; old rules write `_`. */
function categoryOf(tags: readonly string[]): Category {
  const words = tags.map((tag) => tag.slice('attack.'.length).replaceAll(/[-_]/g, ''));
  return CATEGORIES.find((category) => words.includes(category.toLowerCase())) ?? 'SuspiciousActivity';
}

function entitiesOf(query: string): Entities {
  const account = query.startsWith('DeviceProcessEvents') || query.startsWith('DeviceLogonEvents');
  return { device: 'DeviceId', user: account ? 'AccountName' : 'InitiatingProcessAccountName' };
}
