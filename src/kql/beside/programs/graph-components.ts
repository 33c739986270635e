import type { Cell, TableProgram } from '../contract.ts';
import { type Graph, graphOf } from './graph.ts';

/**
 * `graph-mark-components`: which nodes hang together. Inputs as of `graph-match`; option `strong`: only where there is
 * a way in both directions. Rows: node key, component; components count from 0 as the edges first name them.
 * Source: https://learn.microsoft.com/kusto/query/graph-mark-components-operator
 */
export const graphComponents: TableProgram = {
  summary: 'The connected component of each node of a graph.',
  run([nodes, edges], options, budget) {
    if (!nodes || !edges) return [];
    const graph = graphOf(nodes, edges);
    budget.check();
    const roots = (options as { strong?: boolean }).strong === true ? strongRoots(graph) : weakRoots(graph);
    budget.check();
    const numbers = new Map<number, bigint>();
    const numberOf = (node: number): bigint => {
      const root = roots[node] ?? node;
      const known = numbers.get(root) ?? BigInt(numbers.size);
      numbers.set(root, known);
      return known;
    };
    graph.sources.forEach((source, edge) => {
      if (source < 0) return;
      numberOf(source);
      numberOf(graph.targets[edge] ?? source);
    });
    return nodes.rows.map((row, node): Cell[] => [row[0] ?? null, numberOf(node)]);
  },
};

function weakRoots(graph: Graph): Int32Array {
  const roots = Int32Array.from({ length: graph.nodeCount }, (_, i) => i);
  const find = (node: number): number => {
    let root = node;
    while (roots[root] !== root) root = roots[root] ?? root;
    for (let at = node; at !== root; ) {
      const next = roots[at] ?? root;
      roots[at] = root;
      at = next;
    }
    return root;
  };
  graph.sources.forEach((source, edge) => {
    if (source >= 0) roots[find(source)] = find(graph.targets[edge] ?? source);
  });
  return roots.map((_, node) => find(node));
}

/** Tarjan's algorithm with a stack of its own: a long chain must not exhaust the call stack. */
function strongRoots(graph: Graph): Int32Array {
  const order = new Int32Array(graph.nodeCount).fill(-1);
  const low = new Int32Array(graph.nodeCount);
  const roots = new Int32Array(graph.nodeCount).fill(-1);
  const open: number[] = [];
  let count = 0;
  for (let start = 0; start < graph.nodeCount; start++) {
    if ((order[start] ?? 0) >= 0) continue;
    const calls: { node: number; next: number }[] = [{ node: start, next: 0 }];
    while (calls.length > 0) {
      const call = calls.at(-1);
      if (!call) break;
      const { node } = call;
      if (call.next === 0) {
        order[node] = count;
        low[node] = count++;
        open.push(node);
      }
      const edge = graph.leaving[node]?.[call.next++];
      if (edge !== undefined) {
        const to = graph.targets[edge] ?? node;
        if ((order[to] ?? -1) < 0) calls.push({ node: to, next: 0 });
        else if ((roots[to] ?? -1) < 0) low[node] = Math.min(low[node] ?? 0, order[to] ?? 0);
        continue;
      }
      calls.pop();
      const above = calls.at(-1);
      if (above) low[above.node] = Math.min(low[above.node] ?? 0, low[node] ?? 0);
      if (low[node] !== order[node]) continue;
      for (let member = open.pop(); member !== undefined; member = open.pop()) {
        roots[member] = node;
        if (member === node) break;
      }
    }
  }
  return roots;
}
