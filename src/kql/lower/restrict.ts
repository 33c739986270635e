import { invalid } from '../diagnostics.ts';
import type { Node } from '../parse/node.ts';
import type { Binding, Scope } from './scope.ts';

/** The name under which a scope holds what may still be read; no query can write it. */
const RESTRICTION = '$restriction';

/**
 * From `restrict access to (A, B*)` on, only these tables, views and functions can be named; what a view reads inside
 * stays its own affair, for its body has the scope in which it was written.
 * Source: https://learn.microsoft.com/kusto/query/restrict-statement
 */
export function restricted(statement: Node, scope: Scope): Scope {
  const patterns = statement.items('Expressions').map(lastName).map(wildcard);
  const allows = (name: string): boolean => patterns.some((pattern) => pattern.test(name));
  const names = new Map<string, Binding>();
  for (const [name, binding] of scope.names) {
    names.set(name, binding.kind === 'scalar' || allows(name) ? binding : { kind: 'denied' });
  }
  const before = restrictionOf(scope);
  names.set(RESTRICTION, { kind: 'restriction', allows: (name) => allows(name) && before(name) });
  return { ...scope, names };
}

/** May a stored table be read under this name? */
export function restrictionOf(scope: Scope): (table: string) => boolean {
  const binding = scope.names.get(RESTRICTION);
  return binding?.kind === 'restriction' ? binding.allows : () => true;
}

/** What a name behind `database("hunting").` is looked up in: stored things alone. */
export function storedOnly(scope: Scope): Scope {
  const binding = scope.names.get(RESTRICTION);
  return { row: [], names: new Map(binding === undefined ? [] : [[RESTRICTION, binding]]) };
}

export function demandAccess(table: string, node: Node, scope: Scope): void {
  if (!restrictionOf(scope)(table)) throw invalid(`access to \`${table}\` is restricted`, node);
}

/** `database("d").T*` is about `T*`. */
function lastName(node: Node): string {
  return node.form === 'PathExpression' ? node.need('Selector').simpleName : node.simpleName;
}

function wildcard(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
