import type { Relation } from './relation.ts';

/** The same relation with new column ids, so that it can stand in a plan a second time. Outer ids stay. */
export function renumbered(relation: Relation, nextId: () => number): Relation {
  const ids = new Map<number, number>();
  declare(relation, ids, nextId);
  return copy(relation, ids) as Relation;
}

/** Gives a new id to every field in the tree; what is no field refers to one of them, or to a column outside. */
function declare(value: unknown, ids: Map<number, number>, nextId: () => number): void {
  if (Array.isArray(value)) for (const item of value) declare(item, ids, nextId);
  if (!isRecord(value)) return;
  const { id } = value;
  if (typeof id === 'number' && typeof value['name'] === 'string' && !ids.has(id)) ids.set(id, nextId());
  for (const member of Object.values(value)) declare(member, ids, nextId);
}

function copy(value: unknown, ids: ReadonlyMap<number, number>): unknown {
  if (Array.isArray(value)) return value.map((item) => copy(item, ids));
  if (!isRecord(value)) return value;
  const copied = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copy(member, ids)]));
  const { id } = value;
  const made = typeof id === 'number' ? { ...copied, id: ids.get(id) ?? id } : copied;
  ORIGINALS.set(made, ORIGINALS.get(value) ?? value);
  return made;
}

const ORIGINALS = new WeakMap<object, object>();

/** True where the relation is a renumbered copy of the other. */
export function isCopyOf(relation: Relation, original: Relation): boolean {
  return ORIGINALS.get(relation) === original;
}

function isRecord(value: unknown): value is Record<string, unknown> & { readonly id?: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
