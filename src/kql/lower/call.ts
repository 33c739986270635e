import type { KqlType } from '../../model/kql-type.ts';
import { AGGREGATIONS } from '../aggregates/index.ts';
import { WINDOWS } from '../aggregates/windows.ts';
import type { ScalarProgram } from '../beside/contract.ts';
import { PLACES } from '../beside/places.ts';
import { SCALARS } from '../beside/scalars/index.ts';
import { invalid } from '../diagnostics.ts';
import { FUNCTIONS } from '../functions/index.ts';
import type { Node } from '../parse/node.ts';
import { callOf, type Expression, literal } from '../plan/expression.ts';
import { binAuto } from './bin-auto.ts';
import { INGESTION_TIME, type LowerContext, refer, visible } from './context.ts';
import { bodyScope } from './functions.ts';
import { castTo } from './operators/values.ts';
import { refusedName } from './refused-name.ts';
import { findField, type Scope } from './scope.ts';
import { SESSION_FUNCTIONS } from './session-functions.ts';

/** Functions whose arguments are names or that read the row: they cannot be entries of the registry. */
export const SPECIAL: Readonly<
  Record<string, (node: Node, args: Node[], scope: Scope, context: LowerContext) => Expression>
> = {
  ...SESSION_FUNCTIONS,
  bin_auto: binAuto,
  column_ifexists: columnIfExists,
  columnifexists: columnIfExists,
  iscolumnexists: isColumnExists,
  column_names_of: columnNamesOf,
  bag_pack_columns: bagPackColumns,
  pack_all: packAll,
  geo_polygon_to_h3cells: polygonCells,
  ingestion_time: ingestionTime,
  [PLACES]: placeOfAddress,
  materialize: (_node, args, scope, context) => context.expression(first(args), scope),
};

export function lowerCall(node: Node, scope: Scope, context: LowerContext): Expression {
  const name = node.need('Name').simpleName;
  const body = node.calledBody();
  if (body) {
    const inner = bodyScope(node, body, scope, context);
    return context.expression(inner.expression, inner.scope);
  }
  const args = node.need('ArgumentList').items('Expressions');
  const special = SPECIAL[name];
  if (special) return special(node, args, scope, context);
  const beside = Object.hasOwn(SCALARS, name) && !FUNCTIONS[name] ? SCALARS[name] : undefined;
  if (!FUNCTIONS[name] && !WINDOWS[name] && !beside) {
    if (AGGREGATIONS[name]) throw invalid(`the aggregation \`${name}\` cannot be used here`, node);
    throw refusedName('function', name, node);
  }
  const bound = node.bound;
  const type = bound?.kind === 'scalar' ? bound.type : 'dynamic';
  const values = args.flatMap((arg) =>
    arg.form === 'StarExpression' ? allColumns(scope) : [argument(arg, scope, context)],
  );
  const { argument: constant, program } = FUNCTIONS[name]?.unlessConstant ?? { argument: -1, program: name };
  if (values[constant] !== undefined && values[constant].kind !== 'literal') {
    return besideCall(program, SCALARS[program] as ScalarProgram, values, type);
  }
  return beside ? besideCall(name, beside, values, type) : callOf(name, type, ...values);
}

/** A call that a worker beside the engine answers: its arguments are of the types that it takes. */
function besideCall(
  name: string,
  program: ScalarProgram,
  args: readonly Expression[],
  bound: KqlType,
): Expression {
  const values = args.map((arg, i) => {
    const wanted = program.params?.[Math.min(i, program.params.length - 1)] ?? 'any';
    return wanted === 'any' ? arg : castTo(wanted, arg);
  });
  const { result } = program;
  const type = typeof result === 'function' ? result(values.map((value) => value.type)) : (result ?? bound);
  return callOf(name, type, ...values);
}

function argument(node: Node, scope: Scope, context: LowerContext): Expression {
  if (node.bound?.kind === 'table') {
    return { kind: 'subquery', type: 'dynamic', input: context.relation(node, scope) };
  }
  return context.expression(node, scope);
}

/** `pack_array(*)`: each column of the row, in order. */
function allColumns(scope: Scope): Expression[] {
  return visible(scope.row)
    .filter((field) => !field.hidden)
    .map(refer);
}

