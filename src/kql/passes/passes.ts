import { checkPlan, checkSameOutput } from '../plan/check.ts';
import type { Field, Relation } from '../plan/relation.ts';
import { findLatestRowsFirst } from './latest-row.ts';
import { pruneColumns } from './prune.ts';

/** A pass chooses; it never changes the schema or the rows. */
export type Pass = (relation: Relation, output: readonly Field[]) => Relation;

/** In order. */
export const PASSES: readonly Pass[] = [pruneColumns, findLatestRowsFirst, pruneColumns];

/** With `check`, the plan's invariants are tested before the first and after every pass. */
export function runPasses(relation: Relation, output: readonly Field[], check = false): Relation {
  if (check) checkPlan(relation);
  return PASSES.reduce((plan, pass) => {
    const next = pass(plan, output);
    if (check) {
      checkPlan(next);
      checkSameOutput(plan, next, output);
    }
    return next;
  }, relation);
}
