import { unsupported } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Field, Relation } from '../../plan/relation.ts';
import {
  boundColumns,
  isEngineField,
  type LowerContext,
  mayBeNull,
  type OperatorLowering,
  refer,
  visible,
} from '../context.ts';
import { explicitName, leftOut, namedExpressions, unnamed } from '../named.ts';
import { findField, type Scope, withRow } from '../scope.ts';
import { liftWindows } from '../windows.ts';

/** Source: https://learn.microsoft.com/kusto/query/project-operator */
export const lowerProject: OperatorLowering = (node, given, scope, context) => {
  const { input, expressions } = evaluated(node, node.items('Expressions'), given, scope, context);
  const columns = boundColumns(node);
  const hidden = leftOut(node.items('Expressions'));
  const fields = expressions.map((expression, i) => {
    const column = columns[i];
    if (!column) throw new Error('project has more expressions than the binder has columns');
    return context.field(column.name, expression.type, mayBeNull(expression), hidden[i] === true);
  });
  return { kind: 'project', input, fields, expressions };
};

/**
 * `extend` and `serialize`: an existing name keeps its place, new ones follow. Expressions see the input row only.
 * Source: https://learn.microsoft.com/kusto/query/extend-operator
 */
export const lowerExtend: OperatorLowering = (node, given, scope, context) => {
  const nodes = node.items('Expressions');
  if (nodes.length === 0) return given;
  const { input, expressions } = evaluated(node, nodes, given, scope, context);
  const names = newNames(nodes, expressions.length, given.fields, boundColumns(node));
  const byName = new Map(names.map((name, i) => [name, expressions[i] as Expression]));
  const out = leftOut(nodes);
  const hidden = new Set(names.filter((_, i) => out[i] === true));
  const fields: Field[] = [];
  const values: Expression[] = [];
  const keep = (name: string, value: Expression, hidden?: boolean): void => {
    fields.push(context.field(name, value.type, mayBeNull(value), hidden));
    values.push(value);
  };
  for (const field of given.fields) {
    const replaced = byName.get(field.name);
    if (replaced) keep(field.name, replaced);
    else {
      fields.push(field);
      values.push(refer(field));
    }
    byName.delete(field.name);
  }
  for (const [name, value] of byName) keep(name, value, hidden.has(name));
  return { kind: 'project', input, fields, expressions: values };
};

/** Promises that the rows keep the order they come in: a sort without keys. Source: .../kusto/query/serialize-operator */
export const lowerSerialize: OperatorLowering = (node, given, scope, context) => {
  const serialized: Relation = { kind: 'sort', input: given, fields: given.fields, keys: [] };
  const input = given.kind === 'sort' ? given : serialized;
  return lowerExtend(node, input, scope, context);
};

/** The names of the expressions in order: written ones, or those that the binder invented, which are new to the row. */
function newNames(
  nodes: readonly Node[],
  count: number,
  row: readonly Field[],
  columns: readonly { name: string }[],
): string[] {
  const taken = new Set(visible(row).map((field) => field.name));
  const written = new Set(nodes.map(explicitName).filter((name) => name !== undefined));
  const invented = columns
    .map((column) => column.name)
    .filter((name) => !taken.has(name) && !written.has(name));
  const names: string[] = [];
  for (const node of nodes) {
    const bound = unnamed(node).bound;
    const width = bound?.kind === 'tuple' ? bound.columns.length : 1;
    const name = explicitName(node);
    const own = name ?? (node.form === 'NameReference' ? node.simpleName : undefined);
    if (width === 1 && own !== undefined) names.push(own);
    else if (width === 1 && node.form !== 'CompoundNamedExpression') {
      const kept = keptName(node, taken);
      names.push(kept ?? (invented.shift() as string));
    } else for (let i = 0; i < width; i++) names.push(i === 0 && name ? name : (invented.shift() as string));
  }
  if (names.length !== count || names.some((name) => name === undefined))
    throw new Error('extend: names do not match expressions');
  return names;
}

/** `extend toint(A)` names its result `A`: if the row has that name, the result takes its place. */
function keptName(node: Node, taken: ReadonlySet<string>): string | undefined {
  const name = node.resultName;
  return name !== undefined && taken.has(name) ? name : undefined;
}

function evaluated(
  node: Node,
  nodes: readonly Node[],
  given: Relation,
  scope: Scope,
  context: LowerContext,
): { input: Relation; expressions: Expression[] } {
  return liftWindows(namedExpressions(nodes, withRow(scope, given.fields), context), given, context, node);
}

/** `project-away`, `-keep`, `-reorder`, `-by-names`: the binder has matched names and wildcards; columns only move. */
export const lowerSelection: OperatorLowering = (node, input, _scope, context) => {
  const fields = boundColumns(node).map(({ name }) => {
    const field = findField(input.fields, name);
    if (!field) throw unsupported(`the column \`${name}\` here`, node);
    return field;
  });
  return keepArrival({ kind: 'project', input, fields, expressions: fields.map(refer) }, context);
};

/** Source: https://learn.microsoft.com/kusto/query/project-rename-operator */
export const lowerRename: OperatorLowering = (node, input, _scope, context) => {
  const columns = boundColumns(node);
  const row = visible(input.fields);
  const fields = row.map((field, i) => {
    const name = columns[i]?.name ?? field.name;
    return name === field.name ? field : context.field(name, field.type, field.nullable);
  });
  return keepArrival({ kind: 'project', input, fields, expressions: row.map(refer) }, context);
};

/** Carries what a row says of its arrival past an operator that only moves columns. */
function keepArrival(relation: Relation & { kind: 'project' }, _context: LowerContext): Relation {
  const carried = relation.input.fields.filter(
    (field) => isEngineField(field) && !relation.fields.includes(field),
  );
  if (carried.length === 0) return relation;
  return {
    ...relation,
    fields: [...relation.fields, ...carried],
    expressions: [...relation.expressions, ...carried.map(refer)],
  };
}
