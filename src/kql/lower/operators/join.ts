import { invalid, unsupported } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Field, JoinKind, Relation } from '../../plan/relation.ts';
import {
  boundColumns,
  holdsNull,
  type LowerContext,
  type OperatorLowering,
  parameterOf,
  refer,
  visible,
} from '../context.ts';
import { findField, type Scope } from '../scope.ts';
import { castTo } from './values.ts';

const KINDS: Readonly<Record<string, JoinKind>> = {
  inner: 'inner',
  innerunique: 'inner',
  leftouter: 'left',
  rightouter: 'right',
  fullouter: 'full',
  leftsemi: 'leftsemi',
  rightsemi: 'rightsemi',
  leftanti: 'leftanti',
  leftantisemi: 'leftanti',
  anti: 'leftanti',
  rightanti: 'rightanti',
  rightantisemi: 'rightanti',
};

type KeyPair = { readonly left: Expression; readonly right: Expression };

/** Source: https://learn.microsoft.com/kusto/query/join-operator */
export const lowerJoin: OperatorLowering = (node, left, scope, context) => {
  const spelled = parameterOf(node, 'kind')?.text.toLowerCase() ?? 'innerunique';
  const kind = KINDS[spelled];
  if (!kind) throw invalid(`\`${spelled}\` is no kind of join`, node);
  const right = context.relation(node.need('Expression'), { row: [], names: scope.names });
  const clause = node.child('ConditionClause');
  const on = clause ? keyPairs(clause.items('Expressions'), left, right, scope, context) : [];
  if (on.length === 0) throw invalid('`join` needs a condition', node);
  if (spelled !== 'innerunique') return joined(kind, left, right, on, boundColumns(node), context);
  const keys = on.map((pair) => pair.left);
  return joined(kind, oneRowPerKey(left, keys), right, on, boundColumns(node), context, true);
};

/** Source: https://learn.microsoft.com/kusto/query/lookup-operator */
export const lowerLookup: OperatorLowering = (node, left, scope, context) => {
  const spelled = parameterOf(node, 'kind')?.text.toLowerCase() ?? 'leftouter';
  const right = context.relation(node.need('Expression'), { row: [], names: scope.names });
  const on = keyPairs(node.need('LookupClause').items('Expressions'), left, right, scope, context);
  const keys = new Set(on.map((pair) => (pair.right.kind === 'column' ? pair.right.id : -1)));
  const kept = visible(right.fields).filter((field) => !keys.has(field.id));
  const all = joined(spelled === 'inner' ? 'inner' : 'left', left, right, on, undefined, context);
  const leftCount = visible(left.fields).length;
  const rightFields = visible(right.fields);
  const picked = [
    ...all.fields.slice(0, leftCount),
    ...kept.map((field) => all.fields[leftCount + rightFields.indexOf(field)] as Field),
  ];
  const columns = boundColumns(node);
  const fields = picked.map((field, i) =>
    context.field(columns[i]?.name ?? field.name, field.type, field.nullable, field.hidden),
  );
  return { kind: 'project', input: all, fields, expressions: picked.map(refer) };
};

function joined(
  kind: JoinKind,
  left: Relation,
  right: Relation,
  on: readonly KeyPair[],
  columns: readonly { readonly name: string }[] | undefined,
  context: LowerContext,
  oneRowPerKey?: true,
): Relation {
  const leftFields = visible(left.fields);
  const rightFields = visible(right.fields);
  const narrowLeft = narrowed(left, leftFields);
  const narrowRight = narrowed(right, rightFields);
  const base = {
    kind: 'join' as const,
    join: kind,
    left: narrowLeft,
    right: narrowRight,
    on,
    ...(oneRowPerKey && { oneRowPerKey }),
  };
  if (kind === 'leftsemi' || kind === 'leftanti') return { ...base, fields: leftFields };
  if (kind === 'rightsemi' || kind === 'rightanti') return { ...base, fields: rightFields };
  const fillsLeft = kind === 'right' || kind === 'full';
  const fillsRight = kind === 'left' || kind === 'full';
  const fields = [
    ...leftFields.map((field) => ({
      ...field,
      nullable: holdsNull(field.type, field.nullable || fillsLeft),
    })),
    ...rightFields.map((field) => ({
      ...field,
      nullable: holdsNull(field.type, field.nullable || fillsRight),
    })),
  ];
  const join: Relation = { ...base, fields };
  if (!columns) return join;
  const named = fields.map((field, i) => {
    const name = columns[i]?.name;
    if (name === undefined) throw new Error('join has more columns than the binder knows');
    return name === field.name ? field : context.field(name, field.type, field.nullable, field.hidden);
  });
  return { kind: 'project', input: join, fields: named, expressions: fields.map(refer) };
}

function narrowed(relation: Relation, fields: readonly Field[]): Relation {
  return fields.length === relation.fields.length
    ? relation
    : { kind: 'project', input: relation, fields, expressions: fields.map(refer) };
}

/** `innerunique`: one row of the left side for each key. */
function oneRowPerKey(left: Relation, keys: readonly Expression[]): Relation {
  return { kind: 'limit-by', input: left, fields: left.fields, keys, count: 1 };
}

function keyPairs(
  nodes: readonly Node[],
  left: Relation,
  right: Relation,
  scope: Scope,
  context: LowerContext,
): KeyPair[] {
  return nodes.flatMap((node) => conjuncts(node)).map((node) => keyPair(node, left, right, scope, context));
}

function conjuncts(node: Node): Node[] {
  if (node.form === 'ParenthesizedExpression') return conjuncts(node.need('Expression'));
  if (node.kind === 'AndExpression')
    return [...conjuncts(node.need('Left')), ...conjuncts(node.need('Right'))];
  return [node];
}

function keyPair(node: Node, left: Relation, right: Relation, scope: Scope, context: LowerContext): KeyPair {
  if (node.form === 'NameReference') {
    const l = findField(left.fields, node.simpleName);
    const r = findField(right.fields, node.simpleName);
    if (!l || !r) throw invalid(`\`${node.simpleName}\` is not a column of both sides`, node);
    return comparable({ left: refer(l), right: refer(r) }, node);
  }
  if (node.kind !== 'EqualExpression') throw unsupported('a join condition other than equality', node);
  const row: Scope = { row: left.fields, rightRow: right.fields, names: scope.names };
  const a = context.expression(node.need('Left'), row);
  const b = context.expression(node.need('Right'), row);
  const ids = new Set(left.fields.map((field) => field.id));
  const aIsLeft = reads(a, ids);
  return comparable(aIsLeft ? { left: a, right: b } : { left: b, right: a }, node);
}

function reads(expression: Expression, ids: ReadonlySet<number>): boolean {
  if (expression.kind === 'column') return ids.has(expression.id);
  return expression.kind === 'call' && expression.args.some((arg) => reads(arg, ids));
}

const NUMBERS = ['int', 'long', 'real', 'decimal'];

function comparable(pair: KeyPair, node: Node): KeyPair {
  const { left, right } = pair;
  if (left.type === right.type || (NUMBERS.includes(left.type) && NUMBERS.includes(right.type))) return pair;
  if (left.type === 'dynamic') return { left: castTo(right.type, left), right };
  if (right.type === 'dynamic') return { left, right: castTo(left.type, right) };
  throw invalid(`a ${left.type} and a ${right.type} cannot be join keys of each other`, node);
}
