import type { KqlType } from '../../../model/kql-type.ts';
import { invalid } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import { callOf, type Expression, literal } from '../../plan/expression.ts';
import type { AggregateCall, Field, Relation } from '../../plan/relation.ts';
import { boundColumns, type LowerContext, type OperatorLowering, parameterOf, refer } from '../context.ts';
import { extended, perGroup } from '../grouped.ts';
import { type Scope, withRow } from '../scope.ts';
import { summarized } from './summarize.ts';
import { castTo } from './values.ts';

/** Where the axis begins and ends. `first` and `last` are places; undefined is where the data begin or end. */
interface Range {
  readonly origin: Expression;
  readonly step: Expression;
  readonly first: Expression | undefined;
  readonly last: Expression | undefined;
  readonly bounds: readonly Expression[];
}

/**
 * Rows are summarized by step of the axis first; then each series is laid out over all steps.
 * Source: https://learn.microsoft.com/kusto/query/make-series-operator
 */
export const lowerMakeSeries: OperatorLowering = (node, input, scope, context) => {
  const columns = boundColumns(node);
  const onNode = node.need('OnClause').need('Expression');
  const onValue = onNode.form === 'SimpleNamedExpression' ? onNode.need('Expression') : onNode;
  const given = context.expression(onValue, withRow(scope, input.fields));
  const axis = castTo(given.type === 'int' ? 'long' : given.type, given);
  const range = rangeOf(node, axis, scope, context);

  const place = callOf('series_place', 'long', axis, range.origin, range.step);
  const { rows, field: placeField } = extended(within(input, axis, range.bounds), 'place', place, context);
  const byNodes = node.child('ByClause')?.items('Expressions') ?? [];
  const items = node.items('Aggregates');
  const leaf: Relation = {
    kind: 'project',
    input,
    fields: input.fields,
    expressions: input.fields.map(refer),
  };
  const plan = summarized(
    byNodes,
    items.map((item) => item.need('Expression')),
    leaf,
    columns.slice(0, -1),
    scope,
    context,
  );
  const steps = perGroup(plan, { leaf, rows, keys: [placeField], constant: [] }, node, context);
  const [stepPlace] = steps.keys as [Field];
  const keys = plan.fields.slice(0, byNodes.length);
  const values = plan.fields.slice(byNodes.length);

  const keyFields = keys.map((key) => context.field(key.name, key.type, key.nullable));
  const points = values.map((value) => context.field(value.name, 'dynamic'));
  const first = context.field('first', 'long');
  const last = context.field('last', 'long');
  const found = context.field('found', 'long', false);
  const calls: AggregateCall[] = [
    ...values.map((value) => ({
      name: 'series_points',
      args: [refer(stepPlace), refer(value)],
      type: 'dynamic' as const,
    })),
    { name: 'min', args: [refer(stepPlace)], type: 'long' },
    { name: 'max', args: [refer(stepPlace)], type: 'long' },
    { name: 'count', args: [], type: 'long' },
  ];
  const series: Relation = {
    kind: 'aggregate',
    input: steps.relation,
    fields: [...keyFields, ...points, first, last, found],
    keys: keys.map(refer),
    aggregates: calls,
  };
  const kept = keepsEmpty(node)
    ? series
    : ({
        kind: 'filter',
        input: series,
        fields: series.fields,
        predicate: callOf('>', 'bool', refer(found), literal('long', 0n)),
      } as const);
  const from = range.first ?? refer(first);
  const end = context.field('end', 'long');
  const ended: Relation = {
    kind: 'project',
    input: kept,
    fields: [...kept.fields, end],
    expressions: [
      ...kept.fields.map(refer),
      callOf('series_bounded', 'long', from, range.last ?? refer(last)),
    ],
  };
  const arrays = points.map((field, i) =>
    callOf(
      'series_values',
      'dynamic',
      refer(field),
      from,
      refer(end),
      fallback(items[i], values[i], scope, context),
    ),
  );
  const axisArray = callOf('series_axis', 'dynamic', from, refer(end), range.origin, range.step);
  const outputs = columns.slice(keys.length).map(({ name }) => context.field(name, 'dynamic'));
  return {
    kind: 'project',
    input: ended,
    fields: [...keyFields, ...outputs],
    expressions: [...keyFields.map(refer), ...arrays, axisArray],
  };
};

