import { type Condition, readCondition } from './condition.ts';
import type { EventSource } from './event-source.ts';
import { allOf, anyOf, FALSE, isFault, notOf, type Part, TRUE } from './kql.ts';
import { type Search, SigmaFault, type SigmaRule } from './rule.ts';
import { sourcesOf } from './sources.ts';
import { testOf, wordsOf } from './test.ts';

/** A table and what to keep of it. */
export interface Branch {
  readonly table: string;
  readonly predicate: string;
  readonly source: EventSource;
}

/** What a rule looks at. Throws `SigmaFault` where the rule cannot be converted. */
export function branchesOf(rule: SigmaRule): readonly Branch[] {
  const sources = sourcesOf(rule.logsource);
  if (typeof sources === 'string') throw new SigmaFault('logsource', sources);
  const names = [...rule.searches.keys()];
  const conditions = rule.conditions.map((text) => readCondition(text, names));
  const branches: Branch[] = [];
  for (const source of sources) {
    const predicate = anyOf(conditions.map((condition) => conditionOf(condition, rule, source)));
    if (isFault(predicate)) throw predicate;
    if (predicate !== FALSE) branches.push({ table: source.table, predicate, source });
  }
  if (branches.length === 0) throw new SigmaFault('detection', 'no event can match the rule');
  return branches;
}

/** KQL of the branches: one table, or a union of several. */
export function queryOf(branches: readonly Branch[]): string {
  const [first, ...others] = branches.map(pipeline);
  if (first === undefined) throw new Error('a query without a branch');
  if (others.length === 0) return first;
  return `union\n${[first, ...others].map((each) => `  (${each.replaceAll('\n', '\n  ')})`).join(',\n')}`;
}

function pipeline({ table, predicate, source }: Branch): string {
  const wheres = [source.filter, ...conjuncts(predicate)].filter((each) => each !== '' && each !== TRUE);
  return [table, ...wheres.map((each) => `| where ${each}`)].join('\n');
}

/** `(a and b)` as two lines. The outermost parentheses are those of one `allOf` where they close at the end. */
function conjuncts(predicate: string): readonly string[] {
  if (!predicate.startsWith('(')) return [predicate];
  const parts: string[] = [];
  let depth = 0;
  let from = 1;
  for (let at = 0; at < predicate.length; at++) {
    const char = predicate[at];
    if (char === '"') at = endOfLiteral(predicate, at);
    else if (char === '(' || char === '[') depth++;
    else if (char === ')' || char === ']') {
      depth--;
      if (depth === 0 && at < predicate.length - 1) return [predicate];
    } else if (depth === 1 && predicate.startsWith(' or ', at)) return [predicate];
    else if (depth === 1 && predicate.startsWith(' and ', at)) {
      parts.push(predicate.slice(from, at));
      from = at + ' and '.length;
    }
  }
  return [...parts, predicate.slice(from, -1)];
}

/** Index of the closing quote of the literal that begins at `at`; verbatim literals double their quotes. */
function endOfLiteral(text: string, at: number): number {
  const verbatim = text[at - 1] === '@';
  for (let i = at + 1; i < text.length; i++) {
    if (!verbatim && text[i] === '\\') i++;
    else if (text[i] === '"') {
      if (!verbatim || text[i + 1] !== '"') return i;
      i++;
    }
  }
  return text.length;
}

function conditionOf(condition: Condition, rule: SigmaRule, source: EventSource): Part {
  switch (condition.kind) {
    case 'search':
      return searchOf(rule.searches.get(condition.name) as Search, source);
    case 'not':
      return notOf(conditionOf(condition.part, rule, source));
    case 'and':
      return allOf(condition.parts.map((part) => conditionOf(part, rule, source)));
    case 'or':
      return anyOf(condition.parts.map((part) => conditionOf(part, rule, source)));
  }
}

function searchOf(search: Search, source: EventSource): Part {
  switch (search.kind) {
    case 'all':
      return allOf(search.parts.map((part) => searchOf(part, source)));
    case 'any':
      return anyOf(search.parts.map((part) => searchOf(part, source)));
    case 'words':
      return wordsOf(search.values, search.all, source);
    case 'test':
      return testOf(search.test, source);
  }
}
