import { WINDOWS } from '../../aggregates/windows.ts';
import { invalid, unsupported } from '../../diagnostics.ts';
import type { ScanProgram, Slot } from '../../functions/scan-steps.ts';
import type { Node } from '../../parse/node.ts';
import { callOf, type Expression, literal } from '../../plan/expression.ts';
import type { Field, Relation } from '../../plan/relation.ts';
import {
  boundColumns,
  type LowerContext,
  mayBeNull,
  type OperatorLowering,
  parameterOf,
  refer,
} from '../context.ts';
import { lowerExpression } from '../expression.ts';
import { numbered } from '../grouped.ts';
import { findField, type Scope, withName, withRow } from '../scope.ts';
import { sortKeys } from './rows.ts';
import { type Declared, type Steps, scanProgram } from './scan-program.ts';
import { castTo } from './values.ts';

/**
 * The rows of each partition are gathered in their order and walked by the engine, step by step.
 * Source: https://learn.microsoft.com/kusto/query/scan-operator
 */
export const lowerScanSteps: OperatorLowering = (node, given, scope, context) => {
  const order = node.child('OrderByClause')?.items('Expressions') ?? [];
  const input = order.length > 0 ? sorted(order, given, scope, context) : given;
  const outer: Scope = { row: [], names: scope.names };
  const matchName = parameterOf(node, 'with_match_id')?.simpleName;
  const types = new Map(boundColumns(node).map(({ name, type }) => [name, type]));
  const declared = (node.child('DeclareClause')?.items('Declarations') ?? []).map((declaration): Declared => {
    const name = declaration.need('NameAndType').need('Name').simpleName;
    const type = types.get(name) ?? 'dynamic';
    const given = declaration.child('DefaultValue')?.need('Value');
    const none = literal(type, type === 'string' || type === 'dynamic' ? '' : null);
    return { name, type, initial: given ? castTo(type, context.expression(given, outer)) : none };
  });

  const steps = stepsOf(node, input, declared, scope, context);
  const { rows, row: place } = numbered(input, context);
  const keys = (node.child('PartitionByClause')?.items('Expressions') ?? []).map((key) =>
    context.expression(key, withRow(scope, input.fields)),
  );
  const walk = { input, rows, place, keys, declared, steps, matchName };
  const program = scanProgram(walk, context);
  if (program) return program;
  if (steps.steps.some(({ output }) => output === 'last'))
    throw unsupported('`output=last` beside functions that only the engine computes', node);
  const keyFields = keys.map((key) => context.field('key', key.type, mayBeNull(key)));
  const gathered = context.field('rows', 'dynamic');
  const groups: Relation = {
    kind: 'aggregate',
    input: rows,
    fields: [...keyFields, gathered],
    keys,
    aggregates: [{ name: 'scan_rows', args: [refer(place), ...input.fields.map(refer)], type: 'dynamic' }],
  };

  const matches = callOf('scan_matches', 'dynamic', refer(gathered), ...foldOf(node, input, declared, steps));
  const found = context.field('found', 'dynamic');
  const expand: Relation = {
    kind: 'expand',
    input: groups,
    fields: [...groups.fields, found],
    arrays: [matches],
    withIndex: false,
    limit: undefined,
  };
  const cell = (type: Field['type'], at: number): Expression =>
    callOf('scan_cell', type, refer(found), literal('long', BigInt(at)));
  const width = input.fields.length;
  const placed = context.field('place', 'long', false);
  const fields = [
    ...input.fields.map((field) => context.field(field.name, field.type, field.nullable, field.hidden)),
    ...declared.map(({ name, type }) => context.field(name, type)),
    ...(matchName === undefined ? [] : [context.field(matchName, 'long', false)]),
  ];
  const cells: Relation = {
    kind: 'project',
    input: expand,
    fields: [...fields, placed],
    expressions: [
      ...fields.map((field, i) =>
        cell(field.type, i < width + declared.length ? i + 1 : width + declared.length + 1),
      ),
      cell('long', 0),
    ],
  };
  return {
    kind: 'sort',
    input: cells,
    fields,
    keys: [{ expression: refer(placed), descending: false, nullsFirst: false }],
  };
};

function sorted(order: readonly Node[], given: Relation, scope: Scope, context: LowerContext): Relation {
  const { input, keys } = sortKeys(order, given, scope, context);
  return { kind: 'sort', input, fields: given.fields, keys };
}