function first(args: readonly Node[]): Node {
  const arg = args[0];
  if (!arg) throw new Error('the binder let a call without arguments pass');
  return arg;
}

/** Source: https://learn.microsoft.com/kusto/query/column-ifexists-function */
function columnIfExists(_node: Node, args: Node[], scope: Scope, context: LowerContext): Expression {
  const name = context.expression(first(args), scope);
  const field = name.kind === 'literal' ? findField(visible(scope.row), String(name.value)) : undefined;
  if (field) return refer(field);
  const fallback = args[1];
  return fallback ? context.expression(fallback, scope) : literal('string', '');
}

function isColumnExists(_node: Node, args: Node[], scope: Scope, context: LowerContext): Expression {
  const name = context.expression(first(args), scope);
  const known = name.kind === 'literal' && findField(visible(scope.row), String(name.value)) !== undefined;
  return literal('bool', known);
}

/** Source: https://learn.microsoft.com/kusto/query/column-names-of-function */
function columnNamesOf(_node: Node, args: Node[], scope: Scope, context: LowerContext): Expression {
  const fields = visible(context.relation(first(args), scope).fields).filter((field) => !field.hidden);
  return literal('dynamic', JSON.stringify(fields.map((field) => field.name)));
}

/** A bag of the columns named, under their names. Source: .../kusto/query/bag-pack-columns-function */
function bagPackColumns(_node: Node, args: Node[], scope: Scope, context: LowerContext): Expression {
  const pairs = args.flatMap((arg) => [literal('string', arg.simpleName), context.expression(arg, scope)]);
  return callOf('bag_pack', 'dynamic', ...pairs);
}

/** Source: https://learn.microsoft.com/kusto/query/pack-all-function */
function packAll(_node: Node, args: Node[], scope: Scope, context: LowerContext): Expression {
  const fields = visible(scope.row).filter((field) => !field.hidden);
  const pairs = fields.flatMap((field) => [literal('string', field.name), refer(field)]);
  const ignore = args[0] ? context.expression(args[0], scope) : undefined;
  const packed = callOf('bag_pack', 'dynamic', ...pairs);
  return ignore?.kind === 'literal' && ignore.value === true
    ? callOf('bag_without_nulls', 'dynamic', packed)
    : packed;
}

/** With a radius the cells are those of the area around the polygon. Source: .../geo-polygon-to-h3cells-function */
function polygonCells(_node: Node, args: Node[], scope: Scope, context: LowerContext): Expression {
  const [polygon, resolution, radius] = args.map((arg) => context.expression(arg, scope));
  if (!polygon) throw new Error('the binder let a call without arguments pass');
  const level = resolution ? [resolution] : [];
  const cells = (area: Expression) => callOf('geo_polygon_to_h3cells', 'dynamic', area, ...level);
  if (!radius) return cells(polygon);
  const metres = castTo('real', radius);
  const around = callOf(
    'geo_polygon_buffer',
    'dynamic',
    polygon,
    metres,
    literal('real', BUFFER_TOLERANCE_M),
  );
  const isZero = callOf('==', 'bool', metres, literal('real', 0));
  return callOf('iff', 'dynamic', isZero, cells(polygon), cells(around));
}

/** What a buffer's border may be off by, where the query cannot say it: the default of `geo_polygon_buffer`. */
const BUFFER_TOLERANCE_M = 10;

/** Arrival time of the row; null once the row is no longer a stored one. Source: .../ingestion-time-function */
function ingestionTime(_node: Node, _args: Node[], scope: Scope): Expression {
  const field = scope.row.find((candidate) => candidate.name === INGESTION_TIME);
  return field ? refer(field) : literal('datetime', null);
}

/** Null without a database of places. Source: .../kusto/query/geo-info-from-ip-address-function */
function placeOfAddress(_node: Node, args: Node[], scope: Scope, context: LowerContext): Expression {
  const address = castTo('string', context.expression(first(args), scope));
  if (context.places) return callOf(PLACES, 'dynamic', address);
  const warning = `\`${PLACES}\` is null without a database of places: see the setting \`SPOOR_GEO_DB\``;
  if (!context.warnings.includes(warning)) context.warnings.push(warning);
  return literal('dynamic', '');
}
