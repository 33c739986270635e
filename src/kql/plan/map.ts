import type { Expression } from './expression.ts';
import type { Relation } from './relation.ts';

/** The plan with every relation replaced by what `change` makes of it, innermost first, subqueries included. */
export function mapRelations(relation: Relation, change: (relation: Relation) => Relation): Relation {
  const visit = (node: Relation): Relation => change(mapInputs(node, visit));
  return visit(relation);
}

/** The relation over what `visit` makes of its inputs and of the subqueries in its expressions. */
export function mapInputs(node: Relation, visit: (relation: Relation) => Relation): Relation {
  const expression = (part: Expression): Expression => {
    if (part.kind === 'subquery') return { ...part, input: visit(part.input) };
    return part.kind === 'call' ? { ...part, args: part.args.map(expression) } : part;
  };
  switch (node.kind) {
    case 'scan':
    case 'external':
      return node;
    case 'program':
      return { ...node, inputs: node.inputs.map(visit) };
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
}

/** The relation with its own expressions changed, those inside its inputs and subqueries left alone. */
export function mapExpressions(relation: Relation, change: (expression: Expression) => Expression): Relation {
  switch (relation.kind) {
    case 'filter':
      return { ...relation, predicate: change(relation.predicate) };
    case 'project':
      return { ...relation, expressions: relation.expressions.map(change) };
    case 'aggregate':
      return {
        ...relation,
        keys: relation.keys.map(change),
        aggregates: relation.aggregates.map((call) => ({ ...call, args: call.args.map(change) })),
      };
    case 'join':
      return {
        ...relation,
        on: relation.on.map(({ left, right }) => ({ left: change(left), right: change(right) })),
      };
    case 'sort':
      return {
        ...relation,
        keys: relation.keys.map((key) => ({ ...key, expression: change(key.expression) })),
      };
    case 'limit-by':
      return { ...relation, keys: relation.keys.map(change) };
    case 'window':
      return {
        ...relation,
        calls: relation.calls.map((call) => ({ ...call, args: call.args.map(change) })),
      };
    case 'expand':
      return { ...relation, arrays: relation.arrays.map(change) };
    case 'values':
      return { ...relation, rows: relation.rows.map((row) => row.map(change)) };
    case 'sequence':
      return {
        ...relation,
        from: change(relation.from),
        to: change(relation.to),
        step: change(relation.step),
      };
    case 'scan':
    case 'limit':
    case 'union':
    case 'program':
    case 'external':
      return relation;
  }
}
