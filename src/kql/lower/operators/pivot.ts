import { AGGREGATIONS } from '../../aggregates/index.ts';
import { EMPTY_NAME } from '../../beside/columns.ts';
import { invalid } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import { callOf, type Expression, literal } from '../../plan/expression.ts';
import type { Field, Relation } from '../../plan/relation.ts';
import { boundColumns, type LowerContext, mayBeNull, refer, visible } from '../context.ts';
import { findField, type Scope, withRow } from '../scope.ts';
import { requireColumns } from './open-columns.ts';
import { summarizedBy } from './summarize.ts';
import { castTo } from './values.ts';

/**
 * One row per combination of the other columns, one column per value of the pivoted one. Counts where nothing else is
 * asked for.
 * Source: https://learn.microsoft.com/kusto/query/pivot-plugin
 */
export function lowerPivot(
  node: Node,
  args: readonly Node[],
  input: Relation,
  scope: Scope,
  context: LowerContext,
): Relation {
  const [pivotNode, ...more] = args;
  if (!pivotNode) throw invalid('`pivot` takes the column to pivot', node);
  const row = withRow(scope, input.fields);
  const pivoted = context.expression(pivotNode, row);
  const first = more[0];
  const aggregate = first && isAggregate(first) ? first : undefined;
  const listed = (aggregate ? more.slice(1) : more).map((arg) => context.expression(arg, row));
  const groups = groupFields(input, pivoted, aggregate, listed, context, row);

  const cells = cellsOf(aggregate, pivoted, groups, input, scope, context);
  const value = cells.fields.at(-1) as Field;
  const options = {
    groups: groups.map(({ name, type }) => ({ name, type })),
    type: value.type,
  };
  requireColumns(node, 'pivot', () => valuesOf(pivoted, input, context), options, context);
  return spread(node, cells, groups.length, zeroWhereMissing(aggregate), context);
}

function isAggregate(node: Node): boolean {
  return node.form === 'FunctionCallExpression' && AGGREGATIONS[node.need('Name').simpleName] !== undefined;
}

/** The columns that were listed, or all that are neither pivoted nor aggregated. */
function groupFields(
  input: Relation,
  pivoted: Expression,
  aggregate: Node | undefined,
  listed: readonly Expression[],
  context: LowerContext,
  row: Scope,
): readonly Field[] {
  const fields = visible(input.fields);
  const ids = (expressions: readonly Expression[]): ReadonlySet<number> =>
    new Set(expressions.flatMap(columnsIn));
  if (listed.length > 0) {
    const wanted = ids(listed);
    return fields.filter((field) => wanted.has(field.id));
  }
  const read = aggregate?.need('ArgumentList').items('Expressions') ?? [];
  const used = ids([pivoted, ...read.map((arg) => context.expression(arg, row))]);
  return fields.filter((field) => !field.hidden && !used.has(field.id));
}

function columnsIn(expression: Expression): number[] {
  if (expression.kind === 'column') return [expression.id];
  return expression.kind === 'call' ? expression.args.flatMap(columnsIn) : [];
}

/** One row per group and pivoted value: the groups, the pivoted value as text, the aggregate. */
function cellsOf(
  aggregate: Node | undefined,
  pivoted: Expression,
  groups: readonly Field[],
  input: Relation,
  scope: Scope,
  context: LowerContext,
): Relation {
  const keys = [...groups.map(refer), castTo('string', pivoted)];
  const columns = [...groups, { name: 'pivot', type: 'string' as const }];
  if (aggregate) {
    const named = [...columns, { name: 'value', type: 'dynamic' as const }];
    return summarizedBy(keys, [], [aggregate], input, named, scope, context);
  }
  const fields = [
    ...columns.map(({ name, type }) => context.field(name, type)),
    context.field('value', 'long', false),
  ];
  return { kind: 'aggregate', input, fields, keys, aggregates: [{ name: 'count', args: [], type: 'long' }] };
}

function valuesOf(pivoted: Expression, input: Relation, context: LowerContext): Relation {
  const value = context.field('value', 'string');
  return { kind: 'aggregate', input, fields: [value], keys: [castTo('string', pivoted)], aggregates: [] };
}

/** The page shows 0 for combinations without rows, of counts and of sums alike. */
const FROM_ZERO: ReadonlySet<string> = new Set(['count', 'countif', 'dcount', 'dcountif', 'sum', 'sumif']);

function zeroWhereMissing(aggregate: Node | undefined): boolean {
  return aggregate === undefined || FROM_ZERO.has(aggregate.need('Name').simpleName);
}

function spread(
  node: Node,
  cells: Relation,
  groupCount: number,
  fromZero: boolean,
  context: LowerContext,
): Relation {
  const groups = cells.fields.slice(0, groupCount);
  const name = refer(cells.fields[groupCount] as Field);
  const value = refer(cells.fields[groupCount + 1] as Field);
  const columns = boundColumns(node);
  const made = columns.filter((column) => !findField(groups, column.name));
  const keys = groups.map((field) => context.field(field.name, field.type, field.nullable));
  const found = made.map((column) => context.field(column.name, value.type));
  const aggregate: Relation = {
    kind: 'aggregate',
    input: cells,
    fields: [...keys, ...found],
    keys: groups.map(refer),
    aggregates: made.map((column) => {
      const wanted = literal('string', column.name === EMPTY_NAME ? '' : column.name);
      return { name: 'take_anyif', args: [value, callOf('==', 'bool', name, wanted)], type: value.type };
    }),
  };
  const expressions = columns.map((column): Expression => {
    const group = findField(keys, column.name);
    if (group) return castTo(column.type, refer(group));
    const cell = refer(found[made.indexOf(column)] as Field);
    const zero = castTo(cell.type, literal('long', 0n));
    return castTo(column.type, fromZero ? callOf('coalesce', cell.type, cell, zero) : cell);
  });
  const fields = columns.map((column, i) => {
    const expression = expressions[i] as Expression;
    return context.field(column.name, expression.type, mayBeNull(expression));
  });
  return { kind: 'project', input: aggregate, fields, expressions };
}
