import { unsupported } from '../../diagnostics.ts';
import { mayBeNull, type OperatorLowering, refer } from '../context.ts';
import { copies } from '../functions.ts';
import { lowerPipeline } from '../grouped.ts';
import { withRow } from '../scope.ts';

/**
 * Names the rows for what follows in the same statement: `T | as X | ... | join (X) on ...`.
 * Source: https://learn.microsoft.com/kusto/query/as-operator
 */
export const lowerAs: OperatorLowering = (node, input, _scope, context) => {
  const copy = copies(input, context);
  copy();
  context.named.set(node.need('Name').simpleName, copy);
  return input;
};

/**
 * `fork` answers one table per branch; the API answers one table: the first.
 * Source: https://learn.microsoft.com/kusto/query/fork-operator
 */
export const lowerFork: OperatorLowering = (node, input, scope, context) => {
  const branches = node.items('Expressions');
  const [first] = branches;
  if (!first) throw unsupported('`fork` without a branch', node);
  if (branches.length > 1) context.warnings.push('`fork` answers its first table only');
  return lowerPipeline(first.need('Expression'), input, scope, context);
};

/**
 * `facet` answers the counts of each column's values and then the `with` pipeline; here the first column's counts.
 * Source: https://learn.microsoft.com/kusto/query/facet-operator
 */
export const lowerFacet: OperatorLowering = (node, input, scope, context) => {
  const columns = node.items('Expressions');
  const [first] = columns;
  if (!first) throw unsupported('`facet` without a column', node);
  if (columns.length > 1 || node.child('WithClause')) {
    context.warnings.push('`facet` answers its first table only');
  }
  const key = context.expression(first, withRow(scope, input.fields));
  const fields = [
    context.field(first.simpleName, key.type, mayBeNull(key)),
    context.field(`count_${first.simpleName}`, 'long', false),
  ];
  const counted = {
    kind: 'aggregate',
    input,
    fields,
    keys: [key],
    aggregates: [{ name: 'count', args: [], type: 'long' }],
  } as const;
  return { kind: 'project', input: counted, fields, expressions: fields.map(refer) };
};
