import { RequestError } from '../model/request-error.ts';
import { tickTextOf } from '../model/ticks.ts';
import { parseInstant } from './iso-interval.ts';

/** The parts of an OData query that the APIs of alerts take. */
export interface ODataQuery {
  /** True for what is wanted. */
  matches(item: Readonly<Record<string, unknown>>): boolean;
  readonly top: number | undefined;
  readonly skip: number;
  /** Names in lower case. */
  readonly expand: readonly string[];
}

export interface ODataLimits {
  /** Members that a filter may name, as they are spelt in the answer. */
  readonly members: readonly string[];
  readonly mostTop: number;
}

/**
 * Reads `$filter`, `$top`, `$skip` and `$expand`, with or without the dollar sign and in any letter case. Lists are
 * newest first, so `$orderby` is taken only where it asks for a time. Throws `ODataError` (400).
 * Source: https://learn.microsoft.com/defender-endpoint/api/exposed-apis-odata-samples
 */
export function readOData(query: unknown, limits: ODataLimits): ODataQuery {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(query as Record<string, string | readonly string[]>)) {
    const key = name.toLowerCase().replace(/^\$/, '');
    if (typeof value !== 'string') throw malformed(`\`${name}\` is repeated`);
    values.set(key, value);
  }
  const filter = values.get('filter')?.trim() ?? '';
  const top = wholeOf('$top', values.get('top'));
  if (top !== undefined && top > limits.mostTop) throw malformed(`\`$top\` is at most ${limits.mostTop}`);
  return {
    matches: filter === '' ? () => true : parseFilter(filter, limits.members),
    top,
    skip: wholeOf('$skip', values.get('skip')) ?? 0,
    expand: (values.get('expand') ?? '').toLowerCase().split(/[\s,]+/),
  };
}

function wholeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,9}$/.test(text)) throw malformed(`\`${name}\` is not a whole number`);
  return Number(text);
}

type Predicate = (item: Readonly<Record<string, unknown>>) => boolean;
type Value = string | number | boolean | null;

/** Words, texts in single quotes, and signs. A plus between them stands for a blank: a client escapes it twice. */
const TOKEN = /[\s+]*('(?:[^']|'')*'|[(),]|[^\s+(),']+)/y;
const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};
const MOST_TOKENS = 500;

function parseFilter(text: string, members: readonly string[]): Predicate {
  const tokens: string[] = [];
  const reader = new RegExp(TOKEN);
  while (reader.lastIndex < text.length) {
    const at = reader.lastIndex;
    const match = reader.exec(text);
    if (match === null) {
      if (/^[\s+]*$/.test(text.slice(at))) break;
      throw malformed(`unexpected \`${text.slice(at, at + 20)}\``);
    }
    tokens.push(match[1] ?? '');
    if (tokens.length > MOST_TOKENS) throw malformed('the filter is too long');
  }
  let place = 0;
  const peek = (): string => (tokens[place] ?? '').toLowerCase();
  const take = (): string => {
    const token = tokens[place++];
    if (token === undefined) throw malformed('the filter ends too early');
    return token;
  };
  const expect = (sign: string): void => {
    const token = take();
    if (token !== sign) throw malformed(`expected \`${sign}\`, found \`${token}\``);
  };

  function either(): Predicate {
    let left = both();
    while (peek() === 'or') {
      place++;
      const [first, second] = [left, both()];
      left = (item) => first(item) || second(item);
    }
    return left;
  }
  function both(): Predicate {
    let left = one();
    while (peek() === 'and') {
      place++;
      const [first, second] = [left, one()];
      left = (item) => first(item) && second(item);
    }
    return left;
  }
  function one(): Predicate {
    if (peek() === 'not') {
      place++;
      const inner = one();
      return (item) => !inner(item);
    }
    if (peek() === '(') {
      place++;
      const inner = either();
      expect(')');
      return inner;
    }
    return comparison();
  }
  function comparison(): Predicate {
    const name = take();
    const member = members.find((known) => known.toLowerCase() === name.toLowerCase());
    if (member === undefined) throw malformed(`\`${name}\` cannot be filtered by`);
    const operator = take().toLowerCase();
    if (operator === 'in') {
      expect('(');
      const values: Value[] = [literal(take())];
      while (peek() === ',') {
        place++;
        values.push(literal(take()));
      }
      expect(')');
      return (item) => values.some((value) => compare(item[member], value) === 0);
    }
    const decide = OPERATORS[operator];
    if (decide === undefined) throw malformed(`\`${operator}\` is no operator`);
    const value = literal(take());
    return (item) => {
      const order = compare(item[member], value);
      return order === undefined ? operator === 'ne' : decide(order);
    };
  }

  const predicate = either();
  if (place < tokens.length) throw malformed(`unexpected \`${tokens[place]}\``);
  return predicate;
}

function literal(token: string): Value {
  if (token.startsWith("'")) return timeOr(token.slice(1, -1).replaceAll("''", "'"));
  if (token === 'null') return null;
  if (token === 'true' || token === 'false') return token === 'true';
  if (/^-?\d+(\.\d+)?$/.test(token)) return Number(token);
  // `2018-08-01Z`, a date with a zone, is how the samples write one.
  const time = timeOr(token.replace(/^(\d{4}-\d\d-\d\d)Z$/i, '$1'));
  if (!/^\d{4}-/.test(time)) throw malformed(`\`${token}\` is no value: texts stand in single quotes`);
  return time;
}

function timeOr(text: string): string {
  const ticks = /^\d{4}-\d\d-\d\d/.test(text) ? parseInstant(text) : undefined;
  return ticks === undefined ? text : tickTextOf(ticks);
}

/** Below zero: smaller; undefined: not to be compared. Texts without regard to case. */
function compare(found: unknown, value: Value): number | undefined {
  if (found === null || found === undefined || value === null) {
    return (found ?? null) === value ? 0 : undefined;
  }
  if (typeof found === 'number' && typeof value === 'number') return found - value;
  if (typeof found === 'boolean') return found === value ? 0 : 1;
  const [left, right] = [String(found).toLowerCase(), String(value).toLowerCase()];
  return left < right ? -1 : left > right ? 1 : 0;
}

function malformed(problem: string): RequestError {
  return new RequestError('ODataError', 400, `Invalid OData URI query: ${problem}`);
}
