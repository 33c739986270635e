import type { Visualization, VisualProperty } from '../../../model/visualization.ts';
import type { Node } from '../../parse/node.ts';
import type { Relation } from '../../plan/relation.ts';
import type { LowerContext } from '../context.ts';
import { EMPTY_SCOPE } from '../scope.ts';

/**
 * What a `render` at the end of the expression asks for. The rows are the same with and without it.
 * Source: https://learn.microsoft.com/kusto/query/render-operator
 */
export function visualizationOf(
  expression: Node,
  rows: Relation,
  context: LowerContext,
): Visualization | undefined {
  if (expression.form === 'ParenthesizedExpression')
    return visualizationOf(expression.need('Expression'), rows, context);
  const render = expression.form === 'PipeExpression' ? expression.need('Operator') : undefined;
  if (render?.form !== 'RenderOperator') return undefined;
  const given = [
    ...render.items('Parameters'),
    ...(render.child('WithClause')?.items('Properties') ?? []),
  ].map((property): readonly [string, VisualProperty] => [
    property.need('Name').simpleName.toLowerCase(),
    propertyOf(property.need('Expression'), context),
  ]);
  return {
    kind: render.need('ChartType').text,
    properties: Object.fromEntries(given),
    isSorted: isSorted(rows),
  };
}

/** A list of columns, a constant, or a word such as `stacked`. */
function propertyOf(node: Node, context: LowerContext): VisualProperty {
  if (node.form === 'NameReferenceList') return node.items('Names').map((name) => name.simpleName);
  if (!node.kind.endsWith('LiteralExpression') || node.kind === 'TokenLiteralExpression')
    return node.simpleName;
  const { value, type } = constant(node, context);
  if (value === null) return '';
  if (type === 'bool') return value === true;
  return type === 'int' || type === 'long' || type === 'real' ? Number(value) : String(value);
}

function constant(node: Node, context: LowerContext) {
  const value = context.expression(node, EMPTY_SCOPE);
  if (value.kind !== 'literal') throw new Error('a literal is lowered to no literal');
  return value;
}

function isSorted(rows: Relation): boolean {
  if (rows.kind === 'limit') return isSorted(rows.input);
  return rows.kind === 'sort';
}
