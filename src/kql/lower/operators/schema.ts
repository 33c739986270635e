import { QueryFault } from '../../diagnostics.ts';
import { literal } from '../../plan/expression.ts';
import { type OperatorLowering, visible } from '../context.ts';

/**
 * The rows as they are, if these are their columns; otherwise a fault of the query.
 * Source: https://learn.microsoft.com/kusto/query/assert-schema-operator
 */
export const lowerAssertSchema: OperatorLowering = (node, input) => {
  const wanted = node
    .need('Schema')
    .items('Columns')
    .map((column) => column.need('Name'))
    .map((name) => `${name.simpleName}:${name.bound?.kind === 'scalar' ? name.bound.type : 'dynamic'}`);
  const found = visible(input.fields).filter((field) => !field.hidden);
  const columns = found.map(({ name, type }) => `${name}:${type}`);
  if (wanted.join() === columns.join()) return input;
  const message = `the columns are (${columns.join(', ')}), not (${wanted.join(', ')})`;
  throw new QueryFault('SPOOR002', 'semantic', message, node);
};

/** Answers no row. Source: https://learn.microsoft.com/kusto/query/consume-operator */
export const lowerConsume: OperatorLowering = (_node, input) => ({
  kind: 'filter',
  input,
  fields: input.fields,
  predicate: literal('bool', false),
});
