import { refuseTokens } from './tokens.ts';
import { refuseTree } from './tree.ts';

/**
 * The second wall: turns back every hunting statement that is anything but one SELECT over tables of `database`
 * with functions of the allow-list, whoever wrote it. `explain` runs `EXPLAIN AST <statement>` and returns the
 * printed tree; it is only called with a statement whose tokens are plain. Resolves to the reason of the refusal, or
 * to undefined for a statement that may run.
 */
export async function refuseStatement(
  statement: string,
  database: string,
  explain: (explainStatement: string) => Promise<string>,
): Promise<string | undefined> {
  if (!/^[A-Za-z0-9_]+$/.test(database)) return 'a database with an odd name';
  const why = refuseTokens(statement);
  if (why !== undefined) return why;
  let tree: string;
  try {
    tree = await explain(`EXPLAIN AST ${statement}`);
  } catch (error) {
    // Only the parser's own refusal is an answer; a stop or a dead engine is none.
    if (!(error instanceof Error) || !/SYNTAX_ERROR|Syntax error/.test(error.message)) throw error;
    return `text that the engine cannot parse: ${error.message.slice(0, 500)}`;
  }
  return refuseTree(tree, database);
}
