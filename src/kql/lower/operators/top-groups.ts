import { unsupported } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import type { Field, Relation, SortKey } from '../../plan/relation.ts';
import { renumbered } from '../../plan/renumber.ts';
import { boundColumns, type LowerContext, mayBeNull, type OperatorLowering, refer } from '../context.ts';
import { type Scope, withRow } from '../scope.ts';
import { countOf } from './rows.ts';
import { summarized } from './summarize.ts';

/**
 * Each level keeps the best values within the values of the level above; its aggregation is over all rows below them.
 * Source: https://learn.microsoft.com/kusto/query/top-nested-operator
 */
export const lowerTopNested: OperatorLowering = (node, input, scope, context) => {
  const clauses = node.items('Clauses');
  const columns = boundColumns(node);
  let best: Relation | undefined;
  let parents: Field[] = [];
  const outputs: Field[] = [];
  clauses.forEach((clause, level) => {
    if (clause.child('WithOthersClause'))
      throw unsupported('`with others` of `top-nested`', clause.need('WithOthersClause'));
    const { value: by, descending } = ordered(clause.need('ByExpression'));
    const ofNodes = clauses.slice(0, level + 1).map((one) => one.need('OfExpression'));
    const names = [...ofNodes.map((_, i) => columns[2 * i]), columns[2 * level + 1]].map((column) => {
      if (!column) throw new Error('top-nested has more results than the binder has columns');
      return column;
    });
    const source = level === 0 ? input : renumbered(input, () => context.field('', 'long').id);
    const groups = summarized(ofNodes, [by], source, names, scope, context);
    const keys = groups.fields.slice(0, level + 1);
    const aggregate = groups.fields[level + 1] as Field;
    const joined: Relation =
      best === undefined
        ? groups
        : {
            kind: 'join',
            join: 'inner',
            left: groups,
            right: best,
            on: parents.map((parent, i) => ({ left: refer(keys[i] as Field), right: refer(parent) })),
            fields: [...groups.fields, ...best.fields],
          };
    const sorted: Relation = {
      kind: 'sort',
      input: joined,
      fields: joined.fields,
      keys: [{ expression: refer(aggregate), descending, nullsFirst: false }],
    };
    const count = clause.child('Expression');
    best = count && !count.missing ? cut(sorted, countOf(count, scope, context), parents) : sorted;
    parents = keys;
    outputs.push(keys[level] as Field, aggregate);
  });
  if (best === undefined) throw unsupported('`top-nested` without a level', node);
  const fields = outputs.map((field, i) =>
    context.field(columns[i]?.name ?? field.name, field.type, field.nullable),
  );
  return { kind: 'project', input: best, fields, expressions: outputs.map(refer) };
};

function cut(input: Relation, count: number, parents: readonly Field[]): Relation {
  return parents.length === 0
    ? { kind: 'limit', input, fields: input.fields, count }
    : { kind: 'limit-by', input, fields: input.fields, keys: parents.map(refer), count };
}

/** `sum(x) asc` without the direction; descending is the rule. */
function ordered(node: Node): { value: Node; descending: boolean } {
  if (node.form !== 'OrderedExpression') return { value: node, descending: true };
  const direction = node.need('Ordering').child('AscOrDescKeyword');
  return {
    value: node.need('Expression'),
    descending: !(direction && !direction.missing && direction.text === 'asc'),
  };
}

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
