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
  return refuseTokens(statement) ?? refuseTree(await explain(`EXPLAIN AST ${statement}`), database);
}
