import type { Budget, Cell, TableProgram } from '../contract.ts';
import { type Direction, type Graph, graphOf, opposite, stepsFrom } from './graph.ts';
import { type Pattern, type PatternEdge, rowOf, satisfying } from './graph-pattern.ts';
import { tooManyRows } from './too-many.ts';

/**
 * `graph-match`: every way in which the pattern occurs. Inputs: nodes (key first), edges (source and target key first).
 * Matching begins at the node of the pattern that the fewest nodes satisfy and goes along the pattern's edges.
 * Source: https://learn.microsoft.com/kusto/query/graph-match-operator
 */
export const graphMatch: TableProgram = {
  summary: 'Every occurrence of a pattern in a graph.',
  run([nodes, edges], options, budget) {
    if (!nodes || !edges) return [];
    const pattern = options as unknown as Pattern;
    const graph = graphOf(nodes, edges);
    const allowed = pattern.nodes.map(({ filter }) => satisfying(nodes, filter));
    const walk = new Walk(graph, pattern, budget, {
      node: (place, node) => allowed[place]?.(node) === true,
      edge: pattern.edges.map(({ filter }) => satisfying(edges, filter)),
      inner: pattern.edges.map(({ innerFilter }) => satisfying(nodes, innerFilter)),
    });
    const out: (readonly Cell[])[] = [];
    walk.run(() => {
      if (out.length >= budget.maxRows) throw tooManyRows(budget);
      out.push(rowOf(walk.match, pattern, nodes, edges));
    });
    return out;
  },
};

interface Tests {
  readonly node: (place: number, node: number) => boolean;
  readonly edge: readonly ((edge: number) => boolean)[];
  readonly inner: readonly ((node: number) => boolean)[];
}

/** One edge of the pattern as it is walked: from an end that is bound by then. */
interface Leg {
  readonly edge: PatternEdge;
  readonly place: number;
  readonly from: number;
  readonly to: number;
  readonly direction: Direction;
  /** Walked from right to left. */
  readonly reversed: boolean;
}

/** The depth-first search; `match` is only what it is while `found` runs. */
class Walk {
  readonly match: { nodes: number[]; paths: number[][]; inner: number[][] };
  readonly #graph: Graph;
  readonly #pattern: Pattern;
  readonly #budget: Budget;
  readonly #tests: Tests;
  readonly #usedEdges = new Set<number>();
  readonly #usedNodes = new Set<number>();
  #steps = 0;

  constructor(graph: Graph, pattern: Pattern, budget: Budget, tests: Tests) {
    this.#graph = graph;
    this.#pattern = pattern;
    this.#budget = budget;
    this.#tests = tests;
    this.match = {
      nodes: pattern.nodes.map(() => -1),
      paths: pattern.edges.map(() => []),
      inner: pattern.edges.map(() => []),
    };
  }

  run(found: () => void): void {
    const sizes = this.#pattern.nodes.map((_, place) => this.#candidates(place).length);
    const plan = planOf(this.#pattern, sizes);
    const next = (step: number): void => {
      const what = plan[step];
      if (what === undefined) found();
      else if (typeof what === 'number')
        for (const node of this.#candidates(what)) this.#bind(what, node, () => next(step + 1));
      else this.#along(what, () => next(step + 1));
    };
    next(0);
  }

  #candidates(place: number): readonly number[] {
    const out: number[] = [];
    for (let node = 0; node < this.#graph.nodeCount; node++)
      if (this.#tests.node(place, node)) out.push(node);
    return out;
  }

  #bind(place: number, node: number, then: () => void): void {
    if ((this.#steps++ & 0xfff) === 0) this.#budget.check();
    const unique = this.#pattern.cycles === 'none';
    if (unique && this.#usedNodes.has(node)) return;
    if (unique) this.#usedNodes.add(node);
    this.match.nodes[place] = node;
    then();
    this.match.nodes[place] = -1;
    if (unique) this.#usedNodes.delete(node);
  }

  #along(leg: Leg, then: () => void): void {
    const { least, most } = leg.edge;
    const path: number[] = [];
    const between: number[] = [];
    const arrive = (node: number): void => {
      const bound = this.match.nodes[leg.to] ?? -1;
      const finish = (): void => {
        this.match.paths[leg.place] = leg.reversed ? path.toReversed() : [...path];
        this.match.inner[leg.place] = leg.reversed ? between.toReversed() : [...between];
        then();
      };
      if (bound >= 0) {
        if (bound === node) finish();
      } else if (this.#tests.node(leg.to, node)) this.#bind(leg.to, node, finish);
    };
    const walk = (node: number): void => {
      if ((this.#steps++ & 0xfff) === 0) this.#budget.check();
      for (const [edge, to] of stepsFrom(this.#graph, node, leg.direction)) {
        if (this.#tests.edge[leg.place]?.(edge) !== true || !this.#enter(edge)) continue;
        path.push(edge);
        if (path.length >= least) arrive(to);
        if (path.length < most) this.#through(leg, to, between, walk);
        path.pop();
        this.#usedEdges.delete(edge);
      }
    };
    const start = this.match.nodes[leg.from] ?? -1;
    if (least === 0) arrive(start);
    if (most > 0) walk(start);
  }

  /** Goes on from a node between. */
  #through(leg: Leg, node: number, between: number[], walk: (node: number) => void): void {
    if (this.#tests.inner[leg.place]?.(node) !== true) return;
    const unique = this.#pattern.cycles === 'none';
    if (unique && this.#usedNodes.has(node)) return;
    if (unique) this.#usedNodes.add(node);
    between.push(node);
    walk(node);
    between.pop();
    if (unique) this.#usedNodes.delete(node);
  }

  #enter(edge: number): boolean {
    if (this.#pattern.cycles === 'all') return true;
    if (this.#usedEdges.has(edge)) return false;
    this.#usedEdges.add(edge);
    return true;
  }
}

/** Nodes to begin at (their places) and legs, in the order in which they are walked. */
function planOf(pattern: Pattern, sizes: readonly number[]): readonly (number | Leg)[] {
  const plan: (number | Leg)[] = [];
  const bound = new Set<number>();
  const left = new Set(pattern.edges.keys());
  const legFrom = (place: number): Leg | undefined => {
    const edge = pattern.edges[place];
    if (!edge) return undefined;
    const { from, to, direction } = edge;
    if (bound.has(from)) return { edge, place, from, to, direction, reversed: false };
    if (!bound.has(to)) return undefined;
    return { edge, place, from: to, to: from, direction: opposite(direction), reversed: true };
  };
  const cost = (leg: Leg): number => (bound.has(leg.to) ? 0 : 1) + (leg.edge.most > 1 ? 2 : 0);
  while (bound.size < pattern.nodes.length || left.size > 0) {
    const legs = [...left].map(legFrom).filter((leg) => leg !== undefined);
    const leg = legs.sort((a, b) => cost(a) - cost(b))[0];
    if (leg) {
      plan.push(leg);
      left.delete(leg.place);
      bound.add(leg.to);
      continue;
    }
    const start = pattern.nodes
      .map((_, place) => place)
      .filter((place) => !bound.has(place))
      .sort((a, b) => (sizes[a] ?? 0) - (sizes[b] ?? 0))[0];
    if (start === undefined) break;
    plan.push(start);
    bound.add(start);
  }
  return plan;
}
