import { parseAllDocuments } from 'yaml';

/** What every rule says of itself. */
interface SigmaHeading {
  readonly title: string;
  /** A UUID; '' where the rule has none. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly author: string;
  readonly level: string;
  readonly tags: readonly string[];
  readonly references: readonly string[];
  readonly falsepositives: readonly string[];
}

/**
 * A Sigma rule as it is written, its shape checked and nothing else.
 * Source: https://sigmahq.io/sigma-specification/specification/sigma-rules-specification.html
 */
export interface SigmaRule extends SigmaHeading {
  readonly logsource: LogSource;
  readonly searches: ReadonlyMap<string, Search>;
  readonly conditions: readonly string[];
}

export interface LogSource {
  readonly product: string;
  readonly category: string;
  readonly service: string;
}

/** A rule over the matches of other rules. */
export interface SigmaCorrelation extends SigmaHeading {
  readonly type: string;
  /** Names or ids of rules in the same file. */
  readonly rules: readonly string[];
  readonly groupBy: readonly string[];
  readonly timespan: string;
  readonly condition: Readonly<Record<string, unknown>>;
  /** For each common name, the field that each rule has for it. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A named search: all of its tests, or one of several alternatives; or words anywhere in the event. */
export type Search =
  | { readonly kind: 'all'; readonly parts: readonly Search[] }
  | { readonly kind: 'any'; readonly parts: readonly Search[] }
  | { readonly kind: 'test'; readonly test: FieldTest }
  | { readonly kind: 'words'; readonly values: readonly Value[]; readonly all: boolean };

export interface FieldTest {
  readonly field: string;
  /** In lower case, in order. */
  readonly modifiers: readonly string[];
  readonly values: readonly Value[];
}

export type Value = string | number | boolean | null;

/** Why a rule cannot be read or converted. `construct` names what it is about. */
export class SigmaFault extends Error {
  readonly construct: string;

  constructor(construct: string, message: string) {
    super(message);
    this.name = 'SigmaFault';
    this.construct = construct;
  }
}

export interface SigmaFile {
  readonly rules: readonly SigmaRule[];
  readonly correlations: readonly SigmaCorrelation[];
}

const MOST_CHARS = 1_000_000;

/** Reads one file, which may hold several rules and correlations. Throws `SigmaFault`. */
export function readSigma(text: string): SigmaFile {
  if (text.length > MOST_CHARS) throw new SigmaFault('file', 'the file is too long for a rule');
  const documents = parseAllDocuments(text, { maxAliasCount: 100 } as never);
  const rules: SigmaRule[] = [];
  const correlations: SigmaCorrelation[] = [];
  for (const document of 'empty' in documents ? [] : documents) {
    const [error] = document.errors;
    if (error !== undefined)
      throw new SigmaFault('yaml', `the file is no YAML: ${error.message.split('\n')[0]}`);
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (value === null || value === undefined) continue;
    if (!isObject(value)) throw new SigmaFault('rule', 'a rule is a mapping of members');
    if (isObject(value['correlation'])) correlations.push(readCorrelation(value, value['correlation']));
    else if (isObject(value['filter']))
      throw new SigmaFault('filter', 'filters of other rules are not converted');
    else rules.push(readRule(value));
  }
  if (rules.length + correlations.length === 0) throw new SigmaFault('rule', 'the file holds no rule');
  return { rules, correlations };
}

function readHeading(value: Readonly<Record<string, unknown>>): SigmaHeading {
  const title = text(value['title']);
  if (title === '') throw new SigmaFault('title', 'the rule has no title');
  return {
    title,
    id: text(value['id']),
    name: text(value['name']),
    description: text(value['description']).trim(),
    author: text(value['author']),
    level: text(value['level']).toLowerCase(),
    tags: texts(value['tags']),
    references: texts(value['references']),
    falsepositives: texts(value['falsepositives']),
  };
}

function readRule(value: Readonly<Record<string, unknown>>): SigmaRule {
  const logsource = isObject(value['logsource']) ? value['logsource'] : undefined;
  if (logsource === undefined) throw new SigmaFault('logsource', 'the rule has no `logsource`');
  const detection = isObject(value['detection']) ? value['detection'] : undefined;
  if (detection === undefined) throw new SigmaFault('detection', 'the rule has no `detection`');
  const conditions = texts(detection['condition']);
  if (conditions.length === 0) throw new SigmaFault('condition', 'the rule has no `condition`');
  const searches = new Map<string, Search>();
  for (const [name, search] of Object.entries(detection)) {
    if (name !== 'condition' && name !== 'timeframe') searches.set(name, readSearch(search, name));
  }
  return {
    ...readHeading(value),
    logsource: {
      product: text(logsource['product']).toLowerCase(),
      category: text(logsource['category']).toLowerCase(),
      service: text(logsource['service']).toLowerCase(),
    },
    searches,
    conditions,
  };
}

function readSearch(value: unknown, name: string): Search {
  if (Array.isArray(value)) {
    const words = value.filter(isValue);
    if (words.length === value.length) return { kind: 'words', values: words, all: false };
    return { kind: 'any', parts: value.map((part) => readSearch(part, name)) };
  }
  if (isObject(value)) {
    return { kind: 'all', parts: Object.entries(value).map(([key, wanted]) => readTest(key, wanted, name)) };
  }
  if (isValue(value)) return { kind: 'words', values: [value], all: false };
  throw new SigmaFault(name, `the search \`${name}\` holds something that is no test`);
}

function readTest(key: string, wanted: unknown, name: string): Search {
  const [field = '', ...modifiers] = key.split('|');
  const values = Array.isArray(wanted) ? wanted : [wanted];
  if (!values.every(isValue))
    throw new SigmaFault(name, `the values of \`${key}\` in \`${name}\` are no plain values`);
  const lower = modifiers.map((modifier) => modifier.toLowerCase());
  if (field === '') return { kind: 'words', values, all: lower.includes('all') };
  return { kind: 'test', test: { field, modifiers: lower, values } };
}

function readCorrelation(
  value: Readonly<Record<string, unknown>>,
  correlation: Readonly<Record<string, unknown>>,
): SigmaCorrelation {
  const aliases = isObject(correlation['aliases']) ? correlation['aliases'] : {};
  return {
    ...readHeading(value),
    type: text(correlation['type']).toLowerCase(),
    rules: texts(correlation['rules']),
    groupBy: texts(correlation['group-by']),
    timespan: text(correlation['timespan']),
    condition: isObject(correlation['condition']) ? correlation['condition'] : {},
    aliases: Object.fromEntries(
      Object.entries(aliases).map(([name, fields]) => [
        name,
        Object.fromEntries(
          Object.entries(isObject(fields) ? fields : {}).map(([rule, field]) => [rule, text(field)]),
        ),
      ]),
    ),
  };
}

function isValue(value: unknown): value is Value {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return isValue(value) && value !== null ? String(value) : '';
}

function texts(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value])
    .filter((item) => isValue(item) && item !== null)
    .map(String);
}
