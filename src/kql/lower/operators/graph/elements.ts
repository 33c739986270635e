import { invalid, unsupported } from '../../../diagnostics.ts';
import type { Node } from '../../../parse/node.ts';
import { callOf, type Expression, literal } from '../../../plan/expression.ts';
import type { Field } from '../../../plan/relation.ts';
import { type LowerContext, refer } from '../../context.ts';
import { lowerExpression } from '../../expression.ts';
import { findField, type Scope } from '../../scope.ts';
import { castTo } from '../values.ts';
import type { EdgeTable, NodeTable } from './graph.ts';

/** A named part of a pattern. A path is an edge of variable length: its properties are arrays. */
export interface Element {
  readonly kind: 'node' | 'edge' | 'path';
  /** Its place among the pattern's nodes or edges. */
  readonly place: number;
}

/** What is asked of an element, as an expression over the columns of the nodes or edges. */
export interface Wish {
  readonly of: 'node' | 'edge' | 'path' | 'inner';
  readonly element: number;
  readonly value: Expression;
  readonly as: 'cell' | 'array' | 'all' | 'any';
}

export interface Elements {
  readonly byName: ReadonlyMap<string, Element>;
  readonly nodes: NodeTable;
  readonly edges: EdgeTable;
}

/** An expression of `where` or `project`: what it asks of elements is handed to `ask`, which tells where to find it. */
export function lowerOverElements(
  node: Node,
  elements: Elements,
  scope: Scope,
  context: LowerContext,
  ask: (wish: Wish) => Expression,
): Expression {
  const outer: Scope = { row: [], names: scope.names };
  const inner: LowerContext = {
    ...context,
    expression: (child, childScope) =>
      ofElements(child, elements, scope, context, ask) ?? lowerExpression(child, childScope, inner),
  };
  return inner.expression(node, outer);
}

/** The elements that the expression names, `inner_nodes` counting as its path. */
export function namedElements(node: Node, elements: Elements): ReadonlySet<Element> {
  const found = new Set<Element>();
  const visit = (one: Node): void => {
    if (one.form === 'FunctionCallExpression' && QUANTIFIERS[one.need('Name').simpleName]) {
      // The names in the second argument are properties.
      const [over] = one.need('ArgumentList').items('Expressions');
      if (over) visit(over);
      return;
    }
    if (one.form === 'PathExpression' && one.need('Selector').form === 'NameReference') {
      visit(one.need('Expression'));
      return;
    }
    if (one.form === 'NameReference') {
      const element = elements.byName.get(one.simpleName);
      if (element) found.add(element);
    }
    if (!one.isToken) for (const child of one.children()) visit(child);
  };
  visit(node);
  return found;
}

function ofElements(
  node: Node,
  elements: Elements,
  scope: Scope,
  context: LowerContext,
  ask: (wish: Wish) => Expression,
): Expression | undefined {
  if (node.form === 'NameReference') {
    const element = elements.byName.get(node.simpleName);
    return element && askFor(element, bagOf(propertiesOf(element, elements)), ask);
  }
  if (node.form === 'PathExpression') {
    const base = node.need('Expression');
    const element = base.form === 'NameReference' ? elements.byName.get(base.simpleName) : undefined;
    const selector = node.need('Selector');
    if (!element || selector.form !== 'NameReference') return undefined;
    const field = findField(propertiesOf(element, elements), selector.simpleName);
    if (!field) throw invalid(`\`${base.simpleName}\` has no property \`${selector.simpleName}\``, selector);
    return askFor(element, refer(field), ask);
  }
  if (node.form !== 'FunctionCallExpression') return undefined;
  const name = node.need('Name').simpleName;
  const args = node.need('ArgumentList').items('Expressions');
  const quantifier = QUANTIFIERS[name];
  if (quantifier && args.length === 2)
    return overPath(args as [Node, Node], quantifier, elements, scope, context, ask);
  if (name === 'inner_nodes') throw invalid('`inner_nodes` goes inside `all`, `any` or `map`', node);
  const fact = NODE_FACTS[name];
  if (!fact || args.length !== 1) return undefined;
  const element = elements.byName.get(args[0]?.simpleName ?? '');
  if (!element) throw invalid(`\`${name}\` takes an element of the pattern`, node);
  if (name === 'labels') return literal('dynamic', '[]');
  if (element.kind !== 'node') throw invalid(`\`${name}\` takes a node of the pattern`, node);
  return askFor(element, fact(elements.nodes), ask);
}

