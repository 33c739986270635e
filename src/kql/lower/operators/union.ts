import type { KqlType } from '../../../model/kql-type.ts';
import type { Node } from '../../parse/node.ts';
import { type Expression, literal } from '../../plan/expression.ts';
import type { Field, Relation } from '../../plan/relation.ts';
import { boundColumns, INGESTION_TIME, type LowerContext, parameterOf, refer } from '../context.ts';
import type { Scope } from '../scope.ts';
import { lowerScan } from './scan.ts';

interface Leg {
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
  return combined(legs, boundColumns(node), source, context);
}

/** All rows of the legs under the binder's columns; a name that stands with several types was split by the binder. */
export function combined(
  legs: readonly Leg[],
  columns: readonly { readonly name: string; readonly type: KqlType }[],
  source: string | undefined,
  context: LowerContext,
): Relation {
  const arrival = legs.every((leg) => leg.relation.fields.some((field) => field.name === INGESTION_TIME));
  const wanted = arrival ? [...columns, { name: INGESTION_TIME, type: 'datetime' as const }] : columns;
  const hidden = new Set(
    legs.flatMap((leg) => leg.relation.fields.filter((field) => field.hidden).map((field) => field.name)),
  );
  const fields = wanted.map(({ name, type }) => context.field(name, type, true, hidden.has(name)));
  const inputs = legs.map(({ name: legName, relation }): Relation => {
    const expressions = wanted.map(({ name, type }): Expression => {
      if (name === source) return literal('string', legName);
      const field = columnFor(relation.fields, name, type);
      return field ? refer(field) : literal(type, type === 'string' || type === 'dynamic' ? '' : null);
    });
    return { kind: 'project', input: relation, fields: fields.map((field) => ({ ...field })), expressions };
  });
  return { kind: 'union', inputs: inputs.map((leg) => freshFields(leg, context)), fields };
}

/** Each leg gets ids of its own; the union's fields match by place. */
function freshFields(leg: Relation, context: LowerContext): Relation {
  return {
    ...leg,
    fields: leg.fields.map((field) => context.field(field.name, field.type, field.nullable, field.hidden)),
  } as Relation;
}

function columnFor(fields: readonly Field[], name: string, type: KqlType): Field | undefined {
  const exact = fields.find((field) => field.name === name && field.type === type);
  if (exact) return exact;
  const suffix = `_${type}`;
  return name.endsWith(suffix)
    ? fields.find((field) => field.name === name.slice(0, -suffix.length) && field.type === type)
    : undefined;
}

function legsOf(node: Node, position: number, scope: Scope, context: LowerContext): Leg[] {
  if (node.form === 'ParenthesizedExpression') {
    return legsOf(node.need('Expression'), position, scope, context);
  }
  if (
    node.form === 'WildcardedNameReference' ||
    node.kind === 'WildcardedNameReference' ||
    /\*/.test(node.simpleName)
  ) {
    if (node.form !== 'PipeExpression' && !node.text.includes('|') && /^[\w*]+$/.test(node.text))
      return wildcard(node, context);
  }
  return [
    {
      name: legName(node, position, scope),
      relation: context.relation(node, scope),
    },
  ];
}

/** A stored table has its name; whatever the query named or wrote itself has its position. */
function legName(node: Node, position: number, scope: Scope): string {
  return node.form === 'NameReference' && !scope.names.has(node.simpleName)
    ? node.simpleName
    : `union_arg${position}`;
}

function wildcard(node: Node, context: LowerContext): Leg[] {
  const pattern = new RegExp(`^${node.text.replace(/\*/g, '.*')}$`, 'i');
  return [...context.catalog.tables.values()]
    .filter((table) => pattern.test(table.name))
    .map((table) => ({ name: table.name, relation: lowerScan(table, undefined, context) }));
}
