import { unsupported } from '../diagnostics.ts';
import type { Node } from '../parse/node.ts';
import type { Expression } from '../plan/expression.ts';
import type { Field, Relation, SortKey } from '../plan/relation.ts';
import { isCopyOf } from '../plan/renumber.ts';
import { type LowerContext, mayBeNull, refer } from './context.ts';
import { windowPerGroup } from './grouped-windows.ts';
import { withGroups } from './operators/scan-program.ts';
import { type Scope, withRow } from './scope.ts';

/** The relation below an operator's own pipeline, and the columns that it is to be carried out for. */
export interface Groups {
  /** What the pipeline was lowered over. */
  readonly leaf: Relation;
  /** The same rows with `keys` and `constant` among the columns. */
  readonly rows: Relation;
  /** The pipeline runs once for each combination of these. */
  readonly keys: readonly Field[];
  /** Columns that have one value in each group. */
  readonly constant: readonly Field[];
}

/** A pipeline per group. `keys` and `constant` are the fields of `relation` that hold those of the groups, in order. */
export interface PerGroup {
  readonly relation: Relation;
  readonly keys: readonly Field[];
  readonly constant: readonly Field[];
}

/** `( where ... | summarize ... )` behind an operator: a pipeline whose input is implied. */
export function lowerPipeline(node: Node, input: Relation, scope: Scope, context: LowerContext): Relation {
  if (node.form === 'ParenthesizedExpression')
    return lowerPipeline(node.need('Expression'), input, scope, context);
  if (node.form !== 'PipeExpression') return context.operator(node, input, withRow(scope, input.fields));
  const before = lowerPipeline(node.need('Expression'), input, scope, context);
  return context.operator(node.need('Operator'), before, withRow(scope, before.fields));
}

/** Whether the pipeline over `leaf` only looks at one row at a time: then it needs no groups. */
export function isRowWise(plan: Relation, leaf: Relation): boolean {
  if (plan === leaf) return true;
  return (
    (plan.kind === 'filter' || plan.kind === 'project' || plan.kind === 'expand') &&
    isRowWise(plan.input, leaf)
  );
}

/** Whether the rows come out of an aggregation whose order nothing has fixed since. */
export function isUnordered(plan: Relation): boolean {
  switch (plan.kind) {
    case 'aggregate':
    case 'join':
      return true;
    case 'filter':
    case 'project':
    case 'expand':
    case 'limit':
    case 'limit-by':
      return isUnordered(plan.input);
    default:
      return false;
  }
}

/**
 * The plan of a pipeline that was lowered over all rows, made to run for each group by itself: aggregations group by
 * the keys too, sorting sorts by them first, a row limit counts within each group.
 */
export function perGroup(plan: Relation, groups: Groups, node: Node, context: LowerContext): PerGroup {
  const found = walk(plan, groups, node, context);
  if (!found) throw unsupported('a pipeline that does not read its implied input', node);
  return found;
}

function walk(plan: Relation, groups: Groups, node: Node, context: LowerContext): PerGroup | undefined {
  if (isCopyOf(plan, groups.leaf))
    throw unsupported('an operator that reads its input twice in a pipeline per group', node);
  if (plan === groups.leaf) return { relation: groups.rows, keys: groups.keys, constant: groups.constant };
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'sequence':
    case 'external':
      return undefined;
    case 'program':
      if (plan.name === 'scan') return scanned(plan, groups, node, context);
      if (plan.inputs.some((input) => walk(input, groups, node, context)))
        throw unsupported(`\`${plan.name}\` with the implied input`, node);
      return undefined;
    case 'join':
      return joined(plan, groups, node, context);
    case 'union':
      if (plan.inputs.some((input) => walk(input, groups, node, context)))
        throw unsupported('`union` with the implied input', node);
      return undefined;
    default: {
      const below = walk(plan.input, groups, node, context);
      return below && above(plan, below, node, context);
    }
  }
}

/** The walk of `scan` keeps partitions apart by itself: the groups become part of them. */
function scanned(
  plan: Relation & { kind: 'program' },
  groups: Groups,
  node: Node,
  context: LowerContext,
): PerGroup | undefined {
  const [rows] = plan.inputs;
  const below = rows && walk(rows, groups, node, context);
  if (!below) return undefined;
  const copy = (field: Field): Field => context.field(field.name, field.type, field.nullable, field.hidden);
  const keys = below.keys.map(copy);
  const constant = below.constant.map(copy);
  const options = withGroups(plan.options, below);
  const relation = {
    ...plan,
    inputs: [below.relation],
    options,
    fields: [...plan.fields, ...keys, ...constant],
  };
  return { relation, keys, constant };
}

type OverOne = Exclude<
  Relation,
  { kind: 'scan' | 'values' | 'sequence' | 'join' | 'union' | 'program' | 'external' }
>;

