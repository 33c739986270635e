import { checkPlan, checkSameOutput } from '../plan/check.ts';
import { expressionsOf, inputsOf } from '../plan/copy.ts';
import type { Expression } from '../plan/expression.ts';
import type { Field, Relation } from '../plan/relation.ts';
import { type Definition, type Plan, sharedColumn } from '../plan/shared.ts';
import { findLatestRowsFirst } from './latest-row.ts';
import { partitionWindows } from './partition-windows.ts';
import { pruneColumns } from './prune.ts';
import { shareRepeated } from './share.ts';

/** A pass chooses; it never changes the schema or the rows. */
export type Pass = (relation: Relation, output: readonly Field[]) => Relation;

/** In order. */
const PASSES: readonly Pass[] = [pruneColumns, findLatestRowsFirst, pruneColumns, partitionWindows];

/**
 * The plan of a statement, as fast as we can make it. With `check`, the plan's invariants are tested before the first
 * and after every pass.
 */
export function optimize(relation: Relation, output: readonly Field[], check = false): Plan {
  if (check) checkPlan(relation);
  const shared = shareRepeated(relation);
  const main = runPasses(shared.relation, output, check);
  const read = new Set<string>();
  collectReads(main, read);
  const definitions: Definition[] = [];
  // A definition is read by those behind it: from the last to the first, each knows its readers.
  for (const definition of [...shared.definitions].reverse()) {
    const wanted = definition.fields.filter((field) => read.has(`${definition.name}.${sharedColumn(field)}`));
    const fields = wanted.length > 0 ? wanted : definition.fields.slice(0, 1);
    const rows = runPasses(definition.relation, fields, check);
    collectReads(rows, read);
    definitions.unshift({ name: definition.name, relation: rows, fields });
  }
  return { definitions, relation: main };
}

function runPasses(relation: Relation, output: readonly Field[], check: boolean): Relation {
  return PASSES.reduce((plan, pass) => {
    const next = pass(plan, output);
    if (check) {
      checkPlan(next);
      checkSameOutput(plan, next, output);
    }
    return next;
  }, relation);
}

/** Every column of a definition that the relation reads, as `name.column`. */
function collectReads(relation: Relation, read: Set<string>): void {
  if (relation.kind === 'scan' && relation.shared) {
    for (const field of relation.fields) read.add(`${relation.table}.${field.column}`);
  }
  for (const input of inputsOf(relation)) collectReads(input, read);
  for (const expression of expressionsOf(relation)) inSubqueries(expression, read);
}

function inSubqueries(expression: Expression, read: Set<string>): void {
  if (expression.kind === 'subquery') collectReads(expression.input, read);
  if (expression.kind === 'call') for (const arg of expression.args) inSubqueries(arg, read);
}
