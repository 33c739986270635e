import { invalid } from '../../diagnostics.ts';
import { literalPattern, parseRegex } from '../../functions/regex-syntax.ts';
import type { Node } from '../../parse/node.ts';
import { callOf, type Expression, literal } from '../../plan/expression.ts';
import type { Relation } from '../../plan/relation.ts';
import { boundColumns, type LowerContext, type OperatorLowering, refer } from '../context.ts';
import { type Scope, withRow } from '../scope.ts';
import { placed } from './placed.ts';
import { castTo } from './values.ts';

interface Syntax {
  readonly pair: string;
  readonly kv: string;
  readonly quotes: readonly (readonly [open: string, close: string])[];
  readonly escaping: string;
  readonly greedy: boolean;
  readonly regex: string | undefined;
}

/** Source: https://learn.microsoft.com/kusto/query/parse-kv-operator */
export const lowerParseKv: OperatorLowering = (node, input, scope, context) => {
  const keys = node
    .need('Keys')
    .items('Columns')
    .map((column) => column.need('Name').simpleName);
  const types = new Map(boundColumns(node).map(({ name, type }) => [name, type]));
  const syntax = syntaxOf(node, scope, context);
  const source = castTo('string', context.expression(node.need('Expression'), withRow(scope, input.fields)));
  const { rows, values } = textsOf(keys, source, syntax, input, context);
  const outputs = keys.map((key, i): [string, Expression] => [
    key,
    castTo(types.get(key) ?? 'string', values[i] as Expression),
  ]);
  return placed(node, rows, input.fields, new Map(outputs), context);
};

function syntaxOf(node: Node, scope: Scope, context: LowerContext): Syntax {
  const given = new Map<string, string>();
  const quotes: (readonly [string, string])[] = [];
  for (const property of node.child('WithClause')?.items('Properties') ?? []) {
    const name = property.need('Name').simpleName.toLowerCase();
    const value = context.expression(property.need('Expression'), { row: [], names: scope.names });
    if (value.kind !== 'literal' || value.value === null)
      throw invalid(`\`${name}\` must be a constant`, property);
    const spelled = String(value.value);
    if (name === 'quote') quotes.push([spelled.slice(0, 1), spelled.slice(-1)]);
    else given.set(name, spelled);
  }
  const syntax = {
    pair: given.get('pair_delimiter') ?? '',
    kv: given.get('kv_delimiter') ?? '',
    quotes,
    escaping: given.get('escape') ?? '',
    greedy: given.get('greedy') === 'true',
    regex: given.get('regex'),
  };
  if (quotes.some(([open]) => open === '') || syntax.escaping.length > 1)
    throw invalid('a quote has one or two characters, an escape one', node);
  if (syntax.greedy && (syntax.pair === '' || syntax.kv === ''))
    throw invalid('`greedy` needs both delimiters', node);
  return syntax;
}

/** The text of each key. */
function textsOf(
  keys: readonly string[],
  source: Expression,
  syntax: Syntax,
  input: Relation,
  context: LowerContext,
): { rows: Relation; values: Expression[] } {
  const key = (name: string): Expression => literal('string', name);
  if (syntax.regex === undefined && syntax.kv === '' && syntax.pair === '') {
    return { rows: input, values: keys.map((name) => callOf('kv_following', 'string', source, key(name))) };
  }
  const quotes = literal('long', BigInt(syntax.quotes.length));
  const escaping = key(syntax.escaping);
  if (syntax.greedy) {
    const values = keys.map((name) =>
      callOf('kv_greedy', 'string', source, key(greedyPattern(name, keys, syntax)), quotes, escaping),
    );
    return { rows: input, values };
  }
  const pairs = context.field('pairs', 'dynamic');
  const found =
    syntax.regex === undefined
      ? callOf('kv_pairs', 'dynamic', source, key(pairPattern(syntax)), quotes, escaping, key(syntax.pair))
      : callOf(
          'kv_pairs',
          'dynamic',
          source,
          key(pairRegex(syntax.regex)),
          literal('long', 0n),
          key(''),
          key(''),
        );
  const rows: Relation = {
    kind: 'project',
    input,
    fields: [...input.fields, pairs],
    expressions: [...input.fields.map(refer), found],
  };
  return { rows, values: keys.map((name) => callOf('kv_value', 'string', refer(pairs), key(name))) };
}

function pairRegex(pattern: string): string {
  const regex = parseRegex(pattern);
  if (regex.groups !== 2)
    throw invalid('the regular expression of `parse-kv` has exactly two groups', { start: 0, length: 0 });
  return regex.re2;
}

const WORD = '[\\p{L}\\p{N}]';

/** One pair: its key in quotes or plain, its value in quotes or plain, up to the pair delimiter or the end. */
function pairPattern({ pair, kv, quotes, escaping }: Syntax): string {
  const inQuotes = quotes.map((quote) => `${quotedPattern(quote, escaping)}\\s*|`).join('');
  const between = kv === '' ? '[^\\p{L}\\p{N}]+' : literalPattern(kv);
  const [name, value, end] =
    pair === '' ? [`${WORD}+`, `${WORD}*`, ''] : ['.*?', '.*?', `(?:${literalPattern(pair)}|\\z)`];
  return `(?s)(?:${inQuotes}(${name}))${between}(?:${inQuotes}(${value}))${end}`;
}

/** A value of one key reaches to the next known key. */
function greedyPattern(
  name: string,
  keys: readonly string[],
  { pair, kv, quotes, escaping }: Syntax,
): string {
  const inQuotes = quotes.map((quote) => `${quotedPattern(quote, escaping)}|`).join('');
  const names = keys.map(literalPattern).join('|');
  const delimiter = literalPattern(pair);
  const between = `\\s*${literalPattern(kv)}`;
  return `(?s)(?:\\A|${delimiter})\\s*${literalPattern(name)}${between}(?:${inQuotes}(.*?))\\s*(?:${delimiter}\\s*(?:${names})${between}|\\z)`;
}

function quotedPattern([open, close]: readonly [string, string], escaping: string): string {
  const inside =
    escaping === ''
      ? `[^${literalPattern(close)}]*`
      : `(?:[^${literalPattern(close)}${literalPattern(escaping)}]|${literalPattern(escaping)}.)*`;
  return `\\s*${literalPattern(open)}(${inside})${literalPattern(close)}`;
}
