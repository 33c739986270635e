import { WINDOWS } from '../aggregates/windows.ts';
import { QueryFault } from '../diagnostics.ts';
import type { Node } from '../parse/node.ts';
import type { Call, Expression } from '../plan/expression.ts';
import type { Field, Relation, Window } from '../plan/relation.ts';
import { type LowerContext, refer } from './context.ts';

/**
 * Functions that look at neighbouring rows. They become columns of a Window relation below the operator that uses them.
 * Source: https://learn.microsoft.com/kusto/query/window-functions
 */

export function liftWindows(
  expressions: readonly Expression[],
  given: Relation,
  context: LowerContext,
  node: Node,
): { input: Relation; expressions: Expression[] } {
  let input = given;
  const lift = (expression: Expression): Expression => {
    if (expression.kind !== 'call') return expression;
    const args = expression.args.map(lift);
    if (!WINDOWS[expression.name]) return { ...expression, args };
    if (!isSerialized(given)) throw notSerialized(expression.name, node);
    const field = context.field(expression.name, expression.type);
    input = addWindow(input, { ...expression, args }, field, given);
    return refer(field);
  };
  const lifted = expressions.map(lift);
  return { input, expressions: lifted };
}

/**
 * Whether the rows have an order that the query asked for: window functions need one.
 * Source: https://learn.microsoft.com/kusto/query/serialize-operator
 */
function isSerialized(relation: Relation): boolean {
  switch (relation.kind) {
    case 'sort':
    case 'window':
    case 'sequence':
      return true;
    case 'filter':
    case 'project':
    case 'limit':
    case 'limit-by':
    case 'expand':
      return isSerialized(relation.input);
    default:
      return false;
  }
}

function notSerialized(name: string, node: Node): QueryFault {
  const message = `Function '${name}' cannot be invoked. Details: the row set must be serialized`;
  return new QueryFault('SPOOR006', 'semantic', message, node);
}

/**
 * Calls of one operator share a Window, for one look at the neighbours; a call that reads another call's column stands
 * in a Window above it.
 */
function addWindow(input: Relation, call: Call, field: Field, given: Relation): Relation {
  const added = { name: call.name, args: call.args, type: call.type };
  if (input !== given && input.kind === 'window' && !readsColumn(call, ownFields(input))) {
    return { ...input, fields: [...input.fields, field], calls: [...input.calls, added] };
  }
  return { kind: 'window', input, fields: [...input.fields, field], calls: [added] };
}

function ownFields(window: Window): ReadonlySet<number> {
  return new Set(window.fields.slice(window.input.fields.length).map((own) => own.id));
}

function readsColumn(expression: Expression, ids: ReadonlySet<number>): boolean {
  if (expression.kind === 'column') return ids.has(expression.id);
  return expression.kind === 'call' && expression.args.some((arg) => readsColumn(arg, ids));
}
