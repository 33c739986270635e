import type { Node } from '../../parse/node.ts';
import type { Relation, SortKey } from '../../plan/relation.ts';
import { boundColumns, type LowerContext, mayBeNull, type OperatorLowering, refer } from '../context.ts';
import { type Scope, withRow } from '../scope.ts';
import { countOf } from './rows.ts';

/**
 * The real ones, not approximately. Source: https://learn.microsoft.com/kusto/query/top-hitters-operator
 */
export const lowerTopHitters: OperatorLowering = (node, input, scope, context) => {
  const row = withRow(scope, input.fields);
  const columns = boundColumns(node);
  const key = context.expression(node.need('OfExpression'), row);
  const byNode = node.child('ByClause')?.need('Expression');
  const by = byNode && context.expression(byNode, row);
  const keyField = context.field(columns[0]?.name ?? 'value', key.type, mayBeNull(key));
  const total = context.field(columns[1]?.name ?? 'total', columns[1]?.type ?? 'long');
  const groups: Relation = {
    kind: 'aggregate',
    input,
    fields: [keyField, total],
    keys: [key],
    aggregates: [
      by ? { name: 'sum', args: [by], type: total.type } : { name: 'count', args: [], type: total.type },
    ],
  };
  const keys: SortKey[] = [total, keyField].map((field) => ({
    expression: refer(field),
    descending: true,
    nullsFirst: false,
  }));
  const sorted: Relation = { kind: 'sort', input: groups, fields: groups.fields, keys };
  return limited(sorted, node, scope, context);
};

function limited(input: Relation, node: Node, scope: Scope, context: LowerContext): Relation {
  return {
    kind: 'limit',
    input,
    fields: input.fields,
    count: countOf(node.need('Expression'), scope, context),
  };
}
