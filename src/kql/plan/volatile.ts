import { expressionsOf, inputsOf } from './copy.ts';
import { type Expression, VOLATILE } from './expression.ts';
import type { Relation } from './relation.ts';

/** The program that keeps the rows of a `materialize()` that would be others if they were computed again. */
export const MATERIALIZE = 'materialize';

export function isVolatile(expression: Expression): boolean {
  if (expression.kind === 'subquery') return differsEachTime(expression.input);
  return expression.kind === 'call' && (VOLATILE.has(expression.name) || expression.args.some(isVolatile));
}

/** Whether the rows differ each time they are computed. */
export function differsEachTime(relation: Relation): boolean {
  return expressionsOf(relation).some(isVolatile) || inputsOf(relation).some(differsEachTime);
}
