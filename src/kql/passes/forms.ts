import { expressionsOf, inputsOf } from '../plan/copy.ts';
import type { Expression } from '../plan/expression.ts';
import type { Field, Relation } from '../plan/relation.ts';
import { isVolatile } from '../plan/volatile.ts';

/** Two relations of one form give the same rows, their fields in the same order, whatever their column ids. */
export type FormOf = (relation: Relation) => number;

/** Numbers the forms of a plan's relations; what is volatile, or made outside the engine, is a form of its own each time. */
export function createForms(): FormOf {
  const known = new WeakMap<Relation, number>();
  const numbers = new Map<string, number>();
  let next = 0;

  function formOf(relation: Relation): number {
    const found = known.get(relation);
    if (found !== undefined) return found;
    const form = isOnce(relation) ? next++ : numberOf(describe(relation));
    known.set(relation, form);
    return form;
  }

  function numberOf(description: string): number {
    const number = numbers.get(description) ?? next++;
    numbers.set(description, number);
    return number;
  }

  function describe(relation: Relation): string {
    const inputs = inputsOf(relation);
    const places = new Map<number, number>();
    for (const field of inputs.flatMap((input) => input.fields)) {
      if (!places.has(field.id)) places.set(field.id, places.size);
    }
    const show = (expression: Expression): string => {
      switch (expression.kind) {
        case 'column':
          return columnAt(places, expression.id);
        case 'literal':
          return JSON.stringify([expression.type, String(expression.value), expression.value === null]);
        case 'call':
          return `${JSON.stringify(expression.name)}:${expression.type}(${expression.args.map(show).join()})`;
        case 'subquery':
          return `<${formOf(expression.input)}:${expression.type}>`;
      }
    };
    const fields = relation.fields.map((field) => describeField(field, places));
    return [
      relation.kind,
      inputs.map(formOf).join(),
      fields.join(),
      expressionsOf(relation).map(show).join(),
      ownParts(relation),
    ].join('|');
  }

  return formOf;
}

function columnAt(places: ReadonlyMap<number, number>, id: number): string {
  const place = places.get(id);
  // A column of a row outside: the same only where it is the very same column.
  return place === undefined ? `@${id}` : `#${place}`;
}

function describeField(field: Field, places: ReadonlyMap<number, number>): string {
  const place = places.get(field.id);
  return place === undefined ? `${field.type}${field.nullable ? '?' : ''}` : `#${place}`;
}

/** What makes a relation, beside its inputs, fields and expressions. */
function ownParts(relation: Relation): string {
  switch (relation.kind) {
    case 'scan':
      return JSON.stringify([
        relation.table,
        relation.stored,
        relation.shared ?? false,
        relation.fields.map((field) => field.column),
      ]);
    case 'aggregate':
      return JSON.stringify([
        relation.keys.length,
        relation.aggregates.map((aggregate) => [aggregate.name, aggregate.args.length, aggregate.type]),
      ]);
    case 'join':
      return relation.join;
    case 'sort':
      return JSON.stringify(relation.keys.map((key) => [key.descending, key.nullsFirst]));
    case 'limit':
      return String(relation.count);
    case 'limit-by':
      return `${relation.count} ${relation.keys.length}`;
    case 'window':
      return JSON.stringify(relation.calls.map((call) => [call.name, call.args.length, call.type]));
    case 'expand':
      return JSON.stringify([relation.withIndex, relation.limit]);
    case 'values':
      return String(relation.rows.length);
    default:
      return '';
  }
}

function isOnce(relation: Relation): boolean {
  if (relation.kind === 'program' || relation.kind === 'external') return true;
  return expressionsOf(relation).some(isVolatile);
}
