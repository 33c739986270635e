import { describe, expect, it } from 'vitest';
import { type Budget, BudgetSpent, type Cell, type Json, ProgramFault, type Table } from '../contract.ts';
import { PROGRAMS } from './index.ts';

const budget: Budget = { check: () => undefined, maxRows: 1000 };
const column = (name: string) => ({ name, type: 'string' as const, description: '' });
const rowsOf = (rows: readonly (readonly Cell[])[]): Table => ({
  columns: (rows[0] ?? []).map((_, i) => column(`c${i}`)),
  rows,
});

/** `a>b` per edge; the edge table has the edge's text as third column. */
function graph(text: string): readonly [Table, Table] {
  const pairs = text.split(' ').map((pair) => pair.split('>'));
  const names = [...new Set(pairs.flat())];
  return [
    rowsOf(names.map((name) => [name, name < 'b'])),
    rowsOf(pairs.map(([from = '', to = '']) => [from, to, `${from}${to}`, from !== 'x'])),
  ];
}

type Drawn = readonly [from: number, to: number, direction: string, least: number, most: number];

function pattern(
  nodeCount: number,
  edges: readonly Drawn[],
  more: { readonly [key: string]: Json } = {},
): Json {
  const nodes = Array.from({ length: nodeCount }, () => ({ filter: null }));
  return {
    cycles: 'unique_edges',
    every: true,
    nodes,
    edges: edges.map(([from, to, direction, least, most]) => ({
      from,
      to,
      direction,
      least,
      most,
      filter: null,
      innerFilter: null,
    })),
    outputs: [
      ...nodes.map((_, element) => ({ of: 'node', element, column: 0, as: 'cell' })),
      ...edges.map((_, element) => ({ of: 'path', element, column: 2, as: 'array' })),
    ],
    ...more,
  };
}

function run(name: string, inputs: readonly Table[], options: Json, within = budget): string[] {
  const rows = PROGRAMS[name]?.run(inputs, options, within) ?? [];
  return rows
    .map((row) => row.map((cell) => (Array.isArray(cell) ? cell.join('-') : String(cell))).join(' '))
    .sort();
}

describe('graph-match', () => {
  it('follows arrows, also against the reading direction', () => {
    expect(run('graph-match', graph('a>b b>c'), pattern(2, [[0, 1, 'forward', 1, 1]]))).toEqual([
      'a b ab',
      'b c bc',
    ]);
    expect(run('graph-match', graph('a>b b>c'), pattern(2, [[0, 1, 'backward', 1, 2]]))).toEqual([
      'b a ab',
      'c a bc-ab',
      'c b bc',
    ]);
    expect(run('graph-match', graph('a>b'), pattern(2, [[0, 1, 'any', 1, 1]]))).toEqual(['a b ab', 'b a ab']);
  });

  it('uses an edge once in a match, and a node once where cycles are forbidden', () => {
    const loop = graph('a>b b>a');
    const walk: Drawn = [0, 1, 'forward', 1, 3];
    expect(run('graph-match', loop, pattern(2, [walk]))).toEqual([
      'a a ab-ba',
      'a b ab',
      'b a ba',
      'b b ba-ab',
    ]);
    expect(run('graph-match', loop, pattern(2, [walk], { cycles: 'none' }))).toEqual(['a b ab', 'b a ba']);
    expect(run('graph-match', loop, pattern(2, [walk], { cycles: 'all' }))).toEqual([
      'a a ab-ba',
      'a b ab',
      'a b ab-ba-ab',
      'b a ba',
      'b a ba-ab-ba',
      'b b ba-ab',
    ]);
  });

  it('closes on a node that is named twice, and joins paths on it', () => {
    const closed = pattern(1, [[0, 0, 'forward', 2, 2]]);
    expect(run('graph-match', graph('a>b b>a b>c'), closed)).toEqual(['a ab-ba', 'b ba-ab']);
    const fork = pattern(3, [
      [0, 1, 'forward', 1, 1],
      [0, 2, 'forward', 1, 1],
    ]);
    expect(run('graph-match', graph('a>b a>c'), fork)).toEqual(['a b c ab ac', 'a c b ac ab']);
  });

  it('tests nodes and edges before it goes on', () => {
    const edges = [{ from: 0, to: 1, direction: 'forward', least: 1, most: 2, filter: 3, innerFilter: null }];
    const options = pattern(2, [[0, 1, 'forward', 1, 2]], {
      edges,
      nodes: [{ filter: 1 }, { filter: null }],
    });
    expect(run('graph-match', graph('a>b b>c b>x x>y'), options)).toEqual([
      'a b ab',
      'a c ab-bc',
      'a x ab-bx',
    ]);
  });

  it('stops at the deadline and at too many rows', () => {
    const names = Array.from({ length: 12 }, (_, i) => `n${i}`);
    const full = graph(names.flatMap((a) => names.map((b) => `${a}>${b}`)).join(' '));
    const options = pattern(2, [[0, 1, 'forward', 1, 9]]);
    expect(() => run('graph-match', full, options)).toThrow(ProgramFault);
    let checks = 0;
    const spent: Budget = {
      maxRows: 1e9,
      check() {
        if (++checks > 5) throw new BudgetSpent('late');
      },
    };
    expect(() => run('graph-match', full, options, spent)).toThrow(BudgetSpent);
  });
});

describe('graph-shortest-paths', () => {
  const two = graph('a>b b>d a>c c>d a>e e>f f>d');
  const options = (every: boolean): Json => pattern(2, [[0, 1, 'forward', 1, 5]], { every });
  const between = (rows: string[]): string[] => rows.filter((row) => row.startsWith('a d'));

  it('finds one path for each pair, or all of the shortest', () => {
    expect(between(run('graph-shortest-paths', two, options(true)))).toEqual(['a d ab-bd', 'a d ac-cd']);
    expect(between(run('graph-shortest-paths', two, options(false)))).toEqual(['a d ab-bd']);
  });
});

describe('graph-mark-components', () => {
  it('numbers them as the edges name them', () => {
    expect(run('graph-mark-components', graph('c>a e>f a>b'), { strong: false })).toEqual([
      'a 0',
      'b 0',
      'c 0',
      'e 1',
      'f 1',
    ]);
  });

  it('wants ways in both directions where it is told so', () => {
    expect(run('graph-mark-components', graph('a>b b>a b>c'), { strong: true })).toEqual([
      'a 0',
      'b 0',
      'c 1',
    ]);
  });

  it('takes a chain that is longer than the call stack', () => {
    const chain = Array.from({ length: 30_000 }, (_, i) => `n${i}>n${i + 1}`).join(' ');
    const rows = PROGRAMS['graph-mark-components']?.run(graph(chain), { strong: true }, budget) ?? [];
    expect(new Set(rows.map((row) => row[1])).size).toBe(30_001);
  });
});
