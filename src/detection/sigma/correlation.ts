import { bagMember } from './event-source.ts';
import { quote } from './kql.ts';
import { type Branch, branchesOf, queryOf } from './query.ts';
import { type SigmaCorrelation, SigmaFault, type SigmaRule } from './rule.ts';
import { eventsTogether, type Matching, rulesInOrder, valuesTogether } from './sliding.ts';

/** A correlation as a query, with what a rule needs to know of it. */
export interface CorrelationQuery {
  readonly query: string;
  /** The column by which the events are grouped that names an account; undefined where there is none. */
  readonly user: string | undefined;
  readonly spanMs: number;
}

/**
 * KQL for a correlation: how many matches, how many values, or which rules together, within a time. The rows are the
 * events that complete a match, under the fields that group them: see sliding.ts.
 * Source: https://sigmahq.io/sigma-specification/specification/sigma-correlation-rules-specification.html
 */
export function correlationQuery(
  correlation: SigmaCorrelation,
  rules: readonly SigmaRule[],
  correlations: readonly SigmaCorrelation[],
): CorrelationQuery {
  const span = timespan(correlation.timespan);
  const ordered = correlation.type === 'temporal_ordered';
  const references = ordered ? correlation.rules : [...new Set(correlation.rules)];
  if (references.length === 0) throw new SigmaFault('correlation', 'the correlation names no rule');
  const members = references.map((reference) => memberOf(reference, rules, correlations));
  const groups: Group[] = [];
  for (const name of new Set(correlation.groupBy)) groups.push(groupOf(name, correlation, members, groups));
  const found = members.map(({ reference, rule }, i) => {
    const keys = groups.map(({ column, kql }) => (column === kql[i] ? column : `${column} = ${kql[i]}`));
    const value = countedOf(correlation, reference, rule, i);
    const columns = new Set(['Timestamp', 'DeviceId', 'DeviceName', 'ReportId', ...keys]);
    return `${queryOf(branchesOf(rule))}\n| project ${[...columns, ...value].join(', ')}`;
  });
  const all = found.length === 1 ? (found[0] as string) : unionOf(found);
  const matching = { span: span.kql, groups: groups.map(({ column }) => column), steps: members.length };
  return {
    query: [all, ...stepsOf(correlation, matching)].join('\n'),
    user: groups.find(({ kql }) => kql.every((each) => ACCOUNTS.has(each)))?.column,
    spanMs: span.ms,
  };
}

/** A field that groups the events: its column in the result, and its KQL for each rule. */
interface Group {
  readonly column: string;
  readonly kql: readonly string[];
}

/** Columns that name an account. */
const ACCOUNTS: ReadonlySet<string> = new Set([
  'AccountName',
  'AccountSid',
  'InitiatingProcessAccountName',
  'InitiatingProcessAccountSid',
]);

/** Names that the query has for other things. */
const TAKEN: ReadonlySet<string> = new Set([
  ...['Timestamp', 'DeviceId', 'ReportId', 'Value', 'Step'],
  ...['Edge', 'Change', 'Matches', 'Before', 'Enters', 'Leaves', 'Restart', 'Begun'],
]);

/** The column is that of the table where all rules have the same one, else it has the field's own name. */
function groupOf(
  name: string,
  correlation: SigmaCorrelation,
  members: readonly Member[],
  others: readonly Group[],
): Group {
  const kql = members.map(({ reference, rule }) =>
    fieldKql(correlation.aliases[name]?.[reference] ?? name, rule),
  );
  const [first = ''] = new Set(kql).size === 1 ? kql : [];
  const wanted = PLAIN.test(first) ? first : name;
  const free = PLAIN.test(wanted) && !TAKEN.has(wanted) && (wanted !== 'DeviceName' || first === wanted);
  const column = free && !others.some((other) => other.column === wanted) ? wanted : `Group${others.length}`;
  return { column, kql };
}

/** A name that no word of the language is: those begin with small letters. */
const PLAIN = /^[A-Z]\w*$/;

/** What is counted, or which rule it is. */
function countedOf(
  correlation: SigmaCorrelation,
  reference: string,
  rule: SigmaRule,
  step: number,
): readonly string[] {
  if (correlation.type === 'temporal') return [`Value = ${quote(reference)}`];
  if (correlation.type === 'temporal_ordered') return [`Step = ${step}`];
  const counted = countedField(correlation);
  return counted === undefined ? [] : [`Value = ${fieldKql(counted, rule)}`];
}

interface Member {
  readonly reference: string;
  readonly rule: SigmaRule;
}

function memberOf(
  reference: string,
  rules: readonly SigmaRule[],
  correlations: readonly SigmaCorrelation[],
): Member {
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

function stepsOf({ type, condition }: SigmaCorrelation, matching: Matching): readonly string[] {
  const { steps } = matching;
  switch (type) {
    case 'event_count':
      return eventsTogether(matching, (counted) => limits(condition, counted));
    case 'value_count':
      return valuesTogether(matching, (counted) => limits(condition, counted));
    case 'temporal':
      return valuesTogether(matching, (counted) => limits({ gte: steps, ...condition }, counted));
    case 'temporal_ordered':
      if (Object.entries(condition).some(([key, value]) => key !== 'gte' || value !== steps))
        throw new SigmaFault('condition', 'a `temporal_ordered` correlation matches when all rules do');
      return rulesInOrder(matching);
    default:
      throw new SigmaFault(type, `correlations of the type \`${type}\` are not converted`);
  }
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 7 * 86_400 };

function timespan(text: string): { readonly kql: string; readonly ms: number } {
  const match = /^(\d{1,5})([smhdw])$/.exec(text.trim());
  const unit = UNITS[match?.[2] ?? ''];
  if (match === null || unit === undefined)
    throw new SigmaFault('timespan', `\`${text}\` is no time span such as \`10m\``);
  const kql = match[2] === 'w' ? `${Number(match[1]) * 7}d` : `${match[1]}${match[2]}`;
  return { kql, ms: Number(match[1]) * unit * 1000 };
}
