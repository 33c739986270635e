import type { KqlType } from '../../../model/kql-type.ts';
import { invalid } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import { callOf, type Expression } from '../../plan/expression.ts';
import type { Expand, Field, Relation } from '../../plan/relation.ts';
import { type LowerContext, type OperatorLowering, parameterOf, refer } from '../context.ts';
import { type Scope, withRow } from '../scope.ts';
import { outputNames, placed } from './placed.ts';
import { countOf } from './rows.ts';
import { castTo } from './values.ts';

/** Rows per input row of the old spelling `mvexpand`. Source: https://learn.microsoft.com/kusto/query/mv-expand-operator */
const OLD_LIMIT = 128;

/** Source: https://learn.microsoft.com/kusto/query/mv-expand-operator */
export const lowerMvExpand: OperatorLowering = (node, input, scope, context) => {
  const old = node.child('MvExpandKeyword')?.text === 'mvexpand';
  const { expand, values } = expanded(node, input, scope, context, old ? OLD_LIMIT : undefined);
  return placed(node, expand, input.fields, values, context);
};

/** The Expand of `mv-expand` or `mv-apply`, and what each output column that it makes holds. */
export function expanded(
  node: Node,
  input: Relation,
  scope: Scope,
  context: LowerContext,
  defaultLimit?: number,
): { expand: Expand; values: Map<string, Expression> } {
  const row = withRow(scope, input.fields);
  const pairs = bagsAsPairs(node);
  const items = node.items('Expressions');
  const arrays = items.map((item) => {
    const value = castTo('dynamic', context.expression(item.need('Expression'), row));
    const bag = pairs ? callOf('bag_to_pairs', 'dynamic', value) : value;
    return elementType(item) === 'string' ? callOf('element_texts', 'dynamic', bag) : bag;
  });
  const elements = items.map((item) =>
    context.field('element', elementType(item) === 'string' ? 'string' : 'dynamic'),
  );
  const indexName = parameterOf(node, 'with_itemindex')?.simpleName;
  const index = indexName === undefined ? [] : [context.field(indexName, 'long', false)];
  const limitNode = node.child('RowLimitClause')?.child('RowLimit');
  const limit = limitNode ? countOf(limitNode, scope, context) : defaultLimit;
  const expand: Expand = {
    kind: 'expand',
    input,
    fields: [...input.fields, ...elements, ...index],
    arrays,
    withIndex: index.length > 0,
    limit,
  };
  const names = outputNames(
    [...items.map((item) => ownName(item.need('Expression'))), ...index.map((field) => field.name)],
    node,
    input.fields,
    items.map((item) => argumentName(item.need('Expression'))),
  );
  const values = new Map<string, Expression>();
  items.forEach((item, i) => {
    values.set(names[i] as string, typed(item, refer(elements[i] as Field)));
  });
  for (const field of index) values.set(field.name, refer(field));
  return { expand, values };
}

function bagsAsPairs(node: Node): boolean {
  const kind = parameterOf(node, 'kind', 'bagexpansion')?.text.toLowerCase() ?? 'bag';
  if (kind !== 'bag' && kind !== 'array') throw invalid(`\`${kind}\` is no kind of expansion`, node);
  return kind === 'array';
}

/** `mv-expand parse_json(Column)` takes the place of the column. */
function argumentName(node: Node): string | undefined {
  if (node.form !== 'FunctionCallExpression') return undefined;
  const first = node.need('ArgumentList').items('Expressions')[0];
  return first && (first.form === 'FunctionCallExpression' ? argumentName(first) : ownName(first));
}

/** The name that the binder gives to an expression; undefined where it numbers it (`Column1`). */
function ownName(node: Node): string | undefined {
  switch (node.form) {
    case 'SimpleNamedExpression':
      return node.need('Name').simpleName;
    case 'NameReference':
      return node.simpleName;
    case 'ParenthesizedExpression':
      return ownName(node.need('Expression'));
    case 'PathExpression':
      return joinedName(node, node.need('Selector').simpleName);
    case 'ElementExpression': {
      const selector = node.need('Selector');
      const value = (selector.child('Expression') ?? selector).literalValue;
      return value === undefined ? undefined : joinedName(node, String(value));
    }
    case 'FunctionCallExpression': {
      const first = node.need('ArgumentList').items('Expressions')[0];
      return first && node.namedByFirstArgument ? ownName(first) : undefined;
    }
    default:
      return undefined;
  }
}

function joinedName(node: Node, part: string): string | undefined {
  const base = ownName(node.need('Expression'));
  return base === undefined ? undefined : `${base}_${part}`;
}

/** `to typeof(T)` only casts: what does not conform is null. Texts are made with the elements. */
function typed(item: Node, element: Expression): Expression {
  const type = elementType(item);
  return type === element.type ? element : callOf('element_as', type, element);
}

function elementType(item: Node): KqlType {
  const clause = item.child('ToTypeOf');
  if (!clause) return 'dynamic';
  const name = /\(\s*(\w+)\s*\)/.exec(clause.text)?.[1] ?? '';
  const type = TYPE_NAMES[name];
  if (!type) throw invalid(`\`${name}\` is no type`, clause);
  return type;
}

/** Source: https://learn.microsoft.com/kusto/query/scalar-data-types/ */
const TYPE_NAMES: Readonly<Record<string, KqlType>> = {
  bool: 'bool',
  boolean: 'bool',
  int: 'int',
  int32: 'int',
  long: 'long',
  int64: 'long',
  real: 'real',
  double: 'real',
  decimal: 'decimal',
  string: 'string',
  datetime: 'datetime',
  date: 'datetime',
  timespan: 'timespan',
  time: 'timespan',
  guid: 'guid',
  uuid: 'guid',
  uniqueid: 'guid',
  dynamic: 'dynamic',
  object: 'dynamic',
};
