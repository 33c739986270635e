import type { Relation } from '../../plan/relation.ts';
import { type LowerContext, refer } from '../context.ts';

/** Aggregations whose value shows in which order the rows came. */
const ORDERED: ReadonlySet<string> = new Set([
  'make_list',
  'makelist',
  'make_list_if',
  'make_list_with_nulls',
  'make_bag',
  'make_bag_if',
  'make_dictionary',
]);

export function showsOrder(calls: readonly { readonly name: string }[]): boolean {
  return calls.some(({ name }) => ORDERED.has(name));
}

/**
 * The groups of rows that the query itself writes down, in the order of their first rows, as Kusto's engine was measured
 * to give them. Rows of stored tables come in no order, so neither do their groups.
 */
export function groupsInOrder(relation: Relation, context: LowerContext): Relation {
  if (relation.kind === 'project' || relation.kind === 'filter') {
    const input = groupsInOrder(relation.input, context);
    return input === relation.input ? relation : { ...relation, input };
  }
  if (relation.kind !== 'aggregate' || relation.keys.length === 0 || !isWritten(relation.input))
    return relation;
  const first = context.field('first', 'long', false);
  const groups: Relation = {
    ...relation,
    fields: [...relation.fields, first],
    aggregates: [...relation.aggregates, { name: 'first_row', args: [], type: 'long' }],
  };
  const keys = [{ expression: refer(first), descending: false, nullsFirst: false }];
  return { kind: 'sort', input: groups, fields: groups.fields, keys };
}

function isWritten(relation: Relation): boolean {
  if (relation.kind === 'values') return true;
  return (relation.kind === 'project' || relation.kind === 'filter') && isWritten(relation.input);
}
