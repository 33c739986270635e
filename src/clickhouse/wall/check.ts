import { createHash } from 'node:crypto';
import { readTokens, shapeOf } from './tokens.ts';
import { refuseTree } from './tree.ts';

/**
 * The second wall: turns back every hunting statement that is anything but one SELECT over tables of `database`
 * with functions of the allow-list, whoever wrote it. `explain` runs `EXPLAIN AST <statement>` and returns the
 * printed tree; it is only called with a statement whose tokens are plain, and not for one whose shape passed before.
 * Resolves to the reason of the refusal, or to undefined for a statement that may run.
 */
export async function refuseStatement(
  statement: string,
  database: string,
  explain: (explainStatement: string) => Promise<string>,
): Promise<string | undefined> {
  if (!/^[A-Za-z0-9_]+$/.test(database)) return 'a database with an odd name';
  const read = readTokens(statement);
  if (read.refused !== undefined) return read.refused;
  const key = createHash('sha256')
    .update(`${database} ${shapeOf(read.tokens)}`)
    .digest('base64');
  if (passed.has(key)) return undefined;
  let tree: string;
  try {
    tree = await explain(`EXPLAIN AST ${statement}`);
  } catch (error) {
    // Only the parser's own refusal is an answer; a stop or a dead engine is none.
    if (!(error instanceof Error) || !/SYNTAX_ERROR|Syntax error/.test(error.message)) throw error;
    return `text that the engine cannot parse: ${error.message.slice(0, 500)}`;
  }
  const why = refuseTree(tree, database);
  if (why === undefined) remember(key);
  return why;
}

/**
 * What passed, by database and shape: the tree of such a statement differs in the values of its literals alone, and
 * nothing there asks for these. The engine takes a millisecond for each tree.
 */
const passed = new Set<string>();
const MAX_PASSED = 10_000;

function remember(key: string): void {
  if (passed.size >= MAX_PASSED) passed.clear();
  passed.add(key);
}
