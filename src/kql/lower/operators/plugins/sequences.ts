import { invalid } from '../../../diagnostics.ts';
import type { Node } from '../../../parse/node.ts';
import { callOf, type Expression, literal } from '../../../plan/expression.ts';
import type { Relation } from '../../../plan/relation.ts';
import { type LowerContext, mayBeNull, refer } from '../../context.ts';
import { unnamed } from '../../named.ts';
import { type Scope, withRow } from '../../scope.ts';
import { castTo } from '../values.ts';
import type { Plugin } from './plugin.ts';
import { between, distinctRows, parameterRow, programAnswer, timelineOf } from './timeline.ts';

function need(args: readonly Node[], place: number): Node {
  const arg = args[place];
  if (!arg) throw new Error('the binder let a plug-in call with too few arguments pass');
  return arg;
}

/**
 * `(id, time, start, end, window, step, state, sequence)`. Of its three tables the first is answered: what came before
 * and after. Source: https://learn.microsoft.com/kusto/query/funnel-sequence-plugin
 */
export const lowerFunnelSequence: Plugin = (node, args, input, scope, context) => {
  const timeline = timelineOf(args[0], args[1], [], input, scope, context);
  const outer: Scope = { row: [], names: scope.names };
  const start = timeline.place(need(args, 2));
  const parameters = [
    start,
    timeline.distance(need(args, 4)),
    timeline.distance(need(args, 5)),
    castTo('dynamic', context.expression(need(args, 7), outer)),
  ];
  const state = castTo('string', context.expression(need(args, 6), withRow(scope, input.fields)));
  const rows = between(input, timeline.time, start, timeline.place(need(args, 3)));
  const data = distinctRows(rows, [timeline.id, timeline.time, state], false, context);
  return programAnswer('funnel_sequence', [parameterRow(parameters, context), data], {}, node, context);
};

/** `(id, time, start, end, bin, state, sequence, periods)`. Source: .../funnel-sequence-completion-plugin */
export const lowerFunnelCompletion: Plugin = (node, args, input, scope, context) => {
  const timeline = timelineOf(args[0], args[1], [], input, scope, context);
  const outer: Scope = { row: [], names: scope.names };
  const start = timeline.place(need(args, 2));
  const sequence = castTo('dynamic', context.expression(need(args, 6), outer));
  const state = castTo('string', context.expression(need(args, 5), withRow(scope, input.fields)));
  const inside = between(input, timeline.time, start, timeline.place(need(args, 3)));
  const wanted = callOf('set_has_element', 'bool', sequence, castTo('dynamic', state));
  const rows: Relation = { kind: 'filter', input: inside, fields: inside.fields, predicate: wanted };
  const data = distinctRows(rows, [timeline.id, timeline.time, state], false, context);
  const periods = elementsOf(
    castTo('dynamic', context.expression(need(args, 7), outer)),
    timeline.time,
    context,
  );
  const parameters = parameterRow([start, timeline.distance(need(args, 4)), sequence], context);
  return programAnswer('funnel_sequence_completion', [parameters, periods, data], {}, node, context);
};

/** The members of a constant array as distances on the time axis, one a row. */
function elementsOf(array: Expression, time: Expression, context: LowerContext): Relation {
  const one: Relation = { kind: 'values', fields: [context.field('array', 'dynamic')], rows: [[array]] };
  const field = one.fields[0];
  if (!field) throw new Error('a relation of one column has none');
  const element = context.field('element', 'dynamic');
  const expanded: Relation = {
    kind: 'expand',
    input: one,
    fields: [field, element],
    arrays: [refer(field)],
    withIndex: false,
    limit: undefined,
  };
  const value = castTo(time.type === 'datetime' ? 'timespan' : time.type, refer(element));
  return {
    kind: 'project',
    input: expanded,
    fields: [context.field('period', value.type)],
    expressions: [value],
  };
}

/**
 * `(time, stepWindow, span, predicates..., dimensions...)`: a column alone is a dimension, whatever its type.
 * Source: https://learn.microsoft.com/kusto/query/sequence-detect-plugin
 */
export const lowerSequenceDetect: Plugin = (node, args, input, scope, context) => {
  const rest = args.slice(3);
  const row = withRow(scope, input.fields);
  const isPredicate = (arg: Node): boolean => {
    const bound = unnamed(arg).bound;
    return bound?.kind === 'scalar' && bound.type === 'bool';
  };
  const steps = rest.filter(isPredicate).map((arg) => context.expression(unnamed(arg), row));
  const dims = rest.filter((arg) => !isPredicate(arg));
  if (steps.length === 0) throw invalid('`sequence_detect` needs a predicate', node);
  const timeline = timelineOf(args[0], args[0], dims, input, scope, context);
  const either = steps.reduce((left, right) => callOf('or', 'bool', left, right));
  const rows: Relation = { kind: 'filter', input, fields: input.fields, predicate: either };
  const total = steps.map((step) =>
    mayBeNull(step) ? callOf('coalesce', 'bool', step, literal('bool', false)) : step,
  );
  const data = distinctRows(rows, [...timeline.dimensions, timeline.time, ...total], false, context);
  const parameters = [timeline.distance(need(args, 1)), timeline.distance(need(args, 2))];
  const options = { dimensions: dims.length, steps: steps.length };
  return programAnswer('sequence_detect', [parameterRow(parameters, context), data], options, node, context);
};
