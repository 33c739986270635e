import { invalid } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import { callOf, type Expression, literal } from '../../plan/expression.ts';
import type { Relation, SortKey } from '../../plan/relation.ts';
import {
  boundColumns,
  type LowerContext,
  mayBeNull,
  type OperatorLowering,
  refer,
  visible,
} from '../context.ts';
import { namedExpressions } from '../named.ts';
import { type Scope, withRow } from '../scope.ts';
import { liftWindows } from '../windows.ts';
import { filtered } from './filter-below.ts';

export const lowerFilter: OperatorLowering = (node, given, scope, context) => {
  const condition = context.expression(node.need('Condition'), withRow(scope, given.fields));
  const { input, expressions } = liftWindows([condition], given, context, node);
  const predicate = expressions[0] as Expression;
  // A lifted window stands between the filter and what it filters, and its columns end there.
  if (input !== given) return { kind: 'filter', input, fields: given.fields, predicate };
  return filtered(given, predicate);
};

/** Source: https://learn.microsoft.com/kusto/query/sort-operator */
export const lowerSort: OperatorLowering = (node, given, scope, context) => {
  const { input, keys } = sortKeys(node.items('Expressions'), given, scope, context);
  return { kind: 'sort', input, fields: given.fields, keys };
};

export const lowerTop: OperatorLowering = (node, given, scope, context) => {
  const { input, keys } = sortKeys([node.need('ByExpression')], given, scope, context);
  const sort: Relation = { kind: 'sort', input, fields: given.fields, keys };
  return {
    kind: 'limit',
    input: sort,
    fields: given.fields,
    count: countOf(node.need('Expression'), scope, context),
  };
};

export const lowerTake: OperatorLowering = (node, input, scope, context) => ({
  kind: 'limit',
  input,
  fields: input.fields,
  count: countOf(node.need('Expression'), scope, context),
});

/** Any rows will do, but `sample` promises random ones. Source: .../kusto/query/sample-operator */
export const lowerSample: OperatorLowering = (node, input, scope, context) => {
  const random: SortKey = { expression: callOf('rand', 'real'), descending: false, nullsFirst: false };
  const sort: Relation = { kind: 'sort', input, fields: input.fields, keys: [random] };
  return {
    kind: 'limit',
    input: sort,
    fields: input.fields,
    count: countOf(node.need('Expression'), scope, context),
  };
};

export const lowerSampleDistinct: OperatorLowering = (node, input, scope, context) => {
  const value = context.expression(node.need('OfExpression'), withRow(scope, input.fields));
  const name = boundColumns(node)[0]?.name ?? 'Column1';
  const field = context.field(name, value.type, mayBeNull(value));
  const distinct: Relation = { kind: 'aggregate', input, fields: [field], keys: [value], aggregates: [] };
  return {
    kind: 'limit',
    input: distinct,
    fields: [field],
    count: countOf(node.need('Expression'), scope, context),
  };
};

/** Source: https://learn.microsoft.com/kusto/query/distinct-operator */
export const lowerDistinct: OperatorLowering = (node, input, scope, context) => {
  const nodes = node.items('Expressions');
  const star = nodes.length === 1 && nodes[0]?.form === 'StarExpression';
  const row = visible(input.fields);
  const keys = star ? row.map(refer) : namedExpressions(nodes, withRow(scope, input.fields), context);
  const columns = boundColumns(node);
  const fields = keys.map((key, i) =>
    context.field(
      columns[i]?.name ?? `Column${i + 1}`,
      key.type,
      mayBeNull(key),
      star && row[i]?.hidden === true,
    ),
  );
  return { kind: 'aggregate', input, fields, keys, aggregates: [] };
};

export const lowerCount: OperatorLowering = (node, input, _scope, context) => ({
  kind: 'aggregate',
  input,
  fields: [context.field(boundColumns(node)[0]?.name ?? 'Count', 'long', false)],
  keys: [],
  aggregates: [{ name: 'count', args: [], type: 'long' }],
});

/** Names the relation for later statements' `union` and `search`; the rows are the same. */
export const lowerNothing: OperatorLowering = (_node, input) => input;

/** Source: https://learn.microsoft.com/kusto/query/getschema-operator */
export const lowerGetSchema: OperatorLowering = (_node, input, _scope, context) => ({
  kind: 'values',
  fields: [
    context.field('ColumnName', 'string'),
    context.field('ColumnOrdinal', 'int', false),
    context.field('DataType', 'string'),
    context.field('ColumnType', 'string'),
  ],
  rows: visible(input.fields)
    .filter((field) => !field.hidden)
    .map((field, i) => [
      literal('string', field.name),
      literal('int', BigInt(i)),
      literal('string', DOTNET_TYPES[field.type]),
      literal('string', field.type),
    ]),
});

const DOTNET_TYPES = {
  bool: 'System.SByte',
  int: 'System.Int32',
  long: 'System.Int64',
  real: 'System.Double',
  decimal: 'System.Data.SqlTypes.SqlDecimal',
  string: 'System.String',
  datetime: 'System.DateTime',
  timespan: 'System.TimeSpan',
  guid: 'System.Guid',
  dynamic: 'System.Object',
} as const;

/** The keys of `by a desc, b`, over the input or what their window functions make of it. */
export function sortKeys(
  nodes: readonly Node[],
  given: Relation,
  scope: Scope,
  context: LowerContext,
): { input: Relation; keys: SortKey[] } {
  const row = withRow(scope, given.fields);
  const values = nodes.map((node) =>
    context.expression(node.form === 'OrderedExpression' ? node.need('Expression') : node, row),
  );
  const { input, expressions } = liftWindows(values, given, context, nodes[0] as Node);
  const keys = nodes.map((node, i) => {
    const ordering = node.form === 'OrderedExpression' ? node.need('Ordering') : undefined;
    const direction = ordering?.child('AscOrDescKeyword');
    const descending = !(direction && !direction.missing && /^(asc|granny-asc)$/.test(direction.text));
    const nulls = ordering?.child('NullsClause')?.child('FirstOrLastKeyword')?.text;
    const nullsFirst = nulls === undefined || nulls === '' ? !descending : nulls === 'first';
    return { expression: expressions[i] as Expression, descending, nullsFirst };
  });
  return { input, keys };
}

/** A row count that is known when compiling. */
export function countOf(node: Node, scope: Scope, context: LowerContext): number {
  const value = context.expression(node, { row: [], names: scope.names });
  const number = value.kind === 'literal' && value.value !== null ? Number(value.value) : Number.NaN;
  if (!Number.isInteger(number)) throw invalid('the number of rows must be a constant whole number', node);
  return Math.max(0, Math.min(number, Number.MAX_SAFE_INTEGER));
}
