import { expressionsOf, freshIds, inputsOf } from '../plan/copy.ts';
import type { Expression } from '../plan/expression.ts';
import { mapInputs } from '../plan/map.ts';
import type { Field, Relation, Scan } from '../plan/relation.ts';
import { renumbered } from '../plan/renumber.ts';
import { type Plan, sharedColumn } from '../plan/shared.ts';
import { createForms, type FormOf } from './forms.ts';

/**
 * Rows that a plan makes in the same way at two places or more, mostly a `let` that is used twice, are computed once.
 * Only what groups or limits, for that gives few rows and costs much: a filtered table is read again with less effort
 * than it takes to keep its rows, and a join's rows may be too many to keep.
 */
export function shareRepeated(relation: Relation): Plan {
  const formOf = createForms();
  const nextId = freshIds(relation);
  const uses = countUses(relation, formOf);
  const made = new Map<number, Plan['definitions'][number]>();

  function visit(node: Relation): Relation {
    const form = formOf(node);
    if ((uses.get(form) ?? 0) < 2 || !isWorthKeeping(node)) return mapInputs(node, visit);
    let definition = made.get(form);
    if (definition === undefined) {
      // First its own parts, so that a definition stands behind those that it reads.
      const rows = renumbered(mapInputs(node, visit), nextId);
      definition = { name: `s${made.size}`, relation: rows, fields: rows.fields };
      made.set(form, definition);
    }
    return scanOf(definition, node.fields);
  }

  const main = visit(relation);
  return { definitions: [...made.values()], relation: main };
}

/** How often each form is read, parts of a repeated form counted once: they are computed once with it. */
function countUses(relation: Relation, formOf: FormOf): ReadonlyMap<number, number> {
  const uses = new Map<number, number>();
  const visit = (node: Relation): void => {
    const form = formOf(node);
    const seen = uses.get(form) ?? 0;
    uses.set(form, seen + 1);
    if (seen > 0) return;
    for (const input of inputsOf(node)) visit(input);
    for (const expression of expressionsOf(node)) visitSubqueries(expression, visit);
  };
  visit(relation);
  return uses;
}

function visitSubqueries(expression: Expression, visit: (relation: Relation) => void): void {
  if (expression.kind === 'subquery') visit(expression.input);
  if (expression.kind === 'call') for (const arg of expression.args) visitSubqueries(arg, visit);
}

/** Rows in an order are not kept: whoever reads them may count on it. */
function isWorthKeeping(relation: Relation): boolean {
  return givesFew(relation) && !isSorted(relation);
}

function isSorted(relation: Relation): boolean {
  switch (relation.kind) {
    case 'sort':
      return true;
    case 'filter':
    case 'project':
    case 'limit':
    case 'limit-by':
      return isSorted(relation.input);
    default:
      return false;
  }
}

function givesFew(relation: Relation): boolean {
  switch (relation.kind) {
    case 'aggregate':
    case 'limit':
    case 'limit-by':
      return readsStored(relation);
    case 'filter':
    case 'project':
      return givesFew(relation.input);
    default:
      return false;
  }
}

/** Rows of constants cost nothing to make again. */
function readsStored(relation: Relation): boolean {
  if (relation.kind === 'scan') return relation.stored;
  return inputsOf(relation).some(readsStored);
}

function scanOf(definition: Plan['definitions'][number], fields: readonly Field[]): Scan {
  return {
    kind: 'scan',
    table: definition.name,
    stored: true,
    shared: true,
    fields: fields.map((field, i) => ({
      ...field,
      column: sharedColumn(definition.fields[i] as Field),
      indexes: [],
    })),
  };
}
