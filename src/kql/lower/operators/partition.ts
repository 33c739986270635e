import { unsupported } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import { type Expression, literal } from '../../plan/expression.ts';
import { readsOutside } from '../../plan/free-columns.ts';
import type { Relation } from '../../plan/relation.ts';
import { type LowerContext, mayBeNull, type OperatorLowering, refer } from '../context.ts';
import { extended, lowerPipeline, perGroup } from '../grouped.ts';
import { type Scope, withName, withRow } from '../scope.ts';

/** Source: https://learn.microsoft.com/kusto/query/partition-operator */
export const lowerPartition: OperatorLowering = (node, input, scope, context) => {
  const operand = node.need('Operand');
  const key = context.expression(node.need('ByExpression'), withRow(scope, input.fields));
  if (operand.form !== 'PartitionSubquery')
    return perValue(node, operand.need('Query'), key, input, scope, context);
  const { rows, field } = extended(input, 'partition', key, context);
  const leaf = {
    kind: 'project',
    input,
    fields: input.fields,
    expressions: input.fields.map(refer),
  } as const;
  const plan = lowerPipeline(operand.need('Subquery'), leaf, scope, context);
  const { relation } = perGroup(plan, { leaf, rows, keys: [field], constant: [] }, node, context);
  const fields = plan.fields.filter((candidate) => candidate.id !== field.id);
  return { kind: 'project', input: relation, fields, expressions: fields.map(refer) };
};

/**
 * `partition by x { Query }`: a query of its own for each value of the column, which it can name. It runs once, over
 * its first table beside every value.
 */
function perValue(
  node: Node,
  query: Node,
  key: Expression,
  input: Relation,
  scope: Scope,
  context: LowerContext,
): Relation {
  const by = node.need('ByExpression');
  const value = context.field(by.simpleName, key.type, mayBeNull(key), true);
  const values: Relation = { kind: 'aggregate', input, fields: [value], keys: [key], aggregates: [] };
  const outer: Scope = withName({ row: [], names: scope.names }, by.simpleName, {
    kind: 'scalar',
    expression: refer(value),
  });
  const leaf = context.relation(firstTable(query), outer);
  if (readsOutside(leaf)) throw unsupported('a first table that depends on the value of `partition`', query);
  const plan = pipeline(query, leaf, outer, context);
  const rows = besideEach(leaf, values, context);
  const { relation } = perGroup(plan, { leaf, rows, keys: [value], constant: [] }, node, context);
  if (readsOutside(relation)) throw unsupported('this use of the value of `partition`', query);
  const fields = plan.fields.filter((field) => field.id !== value.id);
  return { kind: 'project', input: relation, fields, expressions: fields.map(refer) };
}

function firstTable(query: Node): Node {
  if (query.form === 'ParenthesizedExpression') return firstTable(query.need('Expression'));
  return query.form === 'PipeExpression' ? firstTable(query.need('Expression')) : query;
}

function pipeline(query: Node, leaf: Relation, scope: Scope, context: LowerContext): Relation {
  if (query.form === 'ParenthesizedExpression')
    return pipeline(query.need('Expression'), leaf, scope, context);
  if (query.form !== 'PipeExpression') return leaf;
  const before = pipeline(query.need('Expression'), leaf, scope, context);
  return context.operator(query.need('Operator'), before, scope);
}

/** Every row beside every value. */
function besideEach(leaf: Relation, values: Relation, context: LowerContext): Relation {
  const left = extended(leaf, '$one', literal('long', 1n), context);
  const right = extended(values, '$one', literal('long', 1n), context);
  return {
    kind: 'join',
    join: 'inner',
    left: left.rows,
    right: right.rows,
    on: [{ left: refer(left.field), right: refer(right.field) }],
    fields: [...left.rows.fields, ...right.rows.fields],
  };
}
