import type { KqlType } from '../../model/kql-type.ts';
import { Kusto, listOf } from './kusto.ts';
import { Node } from './node.ts';
import { formOf } from './tree.ts';

const LEAD = 'print ';

/**
 * The literal of that type that a text spells: `long(3)`, `3`, `-3`, `datetime(2020-01-01)`, `2020-01-01`, `"x"`;
 * undefined where it spells none. Whatever else stands in the text, an expression or a second statement, is no literal.
 */
export function literalFrom(text: string, type: KqlType): Node | undefined {
  const own = spelled(text);
  const bound = own?.bound;
  if (bound?.kind === 'scalar' && bound.type === type) return own;
  return spelled(`${type}(${text})`);
}

function spelled(text: string): Node | undefined {
  const code = Kusto.KustoCode.ParseAndAnalyze(LEAD + text, Kusto.GlobalState.Default);
  if (listOf(code.GetDiagnostics()).some((fault) => fault.Severity === 'Error')) return undefined;
  const statements = listOf(code.Syntax.Statements);
  const print = statements[0]?.Element$1?.Expression;
  if (statements.length !== 1 || formOf(print) !== 'PrintOperator') return undefined;
  const values = listOf(print.Expressions);
  const value = values[0]?.Element$1;
  const inner = formOf(value) === 'PrefixUnaryExpression' ? value.Expression : value;
  const isLiteral = ['LiteralExpression', 'CompoundStringLiteralExpression', 'DynamicExpression'].includes(
    formOf(inner),
  );
  return values.length === 1 && isLiteral ? new Node(value, () => 0) : undefined;
}
