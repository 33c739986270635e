import { invalid } from '../../../diagnostics.ts';
import type { Node } from '../../../parse/node.ts';
import type { Expression } from '../../../plan/expression.ts';
import type { Field, Relation } from '../../../plan/relation.ts';
import { renumbered } from '../../../plan/renumber.ts';
import { type LowerContext, refer } from '../../context.ts';

/** A graph while lowering: plans of its nodes and edges. Each use takes copies with column ids of their own. */
export interface Graph {
  readonly nodes: NodeTable;
  readonly edges: EdgeTable;
}

export interface NodeTable {
  readonly relation: Relation;
  /** What the query sees. */
  readonly properties: readonly Field[];
  /** One text per node; in a partitioned graph with its partition. */
  readonly key: Field;
  /** The node's own id as text. */
  readonly id: Field;
  readonly degreeIn: Field;
  readonly degreeOut: Field;
}

export interface EdgeTable {
  readonly relation: Relation;
  readonly properties: readonly Field[];
  readonly sourceKey: Field;
  readonly targetKey: Field;
  readonly sourceId: Field;
  readonly targetId: Field;
}

/** Operators hand on relations; the one that stands for a graph is found here. */
const graphs = new WeakMap<Relation, Graph>();

/** The relation that stands for the graph: as a table it is the graph's edges. */
export function standFor(graph: Graph, context: LowerContext): Relation {
  const { relation, properties } = copyOfEdges(graph.edges, context);
  const shown: Relation = {
    kind: 'project',
    input: relation,
    fields: properties,
    expressions: properties.map(refer),
  };
  graphs.set(shown, graph);
  return shown;
}

export function graphOf(relation: Relation, node: Node): Graph {
  const graph = graphs.get(relation);
  if (!graph) throw invalid('a graph operator must follow `make-graph` or another graph operator', node);
  return graph;
}

export function isGraph(relation: Relation): boolean {
  return graphs.has(relation);
}

export function copyOfNodes(table: NodeTable, context: LowerContext): NodeTable {
  const relation = renumbered(table.relation, () => context.field('', 'long').id);
  const same = (field: Field): Field => at(relation, table.relation, field);
  return {
    relation,
    properties: table.properties.map(same),
    key: same(table.key),
    id: same(table.id),
    degreeIn: same(table.degreeIn),
    degreeOut: same(table.degreeOut),
  };
}

export function copyOfEdges(table: EdgeTable, context: LowerContext): EdgeTable {
  const relation = renumbered(table.relation, () => context.field('', 'long').id);
  const same = (field: Field): Field => at(relation, table.relation, field);
  return {
    relation,
    properties: table.properties.map(same),
    sourceKey: same(table.sourceKey),
    targetKey: same(table.targetKey),
    sourceId: same(table.sourceId),
    targetId: same(table.targetId),
  };
}

function at(copy: Relation, original: Relation, field: Field): Field {
  const place = original.fields.findIndex((one) => one.id === field.id);
  const found = copy.fields[place];
  if (!found) throw new Error('a table of a graph lacks a field of its own');
  return found;
}

/** A projection of new columns with fields to match. */
export function projected(
  input: Relation,
  columns: readonly { readonly field: Field; readonly value: Expression }[],
): Relation {
  return {
    kind: 'project',
    input,
    fields: columns.map(({ field }) => field),
    expressions: columns.map(({ value }) => value),
  };
}