function above(plan: OverOne, below: PerGroup, node: Node, context: LowerContext): PerGroup {
  const input = below.relation;
  const kept = [...below.keys, ...below.constant];
  const keys = below.keys.map(refer);
  const carrying = (fields: readonly Field[]): Field[] => [...fields, ...missing(kept, fields)];
  switch (plan.kind) {
    case 'filter':
      return { ...below, relation: { ...plan, input, fields: carrying(plan.fields) } };
    case 'project': {
      const added = missing(kept, plan.fields);
      const relation = {
        ...plan,
        input,
        fields: [...plan.fields, ...added],
        expressions: [...plan.expressions, ...added.map(refer)],
      };
      return { ...below, relation };
    }
    case 'sort': {
      const first = keys.map((expression): SortKey => ({ expression, descending: false, nullsFirst: true }));
      return {
        ...below,
        relation: { ...plan, input, fields: carrying(plan.fields), keys: [...first, ...plan.keys] },
      };
    }
    case 'limit':
      return {
        ...below,
        relation: { kind: 'limit-by', input, fields: carrying(plan.fields), keys, count: plan.count },
      };
    case 'limit-by':
      return {
        ...below,
        relation: { ...plan, input, fields: carrying(plan.fields), keys: [...keys, ...plan.keys] },
      };
    case 'expand':
      return {
        ...below,
        relation: {
          ...plan,
          input,
          fields: [...input.fields, ...plan.fields.slice(plan.input.fields.length)],
        },
      };
    case 'aggregate':
      return aggregated(plan, below, context);
    case 'window': {
      if (!isPlace(plan)) {
        const inOrder = standsInGroups(plan.input) ? input : groupByGroup(below, context);
        return { ...below, relation: windowPerGroup(plan, inOrder, below.keys, node, context) };
      }
      // Numbers of places may count through all groups.
      const added = plan.fields.slice(plan.input.fields.length);
      return { ...below, relation: { ...plan, input, fields: [...input.fields, ...added] } };
    }
  }
}

function aggregated(
  plan: Relation & { kind: 'aggregate' },
  below: PerGroup,
  context: LowerContext,
): PerGroup {
  const copy = (field: Field): Field => context.field(field.name, field.type, field.nullable, field.hidden);
  const keys = below.keys.map(copy);
  const constant = below.constant.map(copy);
  const own = plan.keys.length;
  const relation: Relation = {
    kind: 'aggregate',
    input: below.relation,
    fields: [...plan.fields.slice(0, own), ...keys, ...plan.fields.slice(own), ...constant],
    keys: [...plan.keys, ...below.keys.map(refer)],
    aggregates: [
      ...plan.aggregates,
      ...below.constant.map((field) => ({ name: 'take_any', args: [refer(field)], type: field.type })),
    ],
  };
  return { relation, keys, constant };
}

function joined(
  plan: Relation & { kind: 'join' },
  groups: Groups,
  node: Node,
  context: LowerContext,
): PerGroup | undefined {
  const left = walk(plan.left, groups, node, context);
  const right = walk(plan.right, groups, node, context);
  if (!left && !right) return undefined;
  const side = left ?? right;
  const whole = left
    ? ['inner', 'left', 'leftsemi', 'leftanti']
    : ['inner', 'right', 'rightsemi', 'rightanti'];
  if (!side || (left && right) || !whole.includes(plan.join))
    throw unsupported(`this \`${plan.join}\` join in a pipeline per group`, node);
  const kept = [...side.keys, ...side.constant];
  const sides = left ? { left: left.relation } : { right: side.relation };
  return {
    ...side,
    relation: { ...plan, ...sides, fields: [...plan.fields, ...missing(kept, plan.fields)] },
  };
}

function missing(wanted: readonly Field[], fields: readonly Field[]): Field[] {
  const have = new Set(fields.map((field) => field.id));
  return wanted.filter((field) => !have.has(field.id));
}

/** Whether the pipeline sorts, which puts the rows group by group, and nothing has mixed them since. */
function standsInGroups(plan: Relation): boolean {
  if (plan.kind === 'sort') return true;
  return (
    (plan.kind === 'filter' || plan.kind === 'project' || plan.kind === 'window' || plan.kind === 'expand') &&
    standsInGroups(plan.input)
  );
}

/** The rows group by group, each in the order that they had. */
function groupByGroup(below: PerGroup, context: LowerContext): Relation {
  const { rows, row } = numbered(below.relation, context);
  const keys = [...below.keys, row].map((field) => ({
    expression: refer(field),
    descending: false,
    nullsFirst: true,
  }));
  return { kind: 'sort', input: rows, fields: rows.fields, keys };
}

/** True for the columns of `numbered`: a query cannot name its own so. */
function isPlace(plan: Relation & { kind: 'window' }): boolean {
  return plan.fields.slice(plan.input.fields.length).every((field) => field.name === PLACE);
}

const PLACE = '$place';

/** The rows with a column that numbers them, in their order. */
export function numbered(input: Relation, context: LowerContext): { rows: Relation; row: Field } {
  const row = context.field(PLACE, 'long', false, true);
  const rows: Relation = {
    kind: 'window',
    input,
    fields: [...input.fields, row],
    calls: [{ name: 'row_number', args: [], type: 'long' }],
  };
  return { rows, row };
}

/** The rows with one more column. */
export function extended(
  input: Relation,
  name: string,
  value: Expression,
  context: LowerContext,
): { rows: Relation; field: Field } {
  const field = context.field(name, value.type, mayBeNull(value), true);
  const rows: Relation = {
    kind: 'project',
    input,
    fields: [...input.fields, field],
    expressions: [...input.fields.map(refer), value],
  };
  return { rows, field };
}
