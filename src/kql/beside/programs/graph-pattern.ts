import type { Cell, Json, Table } from '../contract.ts';
import type { Direction } from './graph.ts';

/** What the graph operators look for; columns are places in the nodes' or edges' table. */
export interface Pattern {
  /** For each node of the pattern the bool column that it must satisfy. */
  readonly nodes: readonly { readonly filter: number | null }[];
  readonly edges: readonly PatternEdge[];
  readonly cycles: 'all' | 'none' | 'unique_edges';
  /** Of shortest paths: every one, not just one for each pair of ends. */
  readonly every: boolean;
  readonly outputs: readonly Output[];
}

export interface PatternEdge {
  /** Places in `nodes`, as written from left to right. */
  readonly from: number;
  readonly to: number;
  readonly direction: Direction;
  readonly least: number;
  readonly most: number;
  /** Bool column of the edges that each edge must satisfy. */
  readonly filter: number | null;
  /** Bool column of the nodes that each node between must satisfy. */
  readonly innerFilter: number | null;
}

/** A column of the answer: a cell of one element, or what the elements of a path have as array or as one bool. */
export interface Output {
  readonly of: 'node' | 'edge' | 'path' | 'inner';
  readonly element: number;
  readonly column: number;
  readonly as: 'cell' | 'array' | 'all' | 'any';
}

/** One way in which the pattern was met; nodes and edges are rows of their tables. */
export interface Match {
  readonly nodes: Int32Array | readonly number[];
  /** For each edge of the pattern its edges from left to right. */
  readonly paths: readonly (readonly number[])[];
  /** For each edge of the pattern the nodes between its edges. */
  readonly inner: readonly (readonly number[])[];
}

export function rowOf(match: Match, pattern: Pattern, nodes: Table, edges: Table): readonly Cell[] {
  return pattern.outputs.map(({ of, element, column, as }): Cell => {
    if (of === 'node') return nodes.rows[match.nodes[element] ?? -1]?.[column] ?? null;
    const places = of === 'inner' ? match.inner[element] : match.paths[element];
    const table = of === 'inner' ? nodes : edges;
    const cells = (places ?? []).map((place): Json => table.rows[place]?.[column] ?? null);
    if (as === 'all') return cells.every((cell) => cell === true);
    if (as === 'any') return cells.some((cell) => cell === true);
    return as === 'array' ? cells : (cells[0] ?? null);
  });
}

/** Whether each row of the table satisfies the bool column; all do where there is none. */
export function satisfying(table: Table, column: number | null): (row: number) => boolean {
  if (column === null) return () => true;
  const held = table.rows.map((row) => row[column] === true);
  return (row) => held[row] === true;
}
