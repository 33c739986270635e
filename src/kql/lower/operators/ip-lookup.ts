import { invalid } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import { callOf, type Expression, literal } from '../../plan/expression.ts';
import type { Field, Relation } from '../../plan/relation.ts';
import { renumbered } from '../../plan/renumber.ts';
import { boundColumns, type LowerContext, mayBeNull, refer, visible } from '../context.ts';
import { findField, type Scope, withRow } from '../scope.ts';

interface Keys {
  readonly left: Expression;
  readonly right: Expression;
}

/**
 * `ipv4_lookup(L, Source, Network [, more keys] [, return_unmatched = true])`: the rows joined to the networks that hold
 * their address. Each address is written with every length of prefix, so that an equality join finds its networks.
 * Source: https://learn.microsoft.com/kusto/query/ipv4-lookup-plugin, .../ipv6-lookup-plugin
 */
export function lowerIpLookup(
  node: Node,
  args: readonly Node[],
  left: Relation,
  scope: Scope,
  context: LowerContext,
): Relation {
  const version = node.need('FunctionCall').need('Name').simpleName === 'ipv4_lookup' ? 4 : 6;
  const [table, source, network, ...others] = args;
  if (!table || !source || !network) throw invalid('a lookup needs a table and two columns', node);
  const right = context.relation(table, { row: [], names: scope.names });
  const rightField = findField(right.fields, network.simpleName);
  if (!rightField) throw invalid(`\`${network.text}\` is not a column of the lookup table`, network);
  const address = context.expression(source, withRow(scope, left.fields));
  const extra = others.filter((arg) => arg.form === 'NameReference').map((arg) => pair(arg, left, right));
  const unmatched = others.some((arg) =>
    /^true$/i.test((arg.form === 'SimpleNamedExpression' ? arg.need('Expression') : arg).text),
  );

  const leftFields = visible(left.fields);
  const dropped = new Set(extra.map((keys) => (keys.right.kind === 'column' ? keys.right.id : -1)));
  const rightFields = visible(right.fields).filter((field) => !dropped.has(field.id));
  const matched = joinNetworks(left, address, right, rightField, extra, version, context);
  const leftFirst = version === 4;
  const columns = orderedColumns(boundColumns(node), leftFields, leftFirst);
  const inOrder = (l: readonly Expression[], r: readonly Expression[]): readonly Expression[] =>
    leftFirst ? [...l, ...r] : [...r, ...l];
  const found = inOrder(leftFields.map(refer), rightFields.map(refer));
  const answer = output(columns, found, matched, context);
  if (!unmatched) return answer;
  const rest = without(left, address, extra, matched, context);
  const nulls = rightFields.map((field) =>
    literal(field.type, field.type === 'string' || field.type === 'dynamic' ? '' : null),
  );
  const padded = output(columns, inOrder(rest.expressions, nulls), rest.relation, context);
  const fields = columns.map(({ name, type }) => context.field(name, type));
  return { kind: 'union', inputs: [answer, renumbered(padded, () => context.field('', 'long').id)], fields };
}

/** The binder has the source's columns in front; the real engine puts those of an IPv6 table there (measured). */
function orderedColumns<Column extends { readonly name: string }>(
  bound: readonly Column[],
  leftFields: readonly Field[],
  leftFirst: boolean,
): readonly Column[] {
  const isLeftFirst = bound[0]?.name === leftFields[0]?.name;
  if (isLeftFirst === leftFirst) return bound;
  const front = isLeftFirst ? leftFields.length : bound.length - leftFields.length;
  return [...bound.slice(front), ...bound.slice(0, front)];
}

function pair(node: Node, left: Relation, right: Relation): Keys {
  const l = findField(left.fields, node.simpleName);
  const r = findField(right.fields, node.simpleName);
  if (!l || !r) throw invalid(`\`${node.simpleName}\` is not a column of both sides`, node);
  return { left: refer(l), right: refer(r) };
}

