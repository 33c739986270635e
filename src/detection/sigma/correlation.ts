import { bagMember } from './event-source.ts';
import { quote } from './kql.ts';
import { type Branch, branchesOf, queryOf } from './query.ts';
import { type SigmaCorrelation, SigmaFault, type SigmaRule } from './rule.ts';

/**
 * KQL for a correlation: how many matches, how many values, or which rules together, within a time.
 * Windows do not slide: they begin at whole multiples of the time span, and each is looked at with the one before it, so
 * that matches at both sides of a border are still seen together.
 * Source: https://sigmahq.io/sigma-specification/specification/sigma-correlation-rules-specification.html
 */
export function correlationQuery(
  correlation: SigmaCorrelation,
  rules: readonly SigmaRule[],
  correlations: readonly SigmaCorrelation[],
): string {
  const span = timespan(correlation.timespan);
  const members = correlation.rules.map((reference) => memberOf(reference, rules, correlations));
  const groups = correlation.groupBy.map((name, i) => ({ name, column: `Group${i}` }));
  const found = members.map(({ reference, rule }) => {
    const keys = groups.map(({ name, column }) => {
      const field = correlation.aliases[name]?.[reference] ?? name;
      return `${column} = ${fieldKql(field, rule)}`;
    });
    const counted = countedField(correlation);
    const value = counted === undefined ? [] : [`Value = ${fieldKql(counted, rule)}`];
    const columns = ['Timestamp', 'DeviceId', 'DeviceName', 'ReportId', ...keys, ...value];
    return `${queryOf(branchesOf(rule))}\n| project ${columns.join(', ')}, Rule = ${quote(reference)}`;
  });
  const all = found.length === 1 ? (found[0] as string) : unionOf(found);
  const by = groups.map(({ column }) => column);
  return [
    all,
    ...steps(
      correlation,
      span,
      by,
      members.map(({ reference }) => reference),
    ),
  ].join('\n');
}

function memberOf(
  reference: string,
  rules: readonly SigmaRule[],
  correlations: readonly SigmaCorrelation[],
): { readonly reference: string; readonly rule: SigmaRule } {
  const rule = rules.find((each) => each.name === reference || each.id === reference);
  if (rule !== undefined) return { reference, rule };
  if (correlations.some((each) => each.name === reference || each.id === reference))
    throw new SigmaFault('correlation', 'correlations of correlations are not converted');
  throw new SigmaFault('correlation', `the rule \`${reference}\` is not in the file`);
}

/** The same field of every table that the rule looks at. */
function fieldKql(name: string, rule: SigmaRule): string {
  const texts = new Set(branchesOf(rule).map((branch) => fieldOfBranch(name, branch)));
  const [only] = texts;
  if (only === undefined || texts.size > 1)
    throw new SigmaFault(name, `the field \`${name}\` is stored in more than one way for this rule`);
  return only;
}

function fieldOfBranch(name: string, { source, table }: Branch): string {
  if (/^(computer|computername|hostname)$/i.test(name)) return 'DeviceName';
  const field = source.fields[name];
  if (field !== undefined) return field.kql;
  if (source.open) return bagMember(name);
  throw new SigmaFault(name, `the field \`${name}\` is not kept in ${table}`);
}

function unionOf(queries: readonly string[]): string {
  return `union\n${queries.map((each) => `  (${each.replaceAll('\n', '\n  ')})`).join(',\n')}`;
}

function countedField({ type, condition }: SigmaCorrelation): string | undefined {
  if (type !== 'value_count') return undefined;
  const field = condition['field'];
  if (typeof field !== 'string')
    throw new SigmaFault('value_count', '`value_count` needs the `field` to count');
  return field;
}

const OPERATORS: Readonly<Record<string, string>> = {
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  eq: '==',
  neq: '!=',
};

function limits(condition: Readonly<Record<string, unknown>>, counted: string): string {
  const parts = Object.entries(condition)
    .filter(([key]) => key in OPERATORS)
    .map(([key, value]) => {
      if (typeof value !== 'number') throw new SigmaFault('condition', `\`${key}\` needs a number`);
      return `${counted} ${OPERATORS[key]} ${value}`;
    });
  if (parts.length === 0) throw new SigmaFault('condition', 'the correlation says no number to compare with');
  return parts.join(' and ');
}

function steps(
  { type, condition }: SigmaCorrelation,
  span: string,
  groups: readonly string[],
  rules: readonly string[],
): readonly string[] {
  const window = `Window = range(bin(Timestamp, ${span}), bin(Timestamp, ${span}) + ${span}, ${span})`;
  const spread = [`| mv-expand ${window} to typeof(datetime)`];
  const by = ['Window', ...groups].join(', ');
  const kept = 'arg_max(Timestamp, DeviceId, DeviceName, ReportId)';
  const last = `| summarize ${kept} by ${[...groups, 'Matches'].join(', ')}`;
  switch (type) {
    case 'event_count':
      return [
        ...spread,
        `| summarize Matches = count(), ${kept} by ${by}`,
        `| where ${limits(condition, 'Matches')}`,
        last,
      ];
    case 'value_count':
      return [
        ...spread,
        `| summarize Matches = count_distinct(Value), ${kept} by ${by}`,
        `| where ${limits(condition, 'Matches')}`,
        last,
      ];
    case 'temporal':
      return [
        ...spread,
        `| summarize Matches = count_distinct(Rule), ${kept} by ${by}`,
        `| where Matches == ${rules.length}`,
        last,
      ];
    case 'temporal_ordered': {
      const firsts = rules.map((rule, i) => `First${i} = minif(Timestamp, Rule == ${quote(rule)})`);
      const lasts = rules.map((rule, i) => `Last${i} = maxif(Timestamp, Rule == ${quote(rule)})`);
      const order = rules.slice(1).map((_, i) => `First${i} <= Last${i + 1}`);
      return [
        ...spread,
        `| summarize Matches = count_distinct(Rule), ${[...firsts, ...lasts].join(', ')}, ${kept} by ${by}`,
        `| where ${[`Matches == ${rules.length}`, ...order].join(' and ')}`,
        last,
      ];
    }
    default:
      throw new SigmaFault(type, `correlations of the type \`${type}\` are not converted`);
  }
}

function timespan(text: string): string {
  const match = /^(\d{1,5})([smhdw])$/.exec(text.trim());
  if (match === null) throw new SigmaFault('timespan', `\`${text}\` is no time span such as \`10m\``);
  return match[2] === 'w' ? `${Number(match[1]) * 7}d` : `${match[1]}${match[2]}`;
}
