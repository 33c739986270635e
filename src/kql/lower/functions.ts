import { invalid, unsupported } from '../diagnostics.ts';
import type { Node } from '../parse/node.ts';
import type { Relation } from '../plan/relation.ts';
import { renumbered } from '../plan/renumber.ts';
import { bounded } from './budget.ts';
import type { LowerContext } from './context.ts';
import { demandAccess } from './restrict.ts';
import { type Binding, EMPTY_SCOPE, type Scope, withName } from './scope.ts';
import { lowerStatements } from './statements.ts';

/**
 * The scope in which a call of the query's own function runs: its definition's names, its parameters bound to the
 * arguments of this call, and its own lets.
 * Source: https://learn.microsoft.com/kusto/query/functions/user-defined-functions
 */
export function bodyScope(
  node: Node,
  body: Node,
  scope: Scope,
  context: LowerContext,
  /** What stands before `invoke`: the function's first argument. */
  invokedOn?: Relation,
): { scope: Scope; expression: Node } {
  const name = node.form === 'NameReference' ? node.simpleName : node.need('Name').simpleName;
  const binding = scope.names.get(name);
  if (binding?.kind === 'denied') throw invalid(`access to \`${name}\` is restricted`, node);
  if (binding === undefined) demandAccess(name, node, scope);
  // What the query does not define itself is the tenant's or the service's: it sees none of the query's names.
  let inner: Scope = binding?.kind === 'function' ? { row: [], names: binding.scope.names } : EMPTY_SCOPE;
  if (binding?.kind === 'function') inner = withName(inner, name, binding);
  const args = node.child('ArgumentList')?.items('Expressions') ?? [];
  const shift = invokedOn ? 1 : 0;
  node.calledParameters().forEach((parameter, place) => {
    if (invokedOn && place === 0) {
      inner = withName(inner, parameter.name, { kind: 'relation', lower: copies(invokedOn, context) });
      return;
    }
    const i = place - shift;
    inner = withName(inner, parameter.name, bindArgument(node, parameter, args, i, scope, context));
  });
  inner = lowerStatements(body.items('Statements'), inner, context);
  const expression = body.child('Expression');
  if (!expression) throw unsupported('a function without a result', node);
  return { scope: inner, expression };
}

function bindArgument(
  call: Node,
  parameter: { name: string; tabular: boolean; fallback: Node | undefined },
  args: readonly Node[],
  position: number,
  scope: Scope,
  context: LowerContext,
): Binding {
  const named = args.find(
    (arg) => arg.form === 'SimpleNamedExpression' && arg.need('Name').simpleName === parameter.name,
  );
  const positional = args[position];
  const node =
    named?.need('Expression') ??
    (positional?.form === 'SimpleNamedExpression' ? undefined : positional) ??
    parameter.fallback;
  if (!node)
    throw unsupported(`a call of \`${call.need('Name').simpleName}\` without \`${parameter.name}\``, call);
  if (parameter.tabular || node.bound?.kind === 'table' || node.bound?.kind === 'graph') {
    return { kind: 'relation', lower: () => context.relation(node, scope) };
  }
  return { kind: 'scalar', expression: bounded(context.expression(node, scope), node) };
}

/** The relation at its first use, a copy of it with other ids at each later one. */
export function copies(relation: Relation, context: LowerContext): () => Relation {
  let used = false;
  return () => {
    if (used) return renumbered(relation, () => context.field('', 'long').id);
    used = true;
    return relation;
  };
}
