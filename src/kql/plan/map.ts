import type { Expression } from './expression.ts';
import type { Relation } from './relation.ts';

/** The plan with every relation replaced by what `change` makes of it, innermost first, subqueries included. */
export function mapRelations(relation: Relation, change: (relation: Relation) => Relation): Relation {
  const visit = (node: Relation): Relation => change(withInputs(node));
  const expression = (node: Expression): Expression => {
    if (node.kind === 'subquery') return { ...node, input: visit(node.input) };
    return node.kind === 'call' ? { ...node, args: node.args.map(expression) } : node;
  };
  const withInputs = (node: Relation): Relation => {
    switch (node.kind) {
      case 'scan':
        return node;
      case 'values':
        return { ...node, rows: node.rows.map((row) => row.map(expression)) };
      case 'sequence':
        return { ...node, from: expression(node.from), to: expression(node.to), step: expression(node.step) };
      case 'filter':
        return { ...node, input: visit(node.input), predicate: expression(node.predicate) };
      case 'project':
        return { ...node, input: visit(node.input), expressions: node.expressions.map(expression) };
      case 'aggregate':
        return {
          ...node,
          input: visit(node.input),
          keys: node.keys.map(expression),
          aggregates: node.aggregates.map((call) => ({ ...call, args: call.args.map(expression) })),
        };
      case 'join':
        return {
          ...node,
          left: visit(node.left),
          right: visit(node.right),
          on: node.on.map((pair) => ({ left: expression(pair.left), right: expression(pair.right) })),
        };
      case 'union':
        return { ...node, inputs: node.inputs.map(visit) };
      case 'sort':
        return {
          ...node,
          input: visit(node.input),
          keys: node.keys.map((key) => ({ ...key, expression: expression(key.expression) })),
        };
      case 'limit':
        return { ...node, input: visit(node.input) };
      case 'limit-by':
        return { ...node, input: visit(node.input), keys: node.keys.map(expression) };
      case 'window':
        return {
          ...node,
          input: visit(node.input),
          calls: node.calls.map((call) => ({ ...call, args: call.args.map(expression) })),
        };
      case 'expand':
        return { ...node, input: visit(node.input), arrays: node.arrays.map(expression) };
    }
  };
  return visit(relation);
}