/** The steps with expressions over the row's columns and `scan_state(slot)`. */
function stepsOf(
  node: Node,
  input: Relation,
  declared: readonly Declared[],
  scope: Scope,
  context: LowerContext,
): Steps {
  const steps = node.items('Steps');
  const names = steps.map((step) => step.need('Name').simpleName);
  const slots: Slot[] = steps.flatMap((_, step) => declared.map((_one, d) => ({ step, declared: d })));
  const state = (stepName: string, column: string, at: Node): Expression => {
    const step = names.indexOf(stepName);
    const d = declared.findIndex((one) => one.name === column);
    const field = findField(input.fields, column);
    const row = field ? input.fields.findIndex((one) => one.id === field.id) : -1;
    if (d < 0 && row < 0) throw invalid(`\`${column}\` is no column of the step \`${stepName}\``, at);
    const wanted: Slot = d < 0 ? { step, row } : { step, declared: d };
    let slot = slots.findIndex(
      (one) => one.step === step && one.row === wanted.row && one.declared === wanted.declared,
    );
    if (slot < 0) slot = slots.push(wanted) - 1;
    const type = d < 0 ? field?.type : declared[d]?.type;
    return callOf('scan_state', type ?? 'dynamic', literal('long', BigInt(slot)));
  };

  const named = declared.reduce(
    (all, { name, initial }) => withName(all, name, { kind: 'scalar', expression: initial }),
    withRow(scope, input.fields),
  );
  const inner: LowerContext = {
    ...context,
    expression(child, childScope) {
      const base = child.form === 'PathExpression' ? child.need('Expression') : undefined;
      if (base?.form === 'NameReference' && names.includes(base.simpleName))
        return state(base.simpleName, child.need('Selector').simpleName, child);
      return lowerExpression(child, childScope, inner);
    },
  };
  const lowered = steps.map((step): Steps['steps'][number] => {
    const output = step.child('ScanStepOutput')?.need('OutputKind').text ?? 'all';
    if (output !== 'all' && output !== 'none' && output !== 'last')
      throw unsupported(`\`output=${output}\` of \`scan\``, step);
    const condition = inner.expression(step.need('Condition'), named);
    const assignments = step.child('ComputationClause')?.items('Assignments') ?? [];
    const assigned = declared.map(({ name, type }) => {
      const one = assignments.find((assignment) => assignment.need('Name').simpleName === name);
      return one && castTo(type, inner.expression(one.need('Expression'), named));
    });
    return { output, condition, assigned };
  });
  for (const { condition, assigned } of lowered)
    for (const value of [condition, ...assigned]) if (value) refuseWindows(value, node);
  return { slots, steps: lowered };
}

function refuseWindows(value: Expression, node: Node): void {
  if (value.kind !== 'call') return;
  if (WINDOWS[value.name]) throw invalid(`\`${value.name}\` cannot be used inside \`scan\``, node);
  for (const arg of value.args) refuseWindows(arg, node);
}

/** For the engine: the constant that tells the steps, then the expressions that belong to it. */
function foldOf(
  node: Node,
  input: Relation,
  declared: readonly Declared[],
  { slots, steps }: Steps,
): Expression[] {
  const expressions: Expression[] = [];
  for (const { condition, assigned } of steps)
    for (const value of [condition, ...assigned])
      if (value) expressions.push(cellsOf(value, input.fields, node));
  const program: ScanProgram = {
    row: input.fields.map((field) => field.type),
    declared: declared.map(({ type }) => type),
    slots,
    steps: steps.map(({ output, assigned }) => ({
      output: output === 'all',
      assigned: assigned.map((value) => value !== undefined),
    })),
  };
  return [
    literal('string', JSON.stringify(program)),
    ...declared.map(({ initial }) => initial),
    ...expressions,
  ];
}

/** Columns become cells of the row at hand. */
function cellsOf(expression: Expression, row: readonly Field[], node: Node): Expression {
  switch (expression.kind) {
    case 'column': {
      const at = row.findIndex((field) => field.id === expression.id);
      if (at < 0) throw new Error('scan reads a column that its input does not have');
      return callOf('scan_row', expression.type, literal('long', BigInt(at)));
    }
    case 'call':
      return { ...expression, args: expression.args.map((arg) => cellsOf(arg, row, node)) };
    default:
      return expression;
  }
}
