import type { Node } from '../../../parse/node.ts';
import { callOf, type Expression, literal } from '../../../plan/expression.ts';
import type { Relation } from '../../../plan/relation.ts';
import { type LowerContext, refer, visible } from '../../context.ts';
import { findField, type Scope } from '../../scope.ts';
import { castTo } from '../values.ts';
import type { Plugin } from './plugin.ts';
import { between, distinctRows, parameterRow, programAnswer, type Timeline, timelineOf } from './timeline.ts';

function binAt(timeline: Timeline, size: Expression, start: Expression | undefined): Expression {
  return start
    ? callOf('bin_at', timeline.time.type, timeline.time, size, start)
    : callOf('bin', timeline.time.type, timeline.time, size);
}

function need(args: readonly Node[], place: number): Node {
  const arg = args[place];
  if (!arg) throw new Error('the binder let a plug-in call with too few arguments pass');
  return arg;
}

/** `(id, time, start, end, step, dimensions...)`. Source: .../kusto/query/activity-counts-metrics-plugin */
export const lowerActivityCounts: Plugin = (node, args, input, scope, context) => {
  const dims = args.slice(5);
  const timeline = timelineOf(args[0], args[1], dims, input, scope, context);
  const start = timeline.place(need(args, 2));
  const step = timeline.distance(need(args, 4));
  const rows = between(input, timeline.time, start, timeline.place(need(args, 3)));
  const keys = [...timeline.dimensions, binAt(timeline, step, start), timeline.id];
  const data = distinctRows(rows, keys, true, context);
  return programAnswer(
    'activity_counts_metrics',
    [parameterRow([step], context), data],
    { dimensions: dims.length },
    node,
    context,
  );
};

/** `(id, time, [start, end,] window, dimensions...)`. Source: .../kusto/query/activity-metrics-plugin */
export const lowerActivityMetrics: Plugin = (node, args, input, scope, context) =>
  overInterval('activity_metrics', 1, node, args, input, scope, context);

/** `(id, time, [start, end,] inner, outer, dimensions...)`. Source: .../kusto/query/activity-engagement-plugin */
export const lowerActivityEngagement: Plugin = (node, args, input, scope, context) =>
  overInterval('activity_engagement', 2, node, args, input, scope, context);

/** Start and end may be left out: bins then begin where `bin()` has them. */
function overInterval(
  name: string,
  windows: number,
  node: Node,
  args: readonly Node[],
  input: Relation,
  scope: Scope,
  context: LowerContext,
): Relation {
  const third = need(args, 2).bound;
  const isPlace = third?.kind === 'scalar' && third.type === 'datetime';
  const bounded = isPlace || args.length >= 4 + windows;
  const from = bounded ? 4 : 2;
  const dims = args.slice(from + windows);
  const timeline = timelineOf(args[0], args[1], dims, input, scope, context);
  const sizes = args.slice(from, from + windows).map((arg) => timeline.distance(arg));
  const start = bounded ? timeline.place(need(args, 2)) : undefined;
  const rows = bounded ? between(input, timeline.time, start, timeline.place(need(args, 3))) : input;
  const keys = [...timeline.dimensions, binAt(timeline, sizes[0] as Expression, start), timeline.id];
  const data = distinctRows(rows, keys, true, context);
  return programAnswer(
    name,
    [parameterRow(sizes, context), data],
    { dimensions: dims.length },
    node,
    context,
  );
}

/** `(id, time, start, end, lookback, bin, dimensions...)`. Source: .../sliding-window-counts-plugin */
export const lowerSlidingWindowCounts: Plugin = (node, args, input, scope, context) => {
  const dims = args.slice(6);
  const timeline = timelineOf(args[0], args[1], dims, input, scope, context);
  const start = timeline.place(need(args, 2));
  const end = timeline.place(need(args, 3));
  const lookback = timeline.distance(need(args, 4));
  const step = timeline.distance(need(args, 5));
  const earliest = callOf('-', timeline.time.type, start, lookback);
  const rows = between(input, timeline.time, earliest, end);
  const keys = [...timeline.dimensions, binAt(timeline, step, start), timeline.id];
  const inputs = [
    parameterRow([start, end, lookback, step], context),
    distinctRows(rows, keys, true, context),
  ];
  return programAnswer('sliding_window_counts', inputs, { dimensions: dims.length }, node, context);
};

