import { invalid } from '../../../diagnostics.ts';
import type { Node } from '../../../parse/node.ts';
import { callOf, type Expression, literal } from '../../../plan/expression.ts';
import type { AggregateCall, Field, Relation } from '../../../plan/relation.ts';
import { type LowerContext, mayBeNull, type OperatorLowering, refer, visible } from '../../context.ts';
import { findField, type Scope, withRow } from '../../scope.ts';
import { castTo } from '../values.ts';
import { copyOfEdges, type EdgeTable, type NodeTable, projected, standFor } from './graph.ts';

/**
 * Nodes are what the node tables hold and what the edges name besides; of rows with one id any values count.
 * Source: https://learn.microsoft.com/kusto/query/make-graph-operator
 */
export const lowerMakeGraph: OperatorLowering = (node, input, scope, context) => {
  const partition = node.child('PartitionedByClause');
  const partitionName = partition?.need('Entity').simpleName;
  const row = withRow(scope, input.fields);
  const [sourceNode, targetNode] = [node.need('SourceColumn'), node.need('TargetColumn')];
  const backward = node.need('DirectionToken').text.startsWith('<');
  const left = context.expression(sourceNode, row);
  const right = context.expression(targetNode, row);
  const edges = edgesOf(
    input,
    backward ? right : left,
    backward ? left : right,
    partitionName,
    node,
    context,
  );
  const nodes = nodesOf(node, edges, left.type, partitionName, scope, context);
  const relation = standFor({ nodes, edges }, context);
  if (!partition) return relation;
  return context.operator(partition.need('Subquery'), relation, scope);
};

function edgesOf(
  input: Relation,
  source: Expression,
  target: Expression,
  partition: string | undefined,
  node: Node,
  context: LowerContext,
): EdgeTable {
  const properties = visible(input.fields).filter((field) => !field.hidden);
  const part = partition === undefined ? undefined : partitionOf(properties, partition, node);
  const text = (name: string): Field => context.field(name, 'string', false);
  const sourceId = text('$source_id');
  const targetId = text('$target_id');
  const sourceKey = text('$source');
  const targetKey = text('$target');
  const partField = context.field('$partition', 'string', false);
  const relation = projected(input, [
    ...properties.map((field) => ({ field, value: refer(field) })),
    { field: sourceId, value: castTo('string', source) },
    { field: targetId, value: castTo('string', target) },
    { field: sourceKey, value: keyText(castTo('string', source), part) },
    { field: targetKey, value: keyText(castTo('string', target), part) },
    { field: partField, value: part ?? literal('string', '') },
  ]);
  return { relation, properties, sourceKey, targetKey, sourceId, targetId };
}

function partitionOf(properties: readonly Field[], name: string, node: Node): Expression {
  const field = findField(properties, name);
  if (!field) throw invalid(`the column \`${name}\` that the graph is partitioned by is missing`, node);
  return castTo('string', refer(field));
}

/** Ids of different partitions must not meet. */
function keyText(id: Expression, partition: Expression | undefined): Expression {
  return partition ? callOf('strcat', 'string', partition, literal('string', '\u0001'), id) : id;
}

interface Part {
  readonly relation: Relation;
  readonly key: Expression;
  readonly id: Expression;
  /** By column name. */
  readonly values: ReadonlyMap<string, Expression>;
}

