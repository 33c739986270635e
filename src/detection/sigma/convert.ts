import { type Conversion, nameOfTitle, plainTemplate } from '../converted.ts';
import {
  CATEGORIES,
  type Category,
  type Entities,
  MOST_LOOKBACK_MS,
  type Rule,
  type Schedule,
  type Severity,
} from '../rule.ts';
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
    ...own.map((rule) => attempt(rule, () => single(queryOf(branchesOf(rule))))),
    ...correlations.map((correlation) =>
      attempt(correlation, () => {
        const { query, user, spanMs } = correlationQuery(correlation, rules, correlations);
        return { query, schedule: scheduleOver(spanMs), entities: entitiesOf(user) };
      }),
    ),
  ];
}

/** What the converted query says of the rule around it. */
type Core = Pick<Rule, 'query' | 'schedule' | 'entities'>;

/** A query of conditions alone judges each event by itself. */
function single(query: string): Core {
  const account = query.startsWith('DeviceProcessEvents') || query.startsWith('DeviceLogonEvents');
  const entities = entitiesOf(account ? 'AccountName' : 'InitiatingProcessAccountName');
  return { query, schedule: { kind: 'continuous' }, entities };
}

const HOUR_MS = 3_600_000;

/** Each hour over at least four, and over so much that no match is cut in two by the look-back's beginning. */
function scheduleOver(spanMs: number): Schedule {
  const lookbackMs = Math.max(4 * HOUR_MS, spanMs + HOUR_MS);
  if (lookbackMs > MOST_LOOKBACK_MS)
    throw new SigmaFault('timespan', 'the time span is longer than a rule looks back');
  return { kind: 'every', everyMs: HOUR_MS, lookbackMs };
}

function entitiesOf(user: string | undefined): Entities {
  return user === undefined ? { device: 'DeviceId' } : { device: 'DeviceId', user };
}

function attempt(head: SigmaRule | SigmaCorrelation, makeCore: () => Core): Conversion {
  try {
    const rule = ruleOf(head, makeCore());
    return { ok: true, title: head.title, query: rule.query, rule };
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

function ruleOf(head: SigmaRule | SigmaCorrelation, core: Core): Rule {
  const tags = head.tags.map((tag) => tag.toLowerCase()).filter((tag) => tag.startsWith('attack.'));
  return {
    name: nameOfTitle(head.title, 'sigma-rule'),
    displayName: head.title.slice(0, 256),
    enabled: true,
    description: plainTemplate(head.description, 8000),
    ...core,
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
