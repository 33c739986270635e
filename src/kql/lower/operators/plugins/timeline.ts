import type { KqlType } from '../../../../model/kql-type.ts';
import type { Json } from '../../../beside/contract.ts';
import { invalid } from '../../../diagnostics.ts';
import type { Node } from '../../../parse/node.ts';
import { callOf, type Expression } from '../../../plan/expression.ts';
import type { Field, Relation } from '../../../plan/relation.ts';
import { boundColumns, type LowerContext, mayBeNull, refer } from '../../context.ts';
import { type Scope, withRow } from '../../scope.ts';
import { castTo } from '../values.ts';

/** The plug-ins that look at ids along a time axis: what they hand to their program. */
export interface Timeline {
  /** `datetime`, `timespan` or `long`; an int column counts as long. */
  readonly time: Expression;
  readonly id: Expression;
  readonly dimensions: readonly Expression[];
  /** A constant argument as a place on the axis. */
  place(node: Node): Expression;
  /** A constant argument as a distance on the axis. */
  distance(node: Node): Expression;
}

export function timelineOf(
  id: Node | undefined,
  time: Node | undefined,
  dimensions: readonly Node[],
  input: Relation,
  scope: Scope,
  context: LowerContext,
): Timeline {
  if (!id || !time) throw new Error('the binder let a plug-in without its columns pass');
  const row = withRow(scope, input.fields);
  const outer: Scope = { row: [], names: scope.names };
  const given = context.expression(time, row);
  const axis = given.type === 'int' ? castTo('long', given) : given;
  if (axis.type !== 'datetime' && axis.type !== 'timespan' && axis.type !== 'long')
    throw invalid(`a timeline of type \`${axis.type}\` cannot be cut into bins; use datetime or long`, time);
  const step: KqlType = axis.type === 'datetime' ? 'timespan' : axis.type;
  return {
    time: axis,
    id: context.expression(id, row),
    dimensions: dimensions.map((dimension) => context.expression(dimension, row)),
    place: (node) => castTo(axis.type, context.expression(node, outer)),
    distance: (node) => castTo(step, context.expression(node, outer)),
  };
}

/** One row of parameters. */
export function parameterRow(values: readonly Expression[], context: LowerContext): Relation {
  const fields = values.map((value, i) => context.field(`p${i}`, value.type));
  return { kind: 'values', fields, rows: [[...values]] };
}

/** The rows whose time lies between, both included. */
export function between(
  input: Relation,
  time: Expression,
  from: Expression | undefined,
  to: Expression | undefined,
): Relation {
  const bounds = [
    ...(from ? [callOf('>=', 'bool', time, from)] : []),
    ...(to ? [callOf('<=', 'bool', time, to)] : []),
  ];
  return bounds.reduce<Relation>(
    (relation, predicate) => ({ kind: 'filter', input: relation, fields: relation.fields, predicate }),
    input,
  );
}

/** The distinct combinations, and with `counted` a last column of how many rows have them. */
export function distinctRows(
  input: Relation,
  keys: readonly Expression[],
  counted: boolean,
  context: LowerContext,
): Relation {
  const fields: Field[] = keys.map((key, i) => context.field(`k${i}`, key.type, mayBeNull(key)));
  if (counted) fields.push(context.field('count', 'long', false));
  return {
    kind: 'aggregate',
    input,
    fields,
    keys,
    aggregates: counted ? [{ name: 'count', args: [], type: 'long' }] : [],
  };
}

/** The answer of a program whose rows are the columns that the binder gives the operator. */
export function programAnswer(
  name: string,
  inputs: readonly Relation[],
  options: Json,
  node: Node,
  context: LowerContext,
): Relation {
  const columns = boundColumns(node);
  const raw = columns.map((column, i) =>
    context.field(column.name, i < 2 && column.type === 'int' ? 'long' : column.type),
  );
  const program: Relation = { kind: 'program', name, inputs, options, fields: raw };
  if (raw.every((field, i) => field.type === columns[i]?.type)) return program;
  const expressions = raw.map((field, i) => castTo(columns[i]?.type ?? field.type, refer(field)));
  const fields = expressions.map((value, i) => context.field(columns[i]?.name ?? '', value.type));
  return { kind: 'project', input: program, fields, expressions };
}
