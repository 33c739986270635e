import { unsupported } from '../../diagnostics.ts';
import { type OperatorLowering, refer } from '../context.ts';
import { extended, lowerPipeline, perGroup } from '../grouped.ts';
import { withRow } from '../scope.ts';

/** Source: https://learn.microsoft.com/kusto/query/partition-operator */
export const lowerPartition: OperatorLowering = (node, input, scope, context) => {
  const operand = node.need('Operand');
  if (operand.form !== 'PartitionSubquery')
    throw unsupported('a query in braces behind `partition`', operand);
  const key = context.expression(node.need('ByExpression'), withRow(scope, input.fields));
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
