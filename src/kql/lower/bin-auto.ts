import { invalid } from '../diagnostics.ts';
import type { Node } from '../parse/node.ts';
import { callOf, type Expression } from '../plan/expression.ts';
import type { LowerContext } from './context.ts';
import type { Scope } from './scope.ts';

/**
 * `bin_auto(x)` is `bin_at(x, size, point)` with what `set query_bin_auto_size` and `set query_bin_auto_at` say.
 * Source: https://learn.microsoft.com/kusto/query/bin-auto-function
 */
export function binAuto(node: Node, args: Node[], scope: Scope, context: LowerContext): Expression {
  const { binSize, binAt } = context.options;
  const [first] = args;
  if (!first) throw new Error('the binder let a call without arguments pass');
  if (!binSize) throw invalid('`bin_auto` needs `set query_bin_auto_size`', node);
  const value = context.expression(first, scope);
  return binAt
    ? callOf('bin_at', value.type, value, binSize, binAt)
    : callOf('bin', value.type, value, binSize);
}
