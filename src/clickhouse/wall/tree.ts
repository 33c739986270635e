import { WALL_FUNCTIONS, WALL_TABLE_FUNCTIONS } from './allowed.ts';
import { isAllowedAggregate } from './tokens.ts';

/**
 * Second half of the wall: the engine's own syntax tree of the statement, as `EXPLAIN AST` prints it
 * (https://clickhouse.com/docs/sql-reference/statements/explain#explain-ast). Only sound for a statement that
 * `refuseTokens` let through. Returns why the statement is refused, or undefined.
 */
export function refuseTree(printedTree: string, database: string): string | undefined {
  const open: Node[] = [];
  let roots = 0;
  for (const line of printedTree.split('\n')) {
    if (line === '') continue;
    const node = readLine(line);
    if (node === undefined) return 'a syntax tree that cannot be read';
    if (node.depth > open.length) return 'a syntax tree with a missing level';
    for (const done of open.splice(node.depth))
      if (done.seen !== done.children) return 'a miscounted syntax tree';
    const parent = open.at(-1);
    if (parent === undefined) roots += 1;
    else parent.seen += 1;
    const why = refuseNode(node, open, database);
    if (why !== undefined) return why;
    open.push(node);
  }
  for (const done of open) if (done.seen !== done.children) return 'a miscounted syntax tree';
  return roots === 1 ? undefined : 'more than one statement';
}

interface Node {
  readonly depth: number;
  readonly kind: string;
  /** What follows the kind: the name or value, and the alias. */
  readonly rest: string;
  readonly children: number;
  seen: number;
}

const LINE = /^( *)([A-Za-z:]+)(?: (.*?))??(?: \(children (\d+)\))?$/su;

function readLine(line: string): Node | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  return {
    depth: match[1]?.length ?? 0,
    kind: match[2] ?? '',
    rest: match[3] ?? '',
    children: Number(match[4] ?? 0),
    seen: 0,
  };
}

/** Kinds without a meaning of their own here; whatever is not named is refused. */
const HARMLESS = new Set([
  'SelectIntersectExceptQuery',
  'ExpressionList',
  'SelectQuery',
  'WithElement',
  'Subquery',
  'Literal',
  'Asterisk',
  'QualifiedAsterisk',
  'ColumnsTransformerList',
  'ColumnsExceptTransformer',
  'ColumnsReplaceTransformer',
  'ColumnsReplaceTransformer::Replacement',
  'TablesInSelectQuery',
  'TablesInSelectQueryElement',
  'TableExpression',
  'TableJoin',
  'ArrayJoin',
  'OrderByElement',
  'InterpolateElement',
  'WindowDefinition',
  'WindowListElement',
  'SampleRatio',
]);

const MEMBERSHIP = new Set(['in', 'notIn', 'globalIn', 'globalNotIn']);

function refuseNode(node: Node, open: readonly Node[], database: string): string | undefined {
  const parent = open.at(-1);
  if (parent === undefined) {
    // Clauses of the output (INTO OUTFILE, FORMAT, SETTINGS) hang beside the one list of selects.
    return node.kind === 'SelectWithUnionQuery' && node.children === 1
      ? undefined
      : 'a statement that is not one plain SELECT';
  }
  if (node.kind === 'SelectWithUnionQuery')
    return node.children === 1 ? undefined : 'a subquery with output clauses';
  if (node.kind === 'Function') return refuseFunction(node, parent);
  if (node.kind === 'TableIdentifier') return refuseTable(node.rest, database);
  if (node.kind === 'Identifier') {
    // `x IN name` reads the table of that name.
    const call = open.at(-2);
    const isSet =
      parent.seen === 2 && call?.kind === 'Function' && MEMBERSHIP.has(call.rest.split(' ', 1)[0] ?? '');
    return isSet ? refuseTable(node.rest, database) : undefined;
  }
  return HARMLESS.has(node.kind) ? undefined : `the node ${node.kind}`;
}

function refuseFunction(node: Node, parent: Node): string | undefined {
  const [name = '', ...more] = node.rest.split(' ');
  if (more.length > 0 && more[0] !== '(alias') return 'a function with an odd name';
  const allowed =
    parent.kind === 'TableExpression'
      ? WALL_TABLE_FUNCTIONS.has(name)
      : WALL_FUNCTIONS.has(name) || isAllowedAggregate(name);
  return allowed ? undefined : `the function \`${name}\``;
}

/** A bare name is a common table expression, or nothing: the statement runs where bare names hold no tables. */
function refuseTable(printed: string, database: string): string | undefined {
  const match = /^([A-Za-z0-9_.]+)(?: \(alias .*\))?$/su.exec(printed);
  const name = match?.[1];
  if (name === undefined) return 'a table with an odd name';
  const parts = name.split('.');
  if (parts.length === 1) return undefined;
  return parts.length === 2 && parts[0] === database ? undefined : `the table \`${name}\``;
}
