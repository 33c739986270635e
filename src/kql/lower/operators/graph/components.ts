import { invalid } from '../../../diagnostics.ts';
import { type OperatorLowering, parameterOf, refer } from '../../context.ts';
import { copyOfEdges, copyOfNodes, graphOf, projected, standFor } from './graph.ts';

/** Source: https://learn.microsoft.com/kusto/query/graph-mark-components-operator */
export const lowerMarkComponents: OperatorLowering = (node, input, _scope, context) => {
  const graph = graphOf(input, node);
  const kind = (parameterOf(node, 'kind')?.text ?? 'weak').toLowerCase();
  if (kind !== 'weak' && kind !== 'strong') throw invalid(`\`${kind}\` is no kind of component`, node);
  const name = parameterOf(node, 'with_component_id')?.simpleName ?? 'ComponentId';
  const own = copyOfNodes(graph.nodes, context);
  const edges = copyOfEdges(graph.edges, context);
  const text = (): ReturnType<typeof context.field> => context.field('', 'string', false);
  const key = context.field('$of', 'string', false);
  const component = context.field('$component', 'long');
  const found = {
    kind: 'program' as const,
    name: 'graph-mark-components',
    inputs: [
      projected(own.relation, [{ field: text(), value: refer(own.key) }]),
      projected(edges.relation, [
        { field: text(), value: refer(edges.sourceKey) },
        { field: text(), value: refer(edges.targetKey) },
      ]),
    ],
    options: { strong: kind === 'strong' },
    fields: [key, component],
  };
  const nodes = copyOfNodes(graph.nodes, context);
  const relation = {
    kind: 'join' as const,
    join: 'left' as const,
    left: nodes.relation,
    right: found,
    on: [{ left: refer(nodes.key), right: refer(key) }],
    fields: [...nodes.relation.fields, key, component],
  };
  const marked = context.field(name, 'long');
  const renamed = projected(relation, [
    ...nodes.relation.fields.map((field) => ({ field, value: refer(field) })),
    { field: marked, value: refer(component) },
  ]);
  return standFor(
    {
      nodes: { ...nodes, relation: renamed, properties: [...nodes.properties, marked] },
      edges: graph.edges,
    },
    context,
  );
};