const QUANTIFIERS: Readonly<Record<string, Wish['as']>> = { all: 'all', any: 'any', map: 'array' };

/** Facts about a node; a graph made by `make-graph` has no labels. Source: .../kusto/query/graph-functions */
const NODE_FACTS: Readonly<Record<string, (nodes: NodeTable) => Expression>> = {
  node_id: (nodes) => refer(nodes.id),
  node_degree_in: (nodes) => refer(nodes.degreeIn),
  node_degree_out: (nodes) => refer(nodes.degreeOut),
  labels: () => literal('dynamic', '[]'),
};

/** The graph functions, for the ledger. */
export const GRAPH_FUNCTIONS: readonly string[] = [
  ...Object.keys(QUANTIFIERS),
  ...Object.keys(NODE_FACTS),
  'inner_nodes',
];

/** `all(path, condition)`, `any(inner_nodes(path), condition)`, `map(path, expression)`. */
function overPath(
  [over, what]: readonly [Node, Node],
  as: Wish['as'],
  elements: Elements,
  scope: Scope,
  context: LowerContext,
  ask: (wish: Wish) => Expression,
): Expression {
  const isInner = over.form === 'FunctionCallExpression' && over.need('Name').simpleName === 'inner_nodes';
  const named = isInner ? over.need('ArgumentList').items('Expressions')[0] : over;
  const element = named && elements.byName.get(named.simpleName);
  if (!element || element.kind === 'node' || (isInner && element.kind === 'edge'))
    throw invalid('an edge of variable length is expected here', over);
  const fields = isInner ? elements.nodes.properties : elements.edges.properties;
  const row: Scope = { row: fields, names: scope.names };
  const inside: LowerContext = {
    ...context,
    expression(child, childScope) {
      if (
        child.form === 'NameReference' &&
        elements.byName.has(child.simpleName) &&
        !findField(fields, child.simpleName)
      )
        throw unsupported('another element of the pattern inside `all`, `any` or `map`', child);
      const fact = isInner && child.form === 'FunctionCallExpression' ? factOf(child, elements) : undefined;
      return fact ?? lowerExpression(child, childScope, inside);
    },
  };
  const value = inside.expression(what, row);
  return ask({
    of: isInner ? 'inner' : 'path',
    element: element.place,
    value: as === 'array' ? castTo('dynamic', value) : value,
    as,
  });
}

/** `node_id()` and the like: of the node at hand. */
function factOf(node: Node, elements: Elements): Expression | undefined {
  const fact = NODE_FACTS[node.need('Name').simpleName];
  const args = node.need('ArgumentList').items('Expressions');
  return fact && args.length === 0 ? fact(elements.nodes) : undefined;
}

function propertiesOf(element: Element, elements: Elements): readonly Field[] {
  return element.kind === 'node' ? elements.nodes.properties : elements.edges.properties;
}

function askFor(element: Element, value: Expression, ask: (wish: Wish) => Expression): Expression {
  return element.kind === 'path'
    ? ask({ of: 'path', element: element.place, value: castTo('dynamic', value), as: 'array' })
    : ask({ of: element.kind, element: element.place, value, as: 'cell' });
}

function bagOf(fields: readonly Field[]): Expression {
  return callOf(
    'bag_pack',
    'dynamic',
    ...fields.flatMap((field) => [literal('string', field.name), refer(field)]),
  );
}
