import type { KqlType } from '../../../model/kql-type.ts';
import type { Node } from '../../parse/node.ts';
import { type Expression, literal } from '../../plan/expression.ts';
import type { Field, Relation } from '../../plan/relation.ts';
import { boundColumns, ENGINE_FIELDS, type LowerContext, parameterOf, refer, visible } from '../context.ts';
import { restrictionOf, storedOnly } from '../restrict.ts';
import type { Scope } from '../scope.ts';
import { lowerStatements } from '../statements.ts';
import { lowerScan } from './scan.ts';
import { castTo } from './values.ts';

export interface Leg {
  readonly name: string;
  readonly relation: Relation;
}

/** Source: https://learn.microsoft.com/kusto/query/union-operator */
export function lowerUnion(
  node: Node,
  input: Relation | undefined,
  scope: Scope,
  context: LowerContext,
): Relation {
  const inner: Scope = { row: [], names: scope.names };
  const legs: Leg[] = input ? [{ name: 'union_arg0', relation: input }] : [];
  for (const expression of node.items('Expressions'))
    legs.push(...legsOf(expression, legs.length, inner, context));
  const source = parameterOf(node, 'withsource', 'with_source')?.simpleName;
  return combined(legs, columnsOf(node, legs), source, context);
}

/** The binder does not look behind a wildcard that only views fit: then the legs say the columns. */
function columnsOf(
  node: Node,
  legs: readonly Leg[],
): readonly { readonly name: string; readonly type: KqlType }[] {
  const bound = boundColumns(node);
  if (bound.length > 0) return bound;
  const fields = legs.flatMap((leg) => visible(leg.relation.fields));
  return [...new Map(fields.map((field) => [field.name, field])).values()];
}

/** All rows of the legs under the binder's columns; a name that stands with several types was split by the binder. */
export function combined(
  legs: readonly Leg[],
  columns: readonly { readonly name: string; readonly type: KqlType }[],
  source: string | undefined,
  context: LowerContext,
  casts = false,
): Relation {
  const carried = ENGINE_FIELDS.filter(({ name }) =>
    legs.every((leg) => leg.relation.fields.some((field) => field.name === name)),
  );
  const wanted = [...columns, ...carried];
  const hidden = hiddenNames(legs);
  const fields = wanted.map(({ name, type }) => context.field(name, type, true, hidden.has(name)));
  const inputs = legs.map((leg) => aligned(leg, wanted, source, context, casts));
  return { kind: 'union', inputs, fields };
}

/** Names that no leg shows on purpose. */
function hiddenNames(legs: readonly Leg[]): ReadonlySet<string> {
  const fields = legs.flatMap((leg) => leg.relation.fields);
  const shown = new Set(fields.filter((field) => !field.hidden).map((field) => field.name));
  return new Set(fields.filter((field) => field.hidden && !shown.has(field.name)).map((field) => field.name));
}

/** The leg under the given columns: null where it has none of that name and type, or a conversion if `casts`. */
export function aligned(
  { name: legName, relation }: Leg,
  columns: readonly { readonly name: string; readonly type: KqlType }[],
  source: string | undefined,
  context: LowerContext,
  casts = false,
): Relation {
  const expressions = columns.map(({ name, type }): Expression => {
    if (name === source) return literal('string', legName);
    const field = columnFor(relation.fields, name, type);
    if (field) return refer(field);
    // The ordinals of `getschema` are ints, where the binder has longs.
    const other = relation.fields.find(
      (candidate) => candidate.name === name && (casts || (candidate.type === 'int' && type === 'long')),
    );
    return other
      ? castTo(type, refer(other))
      : literal(type, type === 'string' || type === 'dynamic' ? '' : null);
  });
  const fields = columns.map(({ name, type }, i) => {
    const value = expressions[i] as Expression;
    const hidden = value.kind === 'column' && relation.fields.find((field) => field.id === value.id)?.hidden;
    return context.field(name, type, true, hidden === true);
  });
  return { kind: 'project', input: relation, fields, expressions };
}

function columnFor(fields: readonly Field[], name: string, type: KqlType): Field | undefined {
  const exact = fields.find((field) => field.name === name && field.type === type);
  if (exact) return exact;
  const suffix = `_${type}`;
  return name.endsWith(suffix)
    ? fields.find((field) => field.name === name.slice(0, -suffix.length) && field.type === type)
    : undefined;
}

export function legsOf(node: Node, position: number, scope: Scope, context: LowerContext): Leg[] {
  if (node.form === 'ParenthesizedExpression') {
    return legsOf(node.need('Expression'), position, scope, context);
  }
  if (node.form === 'PathExpression' && /^database\s*\(/.test(node.text)) {
    const last = node.need('Selector');
    if (/\*/.test(last.text) || last.form === 'NameReference')
      return legsOf(last, position, storedOnly(scope), context);
  }
  if (
    node.form === 'WildcardedNameReference' ||
    node.kind === 'WildcardedNameReference' ||
    /\*/.test(node.simpleName)
  ) {
    if (node.form !== 'PipeExpression' && !node.text.includes('|') && /^[\w*]+$/.test(node.text))
      return wildcard(node, scope, context);
  }
  return [
    {
      name: legName(node, position, scope),
      relation: context.relation(node, scope),
    },
  ];
}

/** A stored table and a view have their name; whatever else the query named or wrote has its position. */
function legName(node: Node, position: number, scope: Scope): string {
  if (node.form === 'PipeExpression' && node.need('Operator').form === 'AsOperator')
    return node.need('Operator').need('Name').simpleName;
  const binding = scope.names.get(node.simpleName);
  return node.form === 'NameReference' && (binding === undefined || binding.kind === 'function')
    ? node.simpleName
    : `union_arg${position}`;
}

/** Stored tables and the query's views whose name fits. */
function wildcard(node: Node, scope: Scope, context: LowerContext): Leg[] {
  const pattern = new RegExp(`^${node.text.replace(/\*/g, '.*')}$`, 'i');
  const allows = restrictionOf(scope);
  const tables = [...context.catalog.tables.values()]
    .filter((table) => pattern.test(table.name) && allows(table.name))
    .map((table) => ({ name: table.name, relation: lowerScan(table, undefined, context) }));
  const views = [...scope.names].flatMap(([name, binding]): Leg[] => {
    if (binding.kind !== 'function' || !binding.isView || !pattern.test(name)) return [];
    // A view that needs arguments is named by no wildcard.
    if (binding.parameters.length > 0) return [];
    const inner = lowerStatements(binding.body.items('Statements'), binding.scope, context);
    return [{ name, relation: context.relation(binding.body.need('Expression'), inner) }];
  });
  return [...tables, ...views];
}
