import { SigmaFault } from './rule.ts';

/**
 * The condition language: names of searches, `1 of x*`, `all of them`, `and`, `or`, `not`, parentheses.
 * Source: https://sigmahq.io/sigma-specification/specification/sigma-rules-specification.html#condition
 */
export type Condition =
  | { readonly kind: 'search'; readonly name: string }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition };

const TOKEN = /\s*(\(|\)|[A-Za-z0-9_*?.-]+)/y;
const DEEPEST = 200;

/** Throws `SigmaFault` where the text is no condition or names a search that is not there. */
export function readCondition(text: string, names: readonly string[]): Condition {
  if (text.includes('|'))
    throw new SigmaFault('condition', 'aggregations behind `|` are replaced by correlation rules');
  const tokens = tokenize(text);
  let at = 0;
  const peek = (): string => tokens[at]?.toLowerCase() ?? '';

  function either(depth: number): Condition {
    const parts = [both(depth)];
    while (peek() === 'or') {
      at++;
      parts.push(both(depth));
    }
    return parts.length === 1 ? (parts[0] as Condition) : { kind: 'or', parts };
  }

  function both(depth: number): Condition {
    const parts = [single(depth)];
    while (peek() === 'and') {
      at++;
      parts.push(single(depth));
    }
    return parts.length === 1 ? (parts[0] as Condition) : { kind: 'and', parts };
  }

  function single(depth: number): Condition {
    if (depth > DEEPEST) throw new SigmaFault('condition', 'the condition is nested too deeply');
    const word = tokens[at++];
    if (word === undefined) throw new SigmaFault('condition', 'the condition ends too early');
    const lower = word.toLowerCase();
    if (lower === 'not') return { kind: 'not', part: single(depth + 1) };
    if (word === '(') {
      const inner = either(depth + 1);
      if (tokens[at++] !== ')') throw new SigmaFault('condition', 'a parenthesis is not closed');
      return inner;
    }
    if ((lower === 'all' || lower === 'any' || /^\d+$/.test(lower)) && peek() === 'of') {
      at++;
      return quantified(lower, tokens[at++] ?? '');
    }
    if (word === ')' || lower === 'and' || lower === 'or' || lower === 'of')
      throw new SigmaFault('condition', `\`${word}\` stands at a wrong place in the condition`);
    if (!names.includes(word)) throw new SigmaFault('condition', `there is no search \`${word}\``);
    return { kind: 'search', name: word };
  }

  function quantified(how: string, pattern: string): Condition {
    const found =
      pattern.toLowerCase() === 'them'
        ? names.filter((name) => !name.startsWith('_'))
        : matching(pattern, names);
    if (found.length === 0) throw new SigmaFault('condition', `no search is called \`${pattern}\``);
    const parts = found.map((name): Condition => ({ kind: 'search', name }));
    if (how === 'all') return { kind: 'and', parts };
    if (how === '1' || how === 'any') return { kind: 'or', parts };
    throw new SigmaFault('condition', `\`${how} of\` is not known; \`1 of\`, \`any of\` and \`all of\` are`);
  }

  const condition = either(0);
  if (at < tokens.length)
    throw new SigmaFault('condition', `\`${tokens[at]}\` stands at a wrong place in the condition`);
  return condition;
}

function tokenize(text: string): readonly string[] {
  const tokens: string[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  for (let at = 0; at < trimmed.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(trimmed);
    if (match === null)
      throw new SigmaFault('condition', `the condition cannot be read at \`${trimmed.slice(at, at + 20)}\``);
    tokens.push(match[1] as string);
  }
  return tokens;
}

function matching(pattern: string, names: readonly string[]): readonly string[] {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const regex = new RegExp(`^${parts.join('.*')}$`);
  return names.filter((name) => regex.test(name));
}
