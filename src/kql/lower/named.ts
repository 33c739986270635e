import type { Node } from '../parse/node.ts';
import { callOf, type Expression, literal } from '../plan/expression.ts';
import type { LowerContext } from './context.ts';
import type { Scope } from './scope.ts';

/**
 * The expressions of a list, in order; `(a, b) = f(x)` yields one per column of the tuple that `f` returns.
 */
export function namedExpressions(nodes: readonly Node[], scope: Scope, context: LowerContext): Expression[] {
  return nodes.flatMap((node) => {
    const value = unnamed(node);
    const bound = value.bound;
    if (bound?.kind !== 'tuple') return [context.expression(value, scope)];
    const tuple = context.expression(value, scope);
    return bound.columns.map((column, i) =>
      callOf('tuple_element', column.type, tuple, literal('long', BigInt(i))),
    );
  });
}

/**
 * For each expression of `namedExpressions` whether the answer leaves it out: `x = f(y)` shows the first column of the tuple
 * only (measured on the real engine), while the binder lets later operators name the others.
 */
export function leftOut(nodes: readonly Node[]): readonly boolean[] {
  return nodes.flatMap((node) => {
    const bound = unnamed(node).bound;
    if (bound?.kind !== 'tuple') return [false];
    return bound.columns.map((_, i) => i > 0 && node.form === 'SimpleNamedExpression');
  });
}

/** The names that a list gives explicitly, one per expression; undefined where the binder invents one. */
export function explicitName(node: Node): string | undefined {
  return node.form === 'SimpleNamedExpression' ? node.need('Name').simpleName : undefined;
}

/** `x = e` without the name. */
export function unnamed(node: Node): Node {
  return node.form === 'SimpleNamedExpression' || node.form === 'CompoundNamedExpression'
    ? node.need('Expression')
    : node;
}
