import type { Budget, Cell, TableProgram } from '../contract.ts';
import { type Graph, graphOf, stepsFrom } from './graph.ts';
import { type Pattern, type PatternEdge, rowOf, satisfying } from './graph-pattern.ts';
import { tooManyRows } from './too-many.ts';

/**
 * `graph-shortest-paths`: the paths with the fewest edges from each node that fits the left end to each that fits the
 * right one, if they are as long as the pattern wants. Inputs and options as of `graph-match`, with one edge.
 * Source: https://learn.microsoft.com/kusto/query/graph-shortest-paths-operator
 */
export const graphShortestPaths: TableProgram = {
  summary: 'The paths with the fewest edges between nodes of a graph.',
  run([nodes, edges], options, budget) {
    const pattern = options as unknown as Pattern;
    const [edge] = pattern.edges;
    if (!nodes || !edges || !edge) return [];
    const graph = graphOf(nodes, edges);
    const tests = {
      edge: satisfying(edges, edge.filter),
      inner: satisfying(nodes, edge.innerFilter),
    };
    const isStart = satisfying(nodes, pattern.nodes[edge.from]?.filter ?? null);
    const isEnd = satisfying(nodes, pattern.nodes[edge.to]?.filter ?? null);
    const out: (readonly Cell[])[] = [];
    for (let start = 0; start < graph.nodeCount; start++) {
      if (!isStart(start)) continue;
      const { depths, arrivals } = breadthFirst(graph, start, edge, tests, budget);
      for (const [end, depth] of depths) {
        if (end === start || depth < edge.least || !isEnd(end)) continue;
        for (const path of pathsTo(end, start, arrivals, pattern.every)) {
          if (out.length >= budget.maxRows) throw tooManyRows(budget);
          const found = [-1, -1];
          found[edge.from] = start;
          found[edge.to] = end;
          const match = {
            nodes: found,
            paths: [path.map((step) => step.edge)],
            inner: [path.slice(1).map((step) => step.from)],
          };
          out.push(rowOf(match, pattern, nodes, edges));
        }
      }
    }
    return out;
  },
};

interface Step {
  readonly edge: number;
  readonly from: number;
}

/** How far each node is, and by which last steps it is reached that soon. */
function breadthFirst(
  graph: Graph,
  start: number,
  edge: PatternEdge,
  tests: { readonly edge: (edge: number) => boolean; readonly inner: (node: number) => boolean },
  budget: Budget,
): { readonly depths: ReadonlyMap<number, number>; readonly arrivals: ReadonlyMap<number, readonly Step[]> } {
  const depths = new Map([[start, 0]]);
  const arrivals = new Map<number, Step[]>();
  let front = [start];
  for (let depth = 1; depth <= edge.most && front.length > 0; depth++) {
    budget.check();
    const next: number[] = [];
    for (const node of front) {
      if (node !== start && !tests.inner(node)) continue;
      for (const [along, to] of stepsFrom(graph, node, edge.direction)) {
        if (!tests.edge(along)) continue;
        const known = depths.get(to);
        if (known === undefined) {
          depths.set(to, depth);
          next.push(to);
        } else if (known !== depth) continue;
        const steps = arrivals.get(to) ?? [];
        arrivals.set(to, steps);
        steps.push({ edge: along, from: node });
      }
    }
    front = next;
  }
  return { depths, arrivals };
}

function* pathsTo(
  end: number,
  start: number,
  arrivals: ReadonlyMap<number, readonly Step[]>,
  every: boolean,
): Generator<readonly Step[]> {
  if (end === start) {
    yield [];
    return;
  }
  for (const step of arrivals.get(end) ?? []) {
    for (const before of pathsTo(step.from, start, arrivals, every)) {
      yield [...before, step];
      if (!every) return;
    }
  }
}
