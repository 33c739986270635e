import type { Table } from '../contract.ts';
import { keyOf } from './groups.ts';

/** A graph as numbers: nodes in the order of their table, edges in the order of theirs. */
export interface Graph {
  readonly nodeCount: number;
  readonly sources: Int32Array;
  readonly targets: Int32Array;
  /** Edges that leave, or enter, each node. */
  readonly leaving: readonly (readonly number[])[];
  readonly entering: readonly (readonly number[])[];
}

/** Nodes: key first. Edges: source and target key first; an edge whose ends are not among the nodes is left out. */
export function graphOf(nodes: Table, edges: Table): Graph {
  const places = new Map(nodes.rows.map((row, i) => [keyOf(row.slice(0, 1)), i]));
  const sources = new Int32Array(edges.rows.length).fill(-1);
  const targets = new Int32Array(edges.rows.length).fill(-1);
  const leaving = nodes.rows.map((): number[] => []);
  const entering = nodes.rows.map((): number[] => []);
  edges.rows.forEach((row, edge) => {
    const source = places.get(keyOf(row.slice(0, 1)));
    const target = places.get(keyOf(row.slice(1, 2)));
    if (source === undefined || target === undefined) return;
    sources[edge] = source;
    targets[edge] = target;
    leaving[source]?.push(edge);
    entering[target]?.push(edge);
  });
  return { nodeCount: nodes.rows.length, sources, targets, leaving, entering };
}

export type Direction = 'forward' | 'backward' | 'any';

/** The steps along an edge that a pattern's arrow allows from a node: the edge, and where it leads. */
export function* stepsFrom(
  graph: Graph,
  node: number,
  direction: Direction,
): Generator<readonly [edge: number, to: number]> {
  if (direction !== 'backward')
    for (const edge of graph.leaving[node] ?? []) yield [edge, graph.targets[edge] ?? -1];
  if (direction !== 'forward')
    for (const edge of graph.entering[node] ?? []) {
      const to = graph.sources[edge] ?? -1;
      // A loop has been walked already as a leaving edge.
      if (direction === 'backward' || to !== node) yield [edge, to];
    }
}

export function opposite(direction: Direction): Direction {
  if (direction === 'any') return 'any';
  return direction === 'forward' ? 'backward' : 'forward';
}
