import { DATABASE } from '../../model/hunting-database.ts';
import type { KqlType } from '../../model/kql-type.ts';
import { invalid, unsupported } from '../diagnostics.ts';
import { URL_PARTS } from '../functions/parsing.ts';
import type { Node } from '../parse/node.ts';
import { callOf, type Expression, literal } from '../plan/expression.ts';
import { readsOutside } from '../plan/free-columns.ts';
import { lowerCall } from './call.ts';
import { type LowerContext, mayBeNull, refer, visible } from './context.ts';
import { bodyScope } from './functions.ts';
import { lowerLiteral } from './literals.ts';
import { findField, type Scope } from './scope.ts';

/** A scalar expression node, in a scope. */
export function lowerExpression(node: Node, scope: Scope, context: LowerContext): Expression {
  if (node.kind.endsWith('LiteralExpression') || node.kind === 'DynamicExpression') {
    return lowerLiteral(node, context.nowTicks);
  }
  switch (node.form) {
    case 'ParenthesizedExpression':
    case 'NamedExpression':
    case 'SimpleNamedExpression':
    case 'MaterializeExpression':
    case 'OrderedExpression':
      return context.expression(node.need('Expression'), scope);
    case 'NameReference':
      return lowerName(node, scope, context);
    case 'PrefixUnaryExpression':
      return lowerUnary(node, scope, context);
    case 'BinaryExpression':
      return lowerBinary(node, scope, context);
    case 'InExpression':
    case 'HasAnyExpression':
    case 'HasAllExpression':
      return lowerIn(node, scope, context);
    case 'BetweenExpression':
      return lowerBetween(node, scope, context);
    case 'PathExpression':
      return lowerPath(node, scope, context);
    case 'ElementExpression':
      return lowerElement(node, scope, context);
    case 'FunctionCallExpression':
      return lowerCall(node, scope, context);
    case 'ToScalarExpression':
      return toScalar(node, scope, context);
    default:
      throw unsupported(`\`${node.text.slice(0, 60)}\` (${node.kind})`, node);
  }
}

function lowerName(node: Node, scope: Scope, context: LowerContext): Expression {
  const name = node.simpleName;
  const symbol = node.symbol;
  const field = findField(scope.row, name);
  const binding = scope.names.get(name);
  const called = binding === undefined && symbol?.kind === 'function' ? node.calledBody() : undefined;
  if (called) {
    const inner = bodyScope(node, called, scope, context);
    return context.expression(inner.expression, inner.scope);
  }
  if (field && (symbol?.kind === 'column' || binding === undefined)) return refer(field);
  if (binding?.kind === 'scalar') return binding.expression;
  if (binding?.kind === 'relation') return { kind: 'subquery', input: binding.lower(), type: typeOf(node) };
  if (binding?.kind === 'function') {
    const inner = bodyScope(node, node.calledBody() ?? binding.body, scope, context);
    return context.expression(inner.expression, inner.scope);
  }
  if (field) return refer(field);
  throw invalid(`the name \`${name}\` does not refer to any known column, table, variable or function`, node);
}

function lowerUnary(node: Node, scope: Scope, context: LowerContext): Expression {
  const inner = context.expression(node.need('Expression'), scope);
  if (node.kind === 'UnaryPlusExpression') return inner;
  if (inner.kind === 'literal' && typeof inner.value === 'bigint') return literal(inner.type, -inner.value);
  if (inner.kind === 'literal' && typeof inner.value === 'number') return literal(inner.type, -inner.value);
  return callOf('unary -', typeOf(node, inner.type), inner);
}

const SPELLINGS: Readonly<Record<string, string>> = { '<>': '!=', notcontains: '!contains', '!in~': '!in~' };

function lowerBinary(node: Node, scope: Scope, context: LowerContext): Expression {
  const text = node.need('Operator').text;
  const name = SPELLINGS[text] ?? text;
  const leftNode = node.need('Left');
  const right = context.expression(node.need('Right'), scope);
  if (leftNode.form === 'StarExpression') return anyColumn(name, right, scope, node);
  const left = context.expression(leftNode, scope);
  if (NEEDS_A_TYPE.has(name) && isOpen(left) && isOpen(right))
    throw invalid(
      `\`${name}\` takes no two dynamic values; convert one, as in \`tostring(${leftNode.text.slice(0, 60)})\``,
      node,
    );
  return callOf(name, typeOf(node, 'bool'), left, right);
}

/** The service refuses these between two dynamic values, whatever they hold. */
const NEEDS_A_TYPE: ReadonlySet<string> = new Set([
  '+',
  '-',
  '*',
  '/',
  '%',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
]);

function isOpen(expression: Expression): boolean {
  return expression.type === 'dynamic' && expression.kind !== 'literal';
}

/** `* has "x"`: true if any column fits and satisfies. Source: .../kusto/query/where-operator */
function anyColumn(name: string, right: Expression, scope: Scope, node: Node): Expression {
  const text = !['==', '!=', '<', '>', '<=', '>='].includes(name);
  const fields = visible(scope.row).filter((field) =>
    text
      ? field.type === 'string' || field.type === 'dynamic'
      : field.type === right.type || field.type === 'dynamic' || numeric(field.type, right.type),
  );
  if (fields.length === 0) throw invalid(`no column can be compared by \`${name}\``, node);
  return anyOf(fields.map((field) => callOf(name, 'bool', refer(field), right)));
}

