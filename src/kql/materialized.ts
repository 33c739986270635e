import { expressionsOf, inputsOf } from './plan/copy.ts';
import type { Expression } from './plan/expression.ts';
import { mapRelations } from './plan/map.ts';
import type { Program, Relation } from './plan/relation.ts';
import { stageKey } from './plan/stage-key.ts';
import { MATERIALIZE } from './plan/volatile.ts';

/**
 * Rows that only one place of the results reads need not be kept: they are made where they are read, and only what is
 * read twice passes a program, so that both places see the same rows.
 */
export function keptIfRepeated(results: readonly Relation[]): Relation[] {
  const uses = new Map<string, number>();
  const visit = (relation: Relation): void => {
    if (isMaterialize(relation)) {
      const key = keyOf(relation);
      uses.set(key, (uses.get(key) ?? 0) + 1);
    }
    inputsOf(relation).forEach(visit);
    for (const expression of expressionsOf(relation)) inSubqueries(expression, visit);
  };
  results.forEach(visit);
  if (uses.size === 0) return [...results];
  return results.map((result) =>
    mapRelations(result, (relation) => {
      const [input] = isMaterialize(relation) ? relation.inputs : [];
      if (!input || !isMaterialize(relation) || (uses.get(keyOf(relation)) ?? 0) > 1) return relation;
      const { fields } = relation;
      const expressions = input.fields.map(
        ({ id, type, nullable }): Expression => ({ kind: 'column', id, type, nullable }),
      );
      return { kind: 'project', input, fields, expressions };
    }),
  );
}

function isMaterialize(relation: Relation): relation is Program {
  return relation.kind === 'program' && relation.name === MATERIALIZE;
}

function keyOf({ inputs, options }: Program): string {
  return stageKey(MATERIALIZE, inputs, options);
}

function inSubqueries(expression: Expression, visit: (relation: Relation) => void): void {
  if (expression.kind === 'subquery') visit(expression.input);
  if (expression.kind === 'call') for (const arg of expression.args) inSubqueries(arg, visit);
}