/** Left row, its address's networks of every length, right row. */
function joinNetworks(
  left: Relation,
  address: Expression,
  right: Relation,
  network: Field,
  extra: readonly Keys[],
  version: 4 | 6,
  context: LowerContext,
): Relation {
  const bits = version === 4 ? 32 : 128;
  const lengths = literal('dynamic', `[${Array.from({ length: bits + 1 }, (_, i) => i).join(',')}]`);
  const length = context.field('$length', 'dynamic');
  const leftFields = visible(left.fields);
  const expanded: Relation = {
    kind: 'expand',
    input: { kind: 'project', input: left, fields: leftFields, expressions: leftFields.map(refer) },
    fields: [...leftFields, length],
    arrays: [lengths],
    withIndex: false,
    limit: undefined,
  };
  const at = callOf('toint', 'int', refer(length));
  const leftKey = context.field('$network', 'string');
  const keyed: Relation = {
    kind: 'project',
    input: expanded,
    fields: [...leftFields, leftKey],
    expressions: [...leftFields.map(refer), networkOf(address, at, version)],
  };
  const filtered: Relation = {
    kind: 'filter',
    input: keyed,
    fields: keyed.fields,
    predicate: notEmpty(leftKey),
  };
  const rightFields = visible(right.fields);
  const rightKey = context.field('$network', 'string');
  const networks: Relation = {
    kind: 'project',
    input: right,
    fields: [...rightFields, rightKey],
    expressions: [...rightFields.map(refer), networkOf(refer(network), undefined, version)],
  };
  return {
    kind: 'join',
    join: 'inner',
    left: filtered,
    right: networks,
    on: [{ left: refer(leftKey), right: refer(rightKey) }, ...extra],
    fields: [...filtered.fields, ...networks.fields],
  };
}

/** `10.1.0.0/16`: the network of that length, or of the length that the text has; '' if it is none. */
function networkOf(address: Expression, length: Expression | undefined, version: 4 | 6): Expression {
  if (version === 4) return callOf('format_ipv4_mask', 'string', address, ...(length ? [length] : []));
  const written = callOf('extract', 'string', literal('string', '/(\\d+)$'), literal('long', 1n), address);
  const bits = length ?? callOf('coalesce', 'int', callOf('toint', 'int', written), literal('int', 128n));
  const base = callOf('parse_ipv6_mask', 'string', address, bits);
  const whole = callOf('strcat', 'string', base, literal('string', '/'), callOf('tostring', 'string', bits));
  return callOf('iff', 'string', callOf('==', 'bool', base, literal('string', '')), base, whole);
}

function notEmpty(field: Field): Expression {
  return callOf('!=', 'bool', refer(field), literal('string', ''));
}

/** Left rows whose address and keys are not among the matched ones. */
function without(
  left: Relation,
  address: Expression,
  extra: readonly Keys[],
  matched: Relation,
  context: LowerContext,
): { relation: Relation; expressions: Expression[] } {
  const keys = [address, ...extra.map((pairOf) => pairOf.left)];
  const keyFields = keys.map((key, i) => context.field(`$key${i}`, key.type, mayBeNull(key)));
  const found: Relation = { kind: 'aggregate', input: matched, fields: keyFields, keys, aggregates: [] };
  const again = renumbered(found, () => context.field('', 'long').id);
  const relation: Relation = {
    kind: 'join',
    join: 'leftanti',
    left,
    right: again,
    on: keys.map((key, i) => ({ left: key, right: refer(again.fields[i] as Field) })),
    fields: left.fields,
  };
  return { relation, expressions: visible(left.fields).map(refer) };
}

function output(
  columns: readonly { readonly name: string }[],
  expressions: readonly Expression[],
  input: Relation,
  context: LowerContext,
): Relation {
  const fields = expressions.map((expression, i) =>
    context.field(columns[i]?.name ?? '', expression.type, mayBeNull(expression)),
  );
  return { kind: 'project', input, fields, expressions };
}
