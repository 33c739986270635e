import type { Expression } from '../plan/expression.ts';
import type { Field, Relation } from '../plan/relation.ts';
import type { LowerContext } from './context.ts';

/**
 * The same relation with ids of its own, for an operator that reads its input more than once. The fields of the copy
 * stand in the order of the original's.
 */
export function freshCopy(relation: Relation, context: LowerContext): Relation {
  const ids = new Map<number, number>();
  const field = <F extends Field>(one: F): F => {
    const id = ids.get(one.id) ?? context.field(one.name, one.type).id;
    ids.set(one.id, id);
    return { ...one, id };
  };
  const expression = (one: Expression): Expression => {
    if (one.kind === 'column') return { ...one, id: ids.get(one.id) ?? one.id };
    if (one.kind === 'call') return { ...one, args: one.args.map(expression) };
    return one.kind === 'subquery' ? { ...one, input: copy(one.input) } : one;
  };
  const call = <C extends { readonly args: readonly Expression[] }>(one: C): C => ({
    ...one,
    args: one.args.map(expression),
  });
  const copy = (one: Relation): Relation => {
    const made = copied(one);
    ORIGINALS.set(made, ORIGINALS.get(one) ?? one);
    return made;
  };
  const copied = (one: Relation): Relation => {
    switch (one.kind) {
      case 'scan':
        return { ...one, fields: one.fields.map(field) };
      case 'values':
        return { ...one, fields: one.fields.map(field), rows: one.rows.map((row) => row.map(expression)) };
      case 'sequence':
        return {
          ...one,
          fields: [field(one.fields[0])],
          from: expression(one.from),
          to: expression(one.to),
          step: expression(one.step),
        };
      case 'join': {
        const sides = { left: copy(one.left), right: copy(one.right) };
        const on = one.on.map((pair) => ({ left: expression(pair.left), right: expression(pair.right) }));
        return { ...one, ...sides, on, fields: one.fields.map(field) };
      }
      case 'union':
        return { ...one, inputs: one.inputs.map(copy), fields: one.fields.map(field) };
      default:
        return copyOver(one, copy(one.input));
    }
  };
  /** The input comes first: its fields must have their new ids before anything refers to them. */
  const copyOver = (one: OverOne, input: Relation): Relation => {
    const fields = one.fields.map(field);
    switch (one.kind) {
      case 'filter':
        return { ...one, input, fields, predicate: expression(one.predicate) };
      case 'project':
        return { ...one, input, fields, expressions: one.expressions.map(expression) };
      case 'aggregate':
        return {
          ...one,
          input,
          fields,
          keys: one.keys.map(expression),
          aggregates: one.aggregates.map(call),
        };
      case 'sort':
        return {
          ...one,
          input,
          fields,
          keys: one.keys.map((key) => ({ ...key, expression: expression(key.expression) })),
        };
      case 'limit':
        return { ...one, input, fields };
      case 'limit-by':
        return { ...one, input, fields, keys: one.keys.map(expression) };
      case 'window':
        return { ...one, input, fields, calls: one.calls.map(call) };
      case 'expand':
        return { ...one, input, fields, arrays: one.arrays.map(expression) };
    }
  };
  return copy(relation);
}

const ORIGINALS = new WeakMap<Relation, Relation>();

/** What the relation is a fresh copy of, if it is one. */
export function originalOf(relation: Relation): Relation | undefined {
  return ORIGINALS.get(relation);
}

type OverOne = Exclude<Relation, { kind: 'scan' | 'values' | 'sequence' | 'join' | 'union' }>;