/** All node tables and both ends of the edges, one under the other, then one row per key. */
function nodesOf(
  node: Node,
  edges: EdgeTable,
  idType: Field['type'],
  partition: string | undefined,
  scope: Scope,
  context: LowerContext,
): NodeTable {
  const clause = node.child('WithClause');
  const tables = clause?.items('TablesAndKeys') ?? [];
  const parts = tables.map((table) => nodePart(table, partition, scope, context));
  const first = tables[0]?.need('Column').simpleName;
  const idName = tables.length > 0 ? first : clause?.child('Name')?.simpleName;
  const ends = (['source', 'target'] as const).map((end): Part => {
    const copy = copyOfEdges(edges, context);
    const partField = copy.relation.fields.at(-1);
    const id = refer(end === 'source' ? copy.sourceId : copy.targetId);
    const values = new Map<string, Expression>();
    if (idName !== undefined) values.set(idName, id);
    if (partition !== undefined && partField) values.set(partition, refer(partField));
    const key = refer(end === 'source' ? copy.sourceKey : copy.targetKey);
    return { relation: copy.relation, key, id, values };
  });

  const columns = new Map<string, Field['type']>();
  if (tables.length === 0 && idName !== undefined) columns.set(idName, idType);
  for (const part of parts)
    for (const [name, value] of part.values) if (!columns.has(name)) columns.set(name, value.type);

  const names = [...columns.keys()];
  const all = [...parts, ...ends];
  const rows = stacked(all, columns, context);
  const [key, id, rank, ...cells] = rows.fields;
  if (!key || !id || !rank) throw new Error('the stacked nodes lack their own fields');
  const isFrom = (place: number): Expression =>
    callOf('==', 'bool', refer(rank), literal('long', BigInt(place)));

  const aggregates: AggregateCall[] = [{ name: 'take_any', args: [refer(id)], type: 'string' }];
  const sources: number[][] = names.map((name) =>
    all.flatMap((part, place) => (part.values.has(name) ? [place] : [])),
  );
  sources.forEach((places, c) => {
    const cell = cells[c];
    if (!cell) return;
    for (const place of places)
      aggregates.push({ name: 'take_anyif', args: [refer(cell), isFrom(place)], type: cell.type });
  });
  const targetRank = all.length - 1;
  for (const place of [targetRank, targetRank - 1])
    aggregates.push({ name: 'countif', args: [isFrom(place)], type: 'long' });

  const keyField = context.field('$key', 'string', false);
  const made = aggregates.map(({ type }, i) => context.field(`$any${i}`, type));
  const grouped: Relation = {
    kind: 'aggregate',
    input: rows,
    fields: [keyField, ...made],
    keys: [refer(key)],
    aggregates,
  };
  let taken = 1;
  const properties: { field: Field; value: Expression }[] = names.map((name, c) => {
    const own = sources[c]?.map(() => refer(made[taken++] as Field)) ?? [];
    const type = columns.get(name) ?? 'string';
    const [only] = own;
    const value = only && own.length === 1 ? only : callOf('coalesce', type, ...own);
    return { field: context.field(name, type), value };
  });
  const idField = context.field('$id', 'string', false);
  const degreeIn = context.field('$degree_in', 'long');
  const degreeOut = context.field('$degree_out', 'long');
  const outKey = context.field('$key', 'string', false);
  const relation = projected(grouped, [
    ...properties,
    { field: outKey, value: refer(keyField) },
    { field: idField, value: refer(made[0] as Field) },
    { field: degreeIn, value: refer(made[taken] as Field) },
    { field: degreeOut, value: refer(made[taken + 1] as Field) },
  ]);
  return {
    relation,
    properties: properties.map(({ field }) => field),
    key: outKey,
    id: idField,
    degreeIn,
    degreeOut,
  };
}

function nodePart(table: Node, partition: string | undefined, scope: Scope, context: LowerContext): Part {
  const relation = context.relation(table.need('Table'), { row: [], names: scope.names });
  const properties = visible(relation.fields).filter((field) => !field.hidden);
  const column = table.need('Column');
  const id = castTo('string', context.expression(column, { row: relation.fields, names: scope.names }));
  const part = partition === undefined ? undefined : partitionOf(properties, partition, table);
  const values = new Map(properties.map((field): [string, Expression] => [field.name, refer(field)]));
  return { relation, key: keyText(id, part), id, values };
}

/** Fields: key, id, which part the row is from, then the columns. */
function stacked(
  parts: readonly Part[],
  columns: ReadonlyMap<string, Field['type']>,
  context: LowerContext,
): Relation {
  const types: (readonly [string, Field['type']])[] = [
    ['$key', 'string'],
    ['$id', 'string'],
    ['$rank', 'long'],
    ...columns,
  ];
  const inputs = parts.map((part, place): Relation => {
    const values = [
      part.key,
      part.id,
      literal('long', BigInt(place)),
      ...[...columns].map(([name, type]) => castTo(type, part.values.get(name) ?? nothing(type))),
    ];
    return projected(
      part.relation,
      values.map((value, i) => ({
        field: context.field(types[i]?.[0] ?? '', value.type, mayBeNull(value)),
        value,
      })),
    );
  });
  const fields = types.map(([name, type]) => context.field(name, type));
  return { kind: 'union', inputs, fields };
}

function nothing(type: Field['type']): Expression {
  return literal(type, type === 'string' || type === 'dynamic' ? '' : null);
}
