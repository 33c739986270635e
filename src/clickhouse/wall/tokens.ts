import { WALL_AGGREGATES, WALL_COMBINATORS, WALL_FUNCTIONS, WALL_TABLE_FUNCTIONS } from './allowed.ts';

/**
 * First half of the wall: a strict reading of the statement's tokens, before the engine sees it. It takes only the
 * plain subset of ClickHouse's lexis that our compiler writes, so that there is nothing to disagree about, and it
 * makes the syntax tree trustworthy: the engine prints names unescaped, and a name with a line break could forge
 * lines of the tree.
 */
export function readTokens(statement: string): ReadTokens {
  const tokens: string[] = [];
  let depth = 0;
  for (let at = 0; at < statement.length; ) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(statement);
    if (match === null) return { refused: `text that no token begins with, at ${at}` };
    const token = match[0];
    at += token.length;
    const first = token.charAt(0);
    if (first === ' ' || first === '\n' || first === '\t' || first === '\r') continue;
    // Two adjoining quoted texts are one text with a quote inside to the engine: not written by us.
    if ((first === "'" || first === '`') && statement.charAt(at) === first)
      return { refused: `a doubled quote, at ${at}` };
    if (token === '(') depth += 1;
    if (token === ')' && --depth < 0) return { refused: 'a closing parenthesis without its opening' };
    if (token === '--' || token === '/*') return { refused: 'a comment' };
    tokens.push(token);
  }
  if (depth !== 0) return { refused: 'an opening parenthesis without its closing' };
  const start = tokens.find((token) => token !== '(')?.toUpperCase();
  if (start !== 'SELECT' && start !== 'WITH') return { refused: 'a statement that is not a SELECT' };
  for (let i = 0; i < tokens.length; i++) {
    const why = refuseToken(tokens[i] ?? '', tokens[i + 1] ?? '');
    if (why !== undefined) return { refused: why };
  }
  return { refused: undefined, tokens };
}

/** The tokens of a statement, white space left out, or why it is refused. */
export type ReadTokens =
  | { readonly refused: string }
  | { readonly refused: undefined; readonly tokens: readonly string[] };

/** Equal for statements that differ only in what their texts and whole numbers are. */
export function shapeOf(tokens: readonly string[]): string {
  return tokens
    .map((token) => (token.startsWith("'") ? "'" : /^[0-9]+$/.test(token) ? '0' : token))
    .join(' ');
}

/** True for an aggregate of the allow-list, with any of the combinators after its name. */
export function isAllowedAggregate(name: string): boolean {
  if (WALL_AGGREGATES.has(name)) return true;
  return WALL_COMBINATORS.some(
    (suffix) => name.endsWith(suffix) && isAllowedAggregate(name.slice(0, -suffix.length)),
  );
}

// No `;`, `"`, `$`, `@`, `#`, `{`, `}`, `\` and nothing outside ASCII but inside quotes. A quoted name holds no
// control character, and no escape but of itself and the backslash.
const TOKEN =
  /[ \n\t\r]+|[A-Za-z_][A-Za-z0-9_]*|'(?:[^'\\]|\\[\s\S])*'|`(?:[^`\\\p{Cc}]|\\[`\\])*`|[0-9][0-9A-Za-z_.]*|--|\/\*|[()[\],.+\-*/%=<>!|&^~?:]/uy;

/** Words that begin clauses which never belong in a hunting statement. */
const FORBIDDEN_WORDS = new Set(['INTO', 'OUTFILE', 'SETTINGS', 'FORMAT', 'APPLY', 'PARALLEL', 'EXPLAIN']);

/** Words that stand before a parenthesis without being functions. */
const WORDS_BEFORE_PARENTHESIS = new Set(
  `ALL AND ANY AS ASC BETWEEN BY CASE CUBE DESC DISTINCT ELSE EXCEPT EXISTS FILL FILTER FROM FULL GLOBAL GROUPING
   HAVING ILIKE IN INNER INTERPOLATE INTERSECT INTERVAL JOIN LEFT LIKE LIMIT MATERIALIZED NOT OFFSET ON OR OVER
   PREWHERE QUALIFY REPLACE RIGHT ROLLUP SELECT SETS STEP THEN TO UNION USING VALUES WHEN WHERE WITH`.split(
    /\s+/,
  ),
);

/** Parametric types, as they stand behind `::` and in `CAST(x AS T)`. */
const TYPES = new Set(
  `Array DateTime DateTime64 Decimal Decimal32 Decimal64 Decimal128 Decimal256 Enum8 Enum16 FixedString
   LowCardinality Map Nullable Tuple Variant`.split(/\s+/),
);

function refuseToken(token: string, next: string): string | undefined {
  const word = token.startsWith('`') ? token.slice(1, -1) : token;
  if (!/^[A-Za-z_`]/.test(token)) return undefined;
  if (next === '(') {
    if (WALL_FUNCTIONS.has(word) || isAllowedAggregate(word) || WALL_TABLE_FUNCTIONS.has(word))
      return undefined;
    if (word === token && (WORDS_BEFORE_PARENTHESIS.has(word.toUpperCase()) || TYPES.has(word)))
      return undefined;
    return `the function \`${word}\``;
  }
  if (word === token && FORBIDDEN_WORDS.has(word.toUpperCase())) return `the clause ${word.toUpperCase()}`;
  return undefined;
}
