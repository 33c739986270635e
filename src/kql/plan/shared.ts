import type { Field, Relation } from './relation.ts';

/** A whole statement's plan: `relation`, and the rows that it reads more than once. */
export interface Plan {
  /** In the order in which they may read each other. */
  readonly definitions: readonly Definition[];
  readonly relation: Relation;
}

/** Rows that are computed once: scans with `shared` read them by `name`, each column by the `column` of its id. */
export interface Definition {
  readonly name: string;
  readonly relation: Relation;
  /** The columns that anything reads. */
  readonly fields: readonly Field[];
}

export function alone(relation: Relation): Plan {
  return { definitions: [], relation };
}

/** The name of a field in the scans of its definition. */
export function sharedColumn(field: Field): string {
  return `c${field.id}`;
}
