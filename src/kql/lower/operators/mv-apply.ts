import { unsupported } from '../../diagnostics.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Field, Relation } from '../../plan/relation.ts';
import { type LowerContext, mayBeNull, type OperatorLowering, refer } from '../context.ts';
import { isRowWise, isUnordered, lowerPipeline, numbered, type PerGroup, perGroup } from '../grouped.ts';
import { findField } from '../scope.ts';
import { expanded } from './mv-expand.ts';
import { placed } from './placed.ts';

/**
 * Each row's elements pass the pipeline by themselves, then get back the columns of their row. The rows are numbered
 * first where the pipeline needs to know which elements belong together.
 * Source: https://learn.microsoft.com/kusto/query/mv-apply-operator
 */
export const lowerMvApply: OperatorLowering = (node, input, scope, context) => {
  if (node.child('ContextIdClause')) throw unsupported('the `id` of `mv-apply`', node);
  const pipeline = node.need('Subquery').need('Expression');
  const { rows, row } = numbered(input, context);
  const { expand, values } = expanded(node, rows, scope, context);
  const numberedRows = withElements(expand, rows.fields, values, context);
  const visibleFields = numberedRows.fields.filter((field) => field.id !== row.id);
  const leaf: Relation = {
    kind: 'project',
    input: numberedRows,
    fields: visibleFields,
    expressions: visibleFields.map(refer),
  };
  const plan = lowerPipeline(pipeline, leaf, scope, context);
  const constant = input.fields.filter((field) => !values.has(field.name));
  const rowWise = isRowWise(plan, leaf);
  const unnumbered: Relation = {
    ...expand,
    input,
    fields: expand.fields.filter((field) => field.id !== row.id),
  };
  const groups = rowWise
    ? {
        leaf,
        rows: withElements(unnumbered, input.fields, values, context, visibleFields),
        keys: [],
        constant,
      }
    : { leaf, rows: numberedRows, keys: [row], constant };
  const result = perGroup(plan, groups, node, context);
  const kept = result.constant.map((field, i) => ({ ...field, name: (constant[i] as Field).name }));
  const names = new Set(plan.fields.map((field) => field.name));
  const outputs = new Map(
    plan.fields
      .filter((field) => findField(plan.fields, field.name) === field)
      .map((field) => [field.name, refer(field)]),
  );
  return placed(
    node,
    inRowOrder(result),
    kept.filter((field) => !names.has(field.name)),
    outputs,
    context,
  );
};

/** Rows follow each other as the rows did that they come from. */
function inRowOrder({ relation, keys }: PerGroup): Relation {
  if (keys.length === 0 || !isUnordered(relation)) return relation;
  return {
    kind: 'sort',
    input: relation,
    fields: relation.fields,
    keys: keys.map((key) => ({ expression: refer(key), descending: false, nullsFirst: true })),
  };
}

/** The expanded rows, their elements under their names: in place of a column of that name, else behind. */
function withElements(
  input: Relation,
  row: readonly Field[],
  values: ReadonlyMap<string, Expression>,
  context: LowerContext,
  known: readonly Field[] = [],
): Relation {
  const fields: Field[] = [];
  const expressions: Expression[] = [];
  for (const field of row) {
    if (values.has(field.name)) continue;
    fields.push(field);
    expressions.push(refer(field));
  }
  for (const [name, value] of values) {
    fields.push(
      known.find((field) => field.name === name) ?? context.field(name, value.type, mayBeNull(value)),
    );
    expressions.push(value);
  }
  return { kind: 'project', input, fields, expressions };
}
