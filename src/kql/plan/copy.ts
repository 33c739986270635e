import { type Expression, VOLATILE } from './expression.ts';
import type { Field, Relation } from './relation.ts';

/** New column ids for a plan: greater than any id in it. */
export function freshIds(relation: Relation): () => number {
  let next = highestId(relation) + 1;
  return () => next++;
}

function highestId(relation: Relation): number {
  let highest = 0;
  const visit = (node: Relation): void => {
    for (const field of node.fields) highest = Math.max(highest, field.id);
    for (const expression of expressionsOf(node)) visitSubqueries(expression, visit);
    for (const input of inputsOf(node)) visit(input);
  };
  visit(relation);
  return highest;
}

function visitSubqueries(expression: Expression, visit: (relation: Relation) => void): void {
  if (expression.kind === 'subquery') visit(expression.input);
  if (expression.kind === 'call') for (const arg of expression.args) visitSubqueries(arg, visit);
}

export function inputsOf(relation: Relation): readonly Relation[] {
  switch (relation.kind) {
    case 'scan':
    case 'values':
    case 'sequence':
    case 'external':
      return [];
    case 'program':
      return relation.inputs;
    case 'join':
      return [relation.left, relation.right];
    case 'union':
      return relation.inputs;
    default:
      return [relation.input];
  }
}

/** The expressions that a relation itself evaluates. */
export function expressionsOf(relation: Relation): readonly Expression[] {
  switch (relation.kind) {
    case 'filter':
      return [relation.predicate];
    case 'project':
      return relation.expressions;
    case 'aggregate':
      return [...relation.keys, ...relation.aggregates.flatMap((aggregate) => aggregate.args)];
    case 'join':
      return relation.on.flatMap((pair) => [pair.left, pair.right]);
    case 'sort':
      return relation.keys.map((key) => key.expression);
    case 'limit-by':
      return relation.keys;
    case 'window':
      return relation.calls.flatMap((call) => call.args);
    case 'expand':
      return relation.arrays;
    case 'values':
      return relation.rows.flat();
    case 'sequence':
      return [relation.from, relation.to, relation.step];
    default:
      return [];
  }
}

/**
 * The same rows under new column ids, for a plan that reads them twice. Undefined for a relation that is more than
 * filters and computed columns over a stored table, or that would not give the same rows again.
 */
export function copyOfScan(
  relation: Relation,
  nextId: () => number,
): { copy: Relation; ids: ReadonlyMap<number, number> } | undefined {
  const ids = new Map<number, number>();
  const copy = copied(relation, ids, nextId);
  return copy && { copy, ids };
}

function copied(relation: Relation, ids: Map<number, number>, nextId: () => number): Relation | undefined {
  const fieldsOf = <F extends Field>(fields: readonly F[]): F[] =>
    fields.map((field) => {
      const id = ids.get(field.id) ?? nextId();
      ids.set(field.id, id);
      return { ...field, id };
    });
  if (relation.kind === 'scan') return { ...relation, fields: fieldsOf(relation.fields) };
  if (relation.kind !== 'filter' && relation.kind !== 'project') return undefined;
  const input = copied(relation.input, ids, nextId);
  const expressions = expressionsOf(relation).map((expression) => renamed(expression, ids));
  if (!input || expressions.some((expression) => expression === undefined)) return undefined;
  if (relation.kind === 'filter') {
    return { ...relation, input, fields: fieldsOf(relation.fields), predicate: expressions[0] as Expression };
  }
  return { ...relation, input, fields: fieldsOf(relation.fields), expressions: expressions as Expression[] };
}

/** The expression over the new ids; undefined if it does not give the same value twice or reads other rows. */
export function renamed(expression: Expression, ids: ReadonlyMap<number, number>): Expression | undefined {
  switch (expression.kind) {
    case 'literal':
      return expression;
    case 'column': {
      const id = ids.get(expression.id);
      return id === undefined ? undefined : { ...expression, id };
    }
    case 'call': {
      if (VOLATILE.has(expression.name)) return undefined;
      const args = expression.args.map((arg) => renamed(arg, ids));
      return args.includes(undefined) ? undefined : { ...expression, args: args as Expression[] };
    }
    case 'subquery':
      return undefined;
  }
}
