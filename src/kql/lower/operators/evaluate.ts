import { QueryFault, unsupported } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import { callOf, type Expression, literal } from '../../plan/expression.ts';
import type { Relation } from '../../plan/relation.ts';
import {
  boundColumns,
  type LowerContext,
  mayBeNull,
  type OperatorLowering,
  refer,
  visible,
} from '../context.ts';
import { findField, type Scope, withRow } from '../scope.ts';
import { lowerIpLookup } from './ip-lookup.ts';
import { castTo } from './values.ts';

type Plugin = (
  node: Node,
  args: readonly Node[],
  input: Relation,
  scope: Scope,
  context: LowerContext,
) => Relation;

/** By name; what is not here is refused. */
export const PLUGINS: Readonly<Record<string, Plugin>> = {
  bag_unpack: bagUnpack,
  ipv4_lookup: lowerIpLookup,
  ipv6_lookup: lowerIpLookup,
  pivot: (node) => {
    throw dependsOnData('pivot', 'summarize by the column instead', node);
  },
};

/** Source: https://learn.microsoft.com/kusto/query/evaluate-operator */
export const lowerEvaluate: OperatorLowering = (node, input, scope, context) => {
  const call = node.need('FunctionCall');
  const name = call.need('Name').simpleName;
  const plugin = PLUGINS[name];
  if (!plugin) throw unsupported(`the plug-in \`${name}\``, call);
  return plugin(node, call.need('ArgumentList').items('Expressions'), input, scope, context);
};

function dependsOnData(name: string, remedy: string, node: Node): QueryFault {
  return new QueryFault(
    'SPOOR006',
    'unsupported',
    `the columns that \`${name}\` makes depend on the data; ${remedy}`,
    node,
  );
}

const SCHEMA_REMEDY =
  'name the wanted ones in a later `project`, `summarize` or `distinct`, or give a schema `: (*, Name:string)`';

/**
 * One column per member of the bag that the schema names, in place of the bag. Without a schema, parse/unpack.ts has
 * written one where the rest of the query says which members matter.
 * Source: https://learn.microsoft.com/kusto/query/bag-unpack-plugin
 */
function bagUnpack(
  node: Node,
  args: readonly Node[],
  input: Relation,
  scope: Scope,
  context: LowerContext,
): Relation {
  const bound = node.bound;
  if (bound?.kind !== 'table' || !node.child('Schema'))
    throw dependsOnData('bag_unpack', SCHEMA_REMEDY, node);
  const bag = context.expression(argument(args, 0, 'Column') ?? node, withRow(scope, input.fields));
  const prefix = constantText(argument(args, 1, 'OutputColumnPrefix'), scope, context) ?? '';
  const conflict = constantText(argument(args, 2, 'columnsConflict'), scope, context) ?? 'error';
  const columns = boundColumns(node);
  const rest = visible(input.fields).filter((field) => !(bag.kind === 'column' && field.id === bag.id));
  const expressions = columns.map(({ name, type }): Expression => {
    const own = findField(rest, name);
    if (own && conflict !== 'replace_source') return castTo(type, refer(own));
    const unpacked = name.startsWith(prefix)
      ? callOf('[]', 'dynamic', asDynamic(bag), literal('string', name.slice(prefix.length)))
      : literal('dynamic', '');
    const value = type === 'dynamic' ? unpacked : castTo(type, unpacked);
    return value;
  });
  const fields = columns.map(({ name }, i) => {
    const value = expressions[i] as Expression;
    return context.field(name, value.type, mayBeNull(value), findField(rest, name)?.hidden ?? false);
  });
  return { kind: 'project', input, fields, expressions };
}

function asDynamic(value: Expression): Expression {
  return value.type === 'dynamic' ? value : callOf('parse_json', 'dynamic', value);
}

/** The argument at that place or of that name. */
function argument(args: readonly Node[], place: number, name: string): Node | undefined {
  const named = args.find(
    (arg) =>
      arg.form === 'SimpleNamedExpression' &&
      arg.need('Name').simpleName.toLowerCase() === name.toLowerCase(),
  );
  if (named) return named.need('Expression');
  const positional = args[place];
  return positional?.form === 'SimpleNamedExpression' ? undefined : positional;
}

function constantText(node: Node | undefined, scope: Scope, context: LowerContext): string | undefined {
  if (!node) return undefined;
  const value = context.expression(node, { row: [], names: scope.names });
  return value.kind === 'literal' ? String(value.value) : undefined;
}
