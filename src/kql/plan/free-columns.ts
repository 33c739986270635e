import type { Relation } from './relation.ts';

/** Whether the relation reads a column that none of its own relations makes: it then depends on a row outside. */
export function readsOutside(relation: Relation): boolean {
  const made = new Set<number>();
  const read = new Set<number>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const { id, name, kind } = value as { id?: unknown; name?: unknown; kind?: unknown };
    if (typeof id === 'number') {
      if (kind === 'column') read.add(id);
      else if (typeof name === 'string') made.add(id);
    }
    for (const member of Object.values(value)) visit(member);
  };
  visit(relation);
  return [...read].some((id) => !made.has(id));
}
