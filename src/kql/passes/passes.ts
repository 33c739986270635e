import type { Field, Relation } from '../plan/relation.ts';
import { findLatestRowsFirst } from './latest-row.ts';
import { pruneColumns } from './prune.ts';

/** A pass chooses; it never changes the schema or the rows. */
export type Pass = (relation: Relation, output: readonly Field[]) => Relation;

/** In order. */
export const PASSES: readonly Pass[] = [pruneColumns, findLatestRowsFirst, pruneColumns];

export function runPasses(relation: Relation, output: readonly Field[]): Relation {
  return PASSES.reduce((plan, pass) => pass(plan, output), relation);
}
