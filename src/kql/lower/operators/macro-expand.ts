import { invalid, unsupported } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import type { Relation } from '../../plan/relation.ts';
import type { LowerContext } from '../context.ts';
import { boundColumns } from '../context.ts';
import type { Scope } from '../scope.ts';
import { lowerStatements } from '../statements.ts';
import { combined, type Leg } from './union.ts';

/**
 * The body once for each entity of the group. Each is the query's own database, for the binder knows no other: what the
 * body reads through the entity's name is read there.
 * Source: https://learn.microsoft.com/kusto/query/macro-expand-operator
 */
export function lowerMacroExpand(node: Node, scope: Scope, context: LowerContext): Relation {
  const legs = entitiesOf(node, scope).map((_entity, i): Leg => {
    const statements = node.items('StatementList');
    const last = statements.at(-1);
    if (last?.form !== 'ExpressionStatement')
      throw invalid('`macro-expand` needs a query for each entity', node);
    const inner = lowerStatements(statements.slice(0, -1), scope, context);
    return { name: `union_arg${i}`, relation: context.relation(last.need('Expression'), inner) };
  });
  return combined(legs, boundColumns(node), undefined, context);
}

/** The databases that the group lists. */
function entitiesOf(node: Node, scope: Scope): readonly Node[] {
  const group = node.need('EntityGroup');
  const named = scope.names.get(group.simpleName);
  const written = named?.kind === 'entities' ? named.group : group;
  if (written.form !== 'EntityGroup') throw unsupported(`\`${group.text.slice(0, 60)}\``, group);
  const entities = written.items('Entities');
  for (const entity of entities)
    if (!/^database\s*\(/.test(entity.text)) throw unsupported(`\`${entity.text.slice(0, 60)}\``, entity);
  if (entities.length === 0) throw invalid('the entity group is empty', group);
  return entities;
}
