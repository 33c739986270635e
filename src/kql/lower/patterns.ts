import { invalid } from '../diagnostics.ts';
import type { Node } from '../parse/node.ts';
import type { Expression } from '../plan/expression.ts';
import type { Relation } from '../plan/relation.ts';
import type { LowerContext } from './context.ts';
import type { Scope } from './scope.ts';
import { lowerStatements } from './statements.ts';

/**
 * The rows of a pattern for the arguments of a call, `country("Canada").Alberta`; undefined where the name is no
 * pattern. Arguments that the pattern does not list are a fault.
 * Source: https://learn.microsoft.com/kusto/query/pattern-statement
 */
export function patternRows(
  call: Node,
  path: Node | undefined,
  scope: Scope,
  context: LowerContext,
): Relation | undefined {
  if (call.form !== 'FunctionCallExpression') return undefined;
  const binding = scope.names.get(call.need('Name').simpleName);
  if (binding?.kind !== 'pattern') return undefined;
  const names = { row: [], names: binding.scope.names };
  const wanted = call
    .need('ArgumentList')
    .items('Expressions')
    .map((argument) => constant(argument, scope, context));
  const match = binding.declaration.items('Patterns').find((candidate) => {
    const values = candidate.need('ParameterValues').items('Expressions');
    const value = candidate.child('PathValue')?.need('Value');
    return (
      values.length === wanted.length &&
      values.every((node, i) => same(constant(node, names, context), wanted[i])) &&
      (value ? path !== undefined && constantText(value, names, context) === path.simpleName : !path)
    );
  });
  if (!match) throw invalid(`the pattern \`${call.need('Name').simpleName}\` has no such arguments`, call);
  const body = match.need('Body');
  const inner = lowerStatements(body.items('Statements'), names, context);
  return context.relation(body.need('Expression'), inner);
}

function constant(node: Node, scope: Scope, context: LowerContext): Expression {
  return context.expression(node, { row: [], names: scope.names });
}

function constantText(node: Node, scope: Scope, context: LowerContext): string | undefined {
  const value = constant(node, scope, context);
  return value.kind === 'literal' ? String(value.value) : undefined;
}

function same(a: Expression, b: Expression | undefined): boolean {
  return a.kind === 'literal' && b?.kind === 'literal' && a.type === b.type && a.value === b.value;
}
