import type { KqlType } from '../../../model/kql-type.ts';
import { invalid } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import { callOf, type Expression, literal } from '../../plan/expression.ts';
import type { Relation } from '../../plan/relation.ts';
import { boundColumns, type LowerContext, mayBeNull } from '../context.ts';
import { explicitName, namedExpressions, unnamed } from '../named.ts';
import { EMPTY_SCOPE, type Scope } from '../scope.ts';

/** Source: https://learn.microsoft.com/kusto/query/datatable-operator */
export function lowerDataTable(node: Node, scope: Scope, context: LowerContext): Relation {
  const columns = boundColumns(node);
  const cells = node.items('Values').filter((cell) => !cell.missing);
  if (columns.length === 0 || cells.length % columns.length !== 0) {
    throw invalid(`\`datatable\` has ${cells.length} values for ${columns.length} columns`, node);
  }
  const rows: Expression[][] = [];
  for (let i = 0; i < cells.length; i += columns.length) {
    rows.push(
      columns.map(({ type }, j) =>
        castTo(type, context.expression(cells[i + j] as Node, { ...EMPTY_SCOPE, names: scope.names })),
      ),
    );
  }
  return { kind: 'values', fields: columns.map(({ name, type }) => context.field(name, type)), rows };
}

const CONVERSIONS: Readonly<Record<KqlType, string>> = {
  bool: 'tobool',
  int: 'toint',
  long: 'tolong',
  real: 'toreal',
  decimal: 'todecimal',
  string: 'tostring',
  datetime: 'todatetime',
  timespan: 'totimespan',
  guid: 'toguid',
  dynamic: 'todynamic',
};

/** The value as a column of that type takes it. */
export function castTo(type: KqlType, value: Expression): Expression {
  if (value.type === type) return value;
  if (value.kind === 'literal' && value.value === null)
    return literal(type, type === 'string' || type === 'dynamic' ? '' : null);
  if (value.kind === 'literal' && value.type === 'dynamic' && value.value === '')
    return literal(type, type === 'string' ? '' : null);
  if (type === 'real' && value.kind === 'literal' && typeof value.value === 'bigint')
    return literal('real', Number(value.value));
  if (type === 'dynamic' && value.type !== 'string') return callOf('to_dynamic_value', 'dynamic', value);
  if (type === 'dynamic') return callOf('to_dynamic_value', 'dynamic', value);
  return callOf(CONVERSIONS[type], type, value);
}

/** Of a function with several columns `print` answers those that are given a name, or all where none is. */
function shownOf(node: Node): readonly boolean[] {
  const bound = unnamed(node).bound;
  if (bound?.kind !== 'tuple') return [true];
  const names =
    node.form === 'CompoundNamedExpression'
      ? node.need('Names').items('Names').length
      : explicitName(node) === undefined
        ? bound.columns.length
        : 1;
  return bound.columns.map((_, i) => i < names);
}

/** Source: https://learn.microsoft.com/kusto/query/print-operator */
export function lowerPrint(node: Node, scope: Scope, context: LowerContext): Relation {
  const columns = boundColumns(node);
  const nodes = node.items('Expressions');
  const shown = nodes.flatMap(shownOf);
  const all = namedExpressions(nodes, { row: [], names: scope.names }, context);
  const named = all.filter((_, i) => shown[i]);
  const fields = named.map((expression, i) => {
    const column = columns[i];
    if (!column) throw new Error('print has more expressions than the binder has columns');
    return context.field(column.name, expression.type, mayBeNull(expression));
  });
  return { kind: 'values', fields, rows: [named] };
}

/** Source: https://learn.microsoft.com/kusto/query/range-operator */
export function lowerRange(node: Node, scope: Scope, context: LowerContext): Relation {
  const inner: Scope = { row: [], names: scope.names };
  const column = boundColumns(node)[0];
  if (!column) throw new Error('range has no column');
  const from = context.expression(node.need('From'), inner);
  const to = context.expression(node.need('To'), inner);
  const step = context.expression(node.need('Step'), inner);
  return { kind: 'sequence', fields: [context.field(column.name, column.type)], from, to, step };
}