/** `(id, time, start, end, lookback, period, periods, bin, dimensions...)`. Source: .../active-users-count-plugin */
export const lowerActiveUsers: Plugin = (node, args, input, scope, context) => {
  const dims = args.slice(8);
  const timeline = timelineOf(args[0], args[1], dims, input, scope, context);
  const start = timeline.place(need(args, 2));
  const end = timeline.place(need(args, 3));
  const [lookback, period] = [timeline.distance(need(args, 4)), timeline.distance(need(args, 5))];
  const wanted = castTo('long', context.expression(need(args, 6), { row: [], names: scope.names }));
  const step = timeline.distance(need(args, 7));
  const rows = between(input, timeline.time, callOf('-', timeline.time.type, start, lookback), end);
  const keys = [...timeline.dimensions, timeline.id, binAt(timeline, period, start)];
  const inputs = [
    parameterRow([start, end, lookback, wanted, step], context),
    distinctRows(rows, keys, false, context),
  ];
  return programAnswer('active_users_count', inputs, { dimensions: dims.length }, node, context);
};

/** `(id, time, start, end, bin, lookback, dimensions...)`. Source: .../kusto/query/session-count-plugin */
export const lowerSessionCount: Plugin = (node, args, input, scope, context) => {
  const dims = args.slice(6);
  const timeline = timelineOf(args[0], args[1], dims, input, scope, context);
  const rows = between(input, timeline.time, timeline.place(need(args, 2)), timeline.place(need(args, 3)));
  const data = distinctRows(rows, [...timeline.dimensions, timeline.id, timeline.time], false, context);
  const parameters = [timeline.distance(need(args, 4)), timeline.distance(need(args, 5))];
  const inputs = [parameterRow(parameters, context), data];
  return programAnswer('session_count', inputs, { dimensions: dims.length }, node, context);
};

/** `(id, time, start, end, window [, cohort] [, dimensions...] [, lookback])`. Source: .../new-activity-metrics-plugin */
export const lowerNewActivity: Plugin = (node, args, input, scope, context) => {
  const rest = args.slice(5);
  const last = rest.at(-1);
  const earlier = last?.bound?.kind === 'table' ? last : undefined;
  const others = earlier ? rest.slice(0, -1) : rest;
  const first = others[0];
  const cohort = first && first.symbol?.kind !== 'column' ? first : undefined;
  const dims = cohort ? others.slice(1) : others;
  const timeline = timelineOf(args[0], args[1], dims, input, scope, context);
  const start = timeline.place(need(args, 2));
  const end = timeline.place(need(args, 3));
  const step = timeline.distance(need(args, 4));
  const only = cohort ? timeline.place(cohort) : literal(timeline.time.type, null);
  const rows = between(input, timeline.time, start, end);
  const keys = [...timeline.dimensions, binAt(timeline, step, start), timeline.id];
  const inputs = [
    parameterRow([start, end, step, only], context),
    distinctRows(rows, keys, false, context),
    ...(earlier ? [knownIds(earlier, need(args, 0), timeline, scope, context)] : []),
  ];
  return programAnswer('new_activity_metrics', inputs, { dimensions: dims.length }, node, context);
};

/** The ids of the look-back table: its column of that name, else its first one of that type. */
function knownIds(table: Node, id: Node, timeline: Timeline, scope: Scope, context: LowerContext): Relation {
  const relation = context.relation(table, { row: [], names: scope.names });
  const columns = visible(relation.fields);
  const column = findField(columns, id.simpleName) ?? columns.find(({ type }) => type === timeline.id.type);
  const keys = column ? [castTo(timeline.id.type, refer(column))] : [];
  return distinctRows(relation, keys, false, context);
}

/** `(value, percentile, index, bin, bins, dimensions...)`. Source: .../kusto/query/rolling-percentile-plugin */
export const lowerRollingPercentile: Plugin = (node, args, input, scope, context) => {
  const dims = args.slice(5);
  const timeline = timelineOf(args[0], args[2], dims, input, scope, context);
  const outer: Scope = { row: [], names: scope.names };
  const size = timeline.distance(need(args, 3));
  const parameters = [
    castTo('real', context.expression(need(args, 1), outer)),
    size,
    castTo('long', context.expression(need(args, 4), outer)),
  ];
  const keys = [...timeline.dimensions, binAt(timeline, size, undefined), timeline.id];
  const inputs = [parameterRow(parameters, context), distinctRows(input, keys, true, context)];
  return programAnswer('rolling_percentile', inputs, { dimensions: dims.length }, node, context);
};
