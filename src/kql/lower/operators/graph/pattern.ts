import { invalid, unsupported } from '../../../diagnostics.ts';
import type { Node } from '../../../parse/node.ts';
import type { LowerContext } from '../../context.ts';
import type { Scope } from '../../scope.ts';
import type { Element } from './elements.ts';

/** A pattern as drawn: nodes by place, edges between them from left to right. */
export interface DrawnPattern {
  readonly nodeCount: number;
  readonly edges: readonly DrawnEdge[];
  readonly byName: ReadonlyMap<string, Element>;
}

export interface DrawnEdge {
  readonly from: number;
  readonly to: number;
  readonly direction: 'forward' | 'backward' | 'any';
  readonly least: number;
  readonly most: number;
}

/** A node that is named at several places is one node. Source: .../kusto/query/graph-match-operator */
export function drawnPattern(operator: Node, scope: Scope, context: LowerContext): DrawnPattern {
  const byName = new Map<string, Element>();
  const edges: DrawnEdge[] = [];
  let nodeCount = 0;
  const nodePlace = (node: Node): number => {
    const name = node.child('Name')?.simpleName;
    const known = name === undefined ? undefined : byName.get(name);
    if (known && known.kind !== 'node') throw invalid(`\`${name}\` is a node and an edge`, node);
    if (known) return known.place;
    const place = nodeCount++;
    if (name !== undefined && name !== '') byName.set(name, { kind: 'node', place });
    return place;
  };
  for (const pattern of operator.items('Patterns')) {
    const parts = pattern.items('PatternElements');
    let from: number | undefined;
    let edge: Node | undefined;
    for (const part of parts) {
      if (part.form === 'GraphMatchPatternEdge') {
        edge = part;
        continue;
      }
      const to = nodePlace(part);
      if (edge && from !== undefined) {
        const name = edge.child('Name')?.simpleName;
        if (name !== undefined && byName.has(name)) throw invalid(`\`${name}\` is used twice`, edge);
        const range = edge.child('Range');
        if (name !== undefined && name !== '')
          byName.set(name, { kind: range ? 'path' : 'edge', place: edges.length });
        edges.push({ from, to, direction: directionOf(edge), ...lengths(range, scope, context) });
      }
      from = to;
      edge = undefined;
    }
  }
  return { nodeCount, edges, byName };
}

function directionOf(edge: Node): DrawnEdge['direction'] {
  const left = edge.need('FirstToken').text.startsWith('<');
  const right = (edge.child('LastToken') ?? edge.need('FirstToken')).text.endsWith('>');
  if (left && right) return 'any';
  return left ? 'backward' : right ? 'forward' : 'any';
}

/** `*1..5`; an edge without a range is one edge. */
function lengths(
  range: Node | undefined,
  scope: Scope,
  context: LowerContext,
): { readonly least: number; readonly most: number } {
  if (!range) return { least: 1, most: 1 };
  const number = (name: string): number => {
    const node = range.child(name);
    if (!node || node.missing) throw unsupported('an edge of unbounded length', range);
    const value = context.expression(node, { row: [], names: scope.names });
    if (value.kind !== 'literal' || typeof value.value !== 'bigint')
      throw invalid('the length of an edge must be a constant whole number', node);
    return Number(value.value);
  };
  const least = number('RangeStart');
  const most = number('RangeEnd');
  if (least < 0 || most < least) throw invalid('the lengths of an edge must be from less to more', range);
  return { least, most };
}
