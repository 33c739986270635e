import type { Node } from '../../parse/node.ts';
import { callOf, type Expression, literal } from '../../plan/expression.ts';
import type { Relation } from '../../plan/relation.ts';
import { boundColumns, type LowerContext, mayBeNull, refer, visible } from '../context.ts';
import { findField, type Scope, withRow } from '../scope.ts';
import { requireColumns } from './open-columns.ts';
import { argument, constantText } from './plugin-arguments.ts';
import { castTo } from './values.ts';

/**
 * One column per member of the bag that the schema names, in place of the bag. Without a schema of the author's, the rows
 * tell which members there are.
 * Source: https://learn.microsoft.com/kusto/query/bag-unpack-plugin
 */
export function lowerBagUnpack(
  node: Node,
  args: readonly Node[],
  input: Relation,
  scope: Scope,
  context: LowerContext,
): Relation {
  const bag = context.expression(argument(args, 0, 'Column') ?? node, withRow(scope, input.fields));
  const prefix = constantText(argument(args, 1, 'OutputColumnPrefix'), scope, context) ?? '';
  const conflict = constantText(argument(args, 2, 'columnsConflict'), scope, context) ?? 'error';
  const ignored = namesIn(constantText(argument(args, 3, 'ignoredProperties'), scope, context));
  const fields = visible(input.fields);
  const options = {
    source: fields.map(({ name, type }) => ({ name, type })),
    bag: bag.kind === 'column' ? (fields.find((field) => field.id === bag.id)?.name ?? null) : null,
    prefix,
    replaces: conflict === 'replace_source',
    ignored,
  };
  requireColumns(node, 'bag_unpack', () => membersOf(bag, input, context), options, context);
  return unpacked(node, bag, input, { prefix, replaces: options.replaces, ignored }, context);
}

function unpacked(
  node: Node,
  bag: Expression,
  input: Relation,
  { prefix, replaces, ignored }: { prefix: string; replaces: boolean; ignored: readonly string[] },
  context: LowerContext,
): Relation {
  const columns = boundColumns(node);
  const rest = visible(input.fields).filter((field) => !(bag.kind === 'column' && field.id === bag.id));
  const expressions = columns.map(({ name, type }): Expression => {
    const own = findField(rest, name);
    if (own && !replaces) return castTo(type, refer(own));
    const member = name.slice(prefix.length);
    const none = !name.startsWith(prefix) || ignored.includes(member);
    if (none && own) return castTo(type, refer(own));
    const value = none
      ? literal('dynamic', '')
      : callOf('[]', 'dynamic', asDynamic(bag), literal('string', member));
    return type === 'dynamic' ? value : castTo(type, value);
  });
  const fields = columns.map(({ name }, i) => {
    const value = expressions[i] as Expression;
    return context.field(name, value.type, mayBeNull(value), findField(rest, name)?.hidden ?? false);
  });
  return { kind: 'project', input, fields, expressions };
}

/** Each member's name with the name of its type, once. */
function membersOf(bag: Expression, input: Relation, context: LowerContext): Relation {
  const whole = context.field('bag', 'dynamic');
  const bags: Relation = { kind: 'project', input, fields: [whole], expressions: [asDynamic(bag)] };
  const key = context.field('key', 'dynamic');
  const expanded: Relation = {
    kind: 'expand',
    input: bags,
    fields: [whole, key],
    arrays: [callOf('bag_keys', 'dynamic', refer(whole))],
    withIndex: false,
    limit: undefined,
  };
  const name = context.field('name', 'string');
  const named: Relation = {
    kind: 'project',
    input: expanded,
    fields: [whole, name],
    expressions: [refer(whole), callOf('tostring', 'string', refer(key))],
  };
  const type = callOf('gettype', 'string', callOf('[]', 'dynamic', refer(whole), refer(name)));
  const found = [context.field('name', 'string'), context.field('type', 'string')] as const;
  const distinct: Relation = {
    kind: 'aggregate',
    input: named,
    fields: found,
    keys: [refer(name), type],
    aggregates: [],
  };
  const known = callOf('!=', 'bool', refer(found[1]), literal('string', 'null'));
  return { kind: 'filter', input: distinct, fields: found, predicate: known };
}

function asDynamic(value: Expression): Expression {
  return value.type === 'dynamic' ? value : callOf('parse_json', 'dynamic', value);
}

function namesIn(text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return [];
  const names: unknown = JSON.parse(text);
  return Array.isArray(names) ? names.map(String) : [];
}
