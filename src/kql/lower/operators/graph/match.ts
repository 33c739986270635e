import type { Json } from '../../../beside/contract.ts';
import { invalid, unsupported } from '../../../diagnostics.ts';
import type { Node } from '../../../parse/node.ts';
import { callOf, type Expression, literal } from '../../../plan/expression.ts';
import type { Field, Relation } from '../../../plan/relation.ts';
import {
  boundColumns,
  type LowerContext,
  mayBeNull,
  type OperatorLowering,
  parameterOf,
  refer,
} from '../../context.ts';
import { unnamed } from '../../named.ts';
import type { Scope } from '../../scope.ts';
import { type Element, type Elements, lowerOverElements, namedElements, type Wish } from './elements.ts';
import { copyOfEdges, copyOfNodes, graphOf, projected } from './graph.ts';
import { type DrawnEdge, drawnPattern } from './pattern.ts';

/** Source: https://learn.microsoft.com/kusto/query/graph-match-operator */
export const lowerGraphMatch: OperatorLowering = (node, input, scope, context) => {
  const cycles = (parameterOf(node, 'cycles')?.text ?? 'unique_edges').toLowerCase();
  if (!['all', 'none', 'unique_edges'].includes(cycles))
    throw invalid(`\`${cycles}\` is no value of \`cycles\``, node);
  return matched('graph-match', { cycles, every: true }, node, input, scope, context);
};

/** Source: https://learn.microsoft.com/kusto/query/graph-shortest-paths-operator */
export const lowerGraphShortestPaths: OperatorLowering = (node, input, scope, context) => {
  const output = (parameterOf(node, 'output')?.text ?? 'any').toLowerCase();
  if (!['all', 'any'].includes(output)) throw invalid(`\`${output}\` is no value of \`output\``, node);
  const options = { cycles: 'unique_edges', every: output === 'all' };
  return matched('graph-shortest-paths', options, node, input, scope, context);
};

/** What may be tested on one element alone; the others are tested on the rows that come out. */
interface Filters {
  readonly nodes: (Expression | undefined)[];
  readonly edges: (Expression | undefined)[];
  readonly inner: (Expression | undefined)[];
}

function matched(
  program: 'graph-match' | 'graph-shortest-paths',
  options: { readonly cycles: string; readonly every: boolean },
  node: Node,
  input: Relation,
  scope: Scope,
  context: LowerContext,
): Relation {
  const graph = graphOf(input, node);
  const pattern = drawnPattern(node, scope, context);
  const shortest = program === 'graph-shortest-paths';
  if (shortest && (pattern.edges.length !== 1 || pattern.nodeCount !== 2))
    throw unsupported('a pattern of more than two nodes in `graph-shortest-paths`', node);
  const elements: Elements = {
    byName: pattern.byName,
    nodes: copyOfNodes(graph.nodes, context),
    edges: copyOfEdges(graph.edges, context),
  };
  const clause = node.child('ProjectClause');
  if (!clause) throw invalid('a graph pattern needs `project`', node);

  const filters: Filters = { nodes: [], edges: [], inner: [] };
  const rest: Node[] = [];
  const condition = node.child('WhereClause')?.need('Condition');
  for (const term of condition ? conjuncts(condition) : []) {
    if (pushed(term, elements, pattern.edges, filters, scope, context)) continue;
    if (shortest && [...namedElements(term, elements)].some(({ kind }) => kind === 'path'))
      throw unsupported('this condition on the path of `graph-shortest-paths`', term);
    rest.push(term);
  }

  const outputs: { readonly wish: Wish; readonly field: Field }[] = [];
  const ask = (wish: Wish): Expression => {
    const text = keyOf(wish);
    const known = outputs.find((output) => keyOf(output.wish) === text);
    if (known) return refer(known.field);
    const type = wish.as === 'array' ? 'dynamic' : wish.as === 'cell' ? wish.value.type : 'bool';
    const field = context.field(`$${wish.of}${wish.element}`, type, wish.as === 'cell');
    outputs.push({ wish, field });
    return refer(field);
  };
  const predicates = rest.map((term) => lowerOverElements(term, elements, scope, context, ask));
  const columns = boundColumns(node);
  const expressions = clause
    .items('Expressions')
    .map((item) => lowerOverElements(unnamed(item), elements, scope, context, ask));
  if (outputs.length === 0) ask({ of: 'node', element: 0, value: refer(elements.nodes.key), as: 'cell' });

  const nodes = new Columns([refer(elements.nodes.key)]);
  const edges = new Columns([refer(elements.edges.sourceKey), refer(elements.edges.targetKey)]);
  const table = (of: Wish['of']): Columns => (of === 'node' || of === 'inner' ? nodes : edges);
  const place = (columnsOf: Columns, value: Expression | undefined): number | null =>
    value ? columnsOf.place(value) : null;
  const coded: Json = {
    cycles: options.cycles,
    every: options.every,
    nodes: Array.from({ length: pattern.nodeCount }, (_, i) => ({ filter: place(nodes, filters.nodes[i]) })),
    edges: pattern.edges.map(({ from, to, direction, least, most }, i) => ({
      from,
      to,
      direction,
      least,
      most,
      filter: place(edges, filters.edges[i]),
      innerFilter: place(nodes, filters.inner[i]),
    })),
    outputs: outputs.map(({ wish: { of, element, as, value } }) => ({
      of: of === 'edge' ? 'path' : of,
      element,
      column: table(of).place(value),
      as,
    })),
  };
  const wanted = wantedEdges(elements.edges.relation, pattern.edges, filters);
  const found: Relation = {
    kind: 'program',
    name: program,
    inputs: [nodes.over(elements.nodes.relation, context), edges.over(wanted, context)],
    options: coded,
    fields: outputs.map(({ field }) => field),
  };
  const kept = predicates.reduce<Relation>(
    (relation, predicate) => ({ kind: 'filter', input: relation, fields: relation.fields, predicate }),
    found,
  );
  const fields = expressions.map((value, i) =>
    context.field(columns[i]?.name ?? `Column${i + 1}`, value.type, mayBeNull(value)),
  );
  return { kind: 'project', input: kept, fields, expressions };
}

