import { invalid } from '../../../diagnostics.ts';
import type { Node } from '../../../parse/node.ts';
import { callOf, type Expression } from '../../../plan/expression.ts';
import type { Field, Relation } from '../../../plan/relation.ts';
import { type LowerContext, type OperatorLowering, refer } from '../../context.ts';
import { copies } from '../../functions.ts';
import { copyOfEdges, copyOfNodes, graphOf, projected } from './graph.ts';

/**
 * The graph's nodes or edges as a table; of several the first is the answer, and `as` names each for what follows.
 * Ids are the hashes of the nodes' ids. Source: https://learn.microsoft.com/kusto/query/graph-to-table-operator
 */
export const lowerGraphToTable: OperatorLowering = (node, input, _scope, context) => {
  const graph = graphOf(input, node);
  const tables = node.items('OutputClause').map((clause) => {
    const isNodes = clause.need('EntityKeyword').text === 'nodes';
    const table = isNodes ? nodesTable(clause, graph, context) : edgesTable(clause, graph, context);
    const name = clause.child('AsClause')?.child('Name')?.simpleName;
    if (name !== undefined) {
      const copy = copies(table, context);
      copy();
      context.named.set(name, copy);
    }
    return table;
  });
  const [first] = tables;
  if (!first) throw invalid('`graph-to-table` needs `nodes` or `edges`', node);
  if (tables.length > 1) context.warnings.push('`graph-to-table` answers its first table only');
  return first;
};

/** Whether a statement only gives names: every table that it makes of a graph has one. */
export function namesTables(expression: Node): boolean {
  const operator = expression.form === 'PipeExpression' ? expression.need('Operator') : undefined;
  if (operator?.form !== 'GraphToTableOperator') return false;
  return operator.items('OutputClause').every((clause) => clause.child('AsClause') !== undefined);
}

function nodesTable(clause: Node, graph: ReturnType<typeof graphOf>, context: LowerContext): Relation {
  const { relation, properties, id } = copyOfNodes(graph.nodes, context);
  return shown(relation, properties, [[clauseName(clause, 'with_node_id'), id]], context);
}

function edgesTable(clause: Node, graph: ReturnType<typeof graphOf>, context: LowerContext): Relation {
  const { relation, properties, sourceId, targetId } = copyOfEdges(graph.edges, context);
  const ids: [string | undefined, Field][] = [
    [clauseName(clause, 'with_source_id'), sourceId],
    [clauseName(clause, 'with_target_id'), targetId],
  ];
  return shown(relation, properties, ids, context);
}

function shown(
  relation: Relation,
  properties: readonly Field[],
  ids: readonly (readonly [string | undefined, Field])[],
  context: LowerContext,
): Relation {
  const hashes = ids.flatMap(([name, id]): { field: Field; value: Expression }[] =>
    name === undefined
      ? []
      : [{ field: context.field(name, 'long'), value: callOf('hash_xxhash64', 'long', refer(id)) }],
  );
  return projected(relation, [
    ...hashes,
    ...properties.map((field) => ({
      field: context.field(field.name, field.type, field.nullable),
      value: refer(field),
    })),
  ]);
}

function clauseName(clause: Node, parameter: string): string | undefined {
  const found = clause.items('Parameters').find((one) => one.child('Name')?.simpleName === parameter);
  return found?.child('Expression')?.simpleName;
}