const numeric = (a: KqlType, b: KqlType): boolean => isNumber(a) && isNumber(b);
const isNumber = (type: KqlType): boolean =>
  type === 'int' || type === 'long' || type === 'real' || type === 'decimal';

export function anyOf(terms: readonly Expression[]): Expression {
  return terms.reduce((left, right) => callOf('or', 'bool', left, right));
}

function lowerIn(node: Node, scope: Scope, context: LowerContext): Expression {
  const name = node.need('Operator').text;
  const right = node.need('Right');
  const members = right.form === 'ExpressionList' ? right.items('Expressions') : [right];
  const args = members.map((member) => setMember(member, scope, context));
  const leftNode = node.need('Left');
  if (leftNode.form === 'StarExpression') {
    const fields = visible(scope.row).filter((field) => field.type === 'string' || field.type === 'dynamic');
    return anyOf(fields.map((field) => callOf(name, 'bool', refer(field), ...args)));
  }
  return callOf(name, 'bool', context.expression(leftNode, scope), ...args);
}

/** A member of an `in` list: a scalar, or a relation whose first column is the set. */
function setMember(node: Node, scope: Scope, context: LowerContext): Expression {
  if (node.bound?.kind !== 'table') return context.expression(node, scope);
  const relation = context.relation(node, scope);
  const first = visible(relation.fields)[0];
  if (!first) throw invalid('the relation has no column', node);
  const field = context.field(first.name, first.type, first.nullable);
  return {
    kind: 'call',
    name: 'relation',
    type: first.type,
    args: [
      {
        kind: 'subquery',
        type: first.type,
        input: { kind: 'project', input: relation, fields: [field], expressions: [refer(first)] },
      },
    ],
  };
}

function lowerBetween(node: Node, scope: Scope, context: LowerContext): Expression {
  const value = context.expression(node.need('Left'), scope);
  const couple = node.need('Right');
  const low = context.expression(couple.need('First'), scope);
  let high = context.expression(couple.need('Second'), scope);
  if (value.type === 'datetime' && high.type === 'timespan') high = callOf('+', 'datetime', low, high);
  const inside = callOf('and', 'bool', callOf('>=', 'bool', value, low), callOf('<=', 'bool', value, high));
  return node.need('Operator').text.startsWith('!') ? callOf('not', 'bool', inside) : inside;
}

function lowerPath(node: Node, scope: Scope, context: LowerContext): Expression {
  const selector = node.need('Selector');
  // Of an entity of `macro-expand`, which is always the query's own database.
  if (selector.simpleName === '$current_database') return literal('string', DATABASE);
  if (selector.simpleName === '$current_cluster_endpoint') return literal('string', context.session.host);
  const base = node.need('Expression');
  if (base.form === 'NameReference' && (base.simpleName === '$left' || base.simpleName === '$right')) {
    const row = base.simpleName === '$left' ? scope.row : (scope.rightRow ?? scope.row);
    const field = findField(row, selector.simpleName);
    if (field) return refer(field);
  }
  if (selector.form === 'BracketedExpression') {
    const key = context.expression(selector.need('Expression'), scope);
    return memberOf(context.expression(base, scope), key);
  }
  if (selector.form === 'FunctionCallExpression') throw unsupported(`\`${node.text}\``, node);
  return memberOf(context.expression(base, scope), literal('string', selector.simpleName));
}

/** A part of a URL is taken from it without making the bag of all. */
function memberOf(base: Expression, key: Expression): Expression {
  const [url] = base.kind === 'call' && base.name === 'parse_url' ? base.args : [];
  if (url && key.kind === 'literal' && Object.hasOwn(URL_PARTS, String(key.value)))
    return callOf('url_part', 'dynamic', url, key);
  return callOf('[]', 'dynamic', asDynamic(base), key);
}

function lowerElement(node: Node, scope: Scope, context: LowerContext): Expression {
  const base = context.expression(node.need('Expression'), scope);
  const selector = node.need('Selector');
  const index = selector.child('Expression') ?? selector;
  const key =
    index.form === 'NameReference' &&
    !findField(scope.row, index.simpleName) &&
    !scope.names.has(index.simpleName)
      ? literal('string', index.simpleName)
      : context.expression(index, scope);
  return memberOf(base, key);
}

/** A path into a string parses it first, as the hunting service does. */
function asDynamic(expression: Expression): Expression {
  return expression.type === 'string' ? callOf('parse_json', 'dynamic', expression) : expression;
}

function toScalar(node: Node, scope: Scope, context: LowerContext): Expression {
  const inner = node.need('Expression');
  if (inner.bound?.kind === 'scalar') return context.expression(inner, scope);
  const relation = context.relation(inner, scope);
  if (readsOutside(relation)) throw invalid('`toscalar` cannot depend on the row that it is used in', node);
  const first = visible(relation.fields)[0];
  if (!first) throw invalid('the relation has no column', node);
  const field = context.field(first.name, first.type, first.nullable);
  return {
    kind: 'subquery',
    type: first.type,
    input: { kind: 'project', input: relation, fields: [field], expressions: [refer(first)] },
  };
}

/** The type that the binder found, or what the caller knows. */
export function typeOf(node: Node, fallback: KqlType = 'dynamic'): KqlType {
  return node.bound?.kind === 'scalar' ? node.bound.type : fallback;
}

export function fieldFor(context: LowerContext, name: string, expression: Expression, hidden?: boolean) {
  return context.field(name, expression.type, mayBeNull(expression), hidden);
}