/** Ticks of 0001-01-01, where steps of a datetime axis are counted from when nothing else is said. */
const FIRST_TICKS = -621_355_968_000_000_000n;

function rangeOf(node: Node, axis: Expression, scope: Scope, context: LowerContext): Range {
  const clause = node.need('RangeClause');
  const outer: Scope = { row: [], names: scope.names };
  const type = axis.type;
  const zero = literal(
    type,
    type === 'datetime' ? FIRST_TICKS : type === 'real' ? 0 : type === 'decimal' ? '0' : 0n,
  );
  const at = (child: Node): Expression => castTo(type, context.expression(child, outer));
  if (clause.form === 'MakeSeriesInRangeClause') {
    const [start, stop, by] = clause.need('Arguments').items('Expressions');
    if (!start || !stop || !by) throw invalid('`in range()` takes a start, a stop and a step', clause);
    const step = stepOf(by, type, outer, context);
    const low = callOf('series_place', 'long', at(start), zero, step);
    const high = callOf('series_place', 'long', at(stop), zero, step);
    const place = callOf('series_place', 'long', axis, zero, step);
    const bounds = [callOf('>=', 'bool', place, low), callOf('<=', 'bool', place, high)];
    return { origin: zero, step, first: low, last: high, bounds };
  }
  const bound = (name: string): Node | undefined => clause.child(name)?.need('Expression');
  const step = stepOf(clause.need('MakeSeriesStepClause').need('Expression'), type, outer, context);
  const fromNode = bound('MakeSeriesFromClause');
  const toNode = bound('MakeSeriesToClause');
  const from = fromNode && at(fromNode);
  const to = toNode && at(toNode);
  const origin = from ?? zero;
  return {
    origin,
    step,
    first: from && literal('long', 0n),
    last: to && callOf('series_last_place', 'long', to, origin, step),
    bounds: [
      ...(from ? [callOf('>=', 'bool', axis, from)] : []),
      ...(to ? [callOf('<', 'bool', axis, to)] : []),
    ],
  };
}

function stepOf(node: Node, axis: KqlType, scope: Scope, context: LowerContext): Expression {
  const step = context.expression(node, scope);
  if (step.kind === 'literal' && step.value !== null && Number(step.value) <= 0)
    throw invalid('the step of a series must be positive', node);
  return castTo(
    axis === 'datetime' || axis === 'timespan' ? 'timespan' : axis === 'long' ? 'long' : 'real',
    step,
  );
}

/** Only rows on the axis count. */
function within(input: Relation, axis: Expression, bounds: readonly Expression[]): Relation {
  const predicate = [callOf('isnotnull', 'bool', axis), ...bounds].reduce((left, right) =>
    callOf('and', 'bool', left, right),
  );
  return { kind: 'filter', input, fields: input.fields, predicate };
}

/** `kind=nonempty`: one series even where there are no rows at all. */
function keepsEmpty(node: Node): boolean {
  return parameterOf(node, 'kind')?.text.toLowerCase() === 'nonempty';
}

const NUMBERS: readonly KqlType[] = ['int', 'long', 'real', 'decimal', 'timespan'];

/** What stands where a series has no rows: 0 unless the query says otherwise. */
function fallback(
  item: Node | undefined,
  value: Field | undefined,
  scope: Scope,
  context: LowerContext,
): Expression {
  if (!item || !value) throw new Error('make-series: values do not match aggregations');
  const written = item.child('DefaultExpression')?.need('Expression');
  if (written) {
    const expression = context.expression(written, { row: [], names: scope.names });
    return NUMBERS.includes(value.type) ? castTo(value.type, expression) : expression;
  }
  const type = value.type;
  if (type === 'string' || type === 'dynamic') return literal(type, '');
  if (!NUMBERS.includes(type)) return literal(type, null);
  return literal(type, type === 'real' ? 0 : type === 'decimal' ? '0' : 0n);
}