/** Edges that no edge of the pattern lets pass need not be handed out. */
function wantedEdges(input: Relation, edges: readonly DrawnEdge[], filters: Filters): Relation {
  const tests = edges.map((_, i) => filters.edges[i]).filter((test) => test !== undefined);
  const [first, ...more] = tests;
  if (!first || tests.length < edges.length) return input;
  const predicate = more.reduce((left, right) => callOf('or', 'bool', left, right), first);
  return { kind: 'filter', input, fields: input.fields, predicate };
}

/** A term of `where` that looks at one element only is tested before or while matching, not after. */
function pushed(
  term: Node,
  elements: Elements,
  edges: readonly DrawnEdge[],
  filters: Filters,
  scope: Scope,
  context: LowerContext,
): boolean {
  const named = [...namedElements(term, elements)];
  const [only] = named;
  if (!only || named.length !== 1) return false;
  const add = (list: (Expression | undefined)[], place: number, value: Expression): void => {
    const total = callOf('coalesce', 'bool', value, literal('bool', false));
    const before = list[place];
    list[place] = before ? callOf('and', 'bool', before, total) : total;
  };
  if (only.kind === 'path') return pushedOverPath(term, only, elements, filters, add, scope, context);
  const value = lowerOverElements(term, elements, scope, context, (wish) => wish.value);
  if (value.type !== 'bool') return false;
  const shared = only.kind === 'edge' && edges[only.place] === undefined;
  if (shared) return false;
  add(only.kind === 'node' ? filters.nodes : filters.edges, only.place, value);
  return true;
}

/** `all(path, ...)` holds where every edge, or node between, does. */
function pushedOverPath(
  term: Node,
  path: Element,
  elements: Elements,
  filters: Filters,
  add: (list: (Expression | undefined)[], place: number, value: Expression) => void,
  scope: Scope,
  context: LowerContext,
): boolean {
  if (term.form === 'ParenthesizedExpression')
    return pushedOverPath(term.need('Expression'), path, elements, filters, add, scope, context);
  if (term.form !== 'FunctionCallExpression' || term.need('Name').simpleName !== 'all') return false;
  const wishes: Wish[] = [];
  lowerOverElements(term, elements, scope, context, (wish) => {
    wishes.push(wish);
    return wish.value;
  });
  const [wish] = wishes;
  if (!wish || wishes.length !== 1 || wish.as !== 'all') return false;
  add(wish.of === 'inner' ? filters.inner : filters.edges, path.place, wish.value);
  return true;
}

function conjuncts(node: Node): Node[] {
  if (node.form === 'ParenthesizedExpression') return conjuncts(node.need('Expression'));
  if (node.kind === 'AndExpression')
    return [...conjuncts(node.need('Left')), ...conjuncts(node.need('Right'))];
  return [node];
}

/** The columns of a program's input, each expression once. */
class Columns {
  readonly #values: Expression[];

  constructor(first: readonly Expression[]) {
    this.#values = [...first];
  }

  place(value: Expression): number {
    const text = textOf(value);
    const known = this.#values.findIndex((one) => textOf(one) === text);
    return known >= 0 ? known : this.#values.push(value) - 1;
  }

  over(input: Relation, context: LowerContext): Relation {
    return projected(
      input,
      this.#values.map((value, i) => ({
        field: context.field(`c${i}`, value.type, mayBeNull(value)),
        value,
      })),
    );
  }
}

function keyOf(wish: Wish): string {
  return `${wish.of} ${wish.element} ${wish.as} ${textOf(wish.value)}`;
}

function textOf(value: Expression): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? `${member}n` : member));
}
