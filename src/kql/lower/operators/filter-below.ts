import { callOf, type Expression } from '../../plan/expression.ts';
import { readsOutside } from '../../plan/free-columns.ts';
import type { Join, Relation } from '../../plan/relation.ts';

/**
 * The rows of `input` for which `predicate` is true. What it says of the left side of an `innerunique` join alone is
 * asked before one row per key is chosen, so that a row that satisfies it is found wherever there is one: the page
 * promises that such a filter is moved there. Source: https://learn.microsoft.com/kusto/query/join-innerunique
 */
export function filtered(input: Relation, predicate: Expression): Relation {
  let below = input;
  const rest: Expression[] = [];
  for (const part of conjuncts(predicate)) {
    const next = belowUnique(below, part);
    if (next) below = next;
    else rest.push(part);
  }
  if (below === input) return { kind: 'filter', input, fields: input.fields, predicate };
  const [first, ...others] = rest;
  if (!first) return below;
  const remaining = others.reduce((left, right) => callOf('and', 'bool', left, right), first);
  return { kind: 'filter', input: below, fields: input.fields, predicate: remaining };
}

function conjuncts(predicate: Expression): Expression[] {
  if (predicate.kind !== 'call' || predicate.name !== 'and') return [predicate];
  return predicate.args.flatMap(conjuncts);
}

/** The relation with the filter below the choice of one row per key; undefined if it has no place there. */
function belowUnique(relation: Relation, predicate: Expression): Relation | undefined {
  switch (relation.kind) {
    case 'filter':
    case 'sort': {
      const input = belowUnique(relation.input, predicate);
      return input && { ...relation, input };
    }
    case 'project': {
      const same = renamed(predicate, (id) => {
        const source = relation.expressions[relation.fields.findIndex((field) => field.id === id)];
        return source?.kind === 'column' ? source : undefined;
      });
      const input = same && belowUnique(relation.input, same);
      return input && { ...relation, input };
    }
    case 'join':
      return relation.oneRowPerKey === true
        ? belowOwnChoice(relation, predicate)
        : belowSide(relation, predicate);
    default:
      return undefined;
  }
}

function belowOwnChoice(join: Join, predicate: Expression): Relation | undefined {
  const left = readsOnly(predicate, join.left) ? belowChoice(join.left, predicate) : undefined;
  return left && { ...join, left };
}

/** A filter may pass a join to the side whose rows the join does not make up. */
function belowSide(join: Join, predicate: Expression): Relation | undefined {
  const side = ['inner', 'left', 'leftsemi', 'leftanti'].includes(join.join) ? 'left' : 'right';
  if (join.join === 'full' || !readsOnly(predicate, join[side])) return undefined;
  const below = belowUnique(join[side], predicate);
  return below && { ...join, [side]: below };
}

function belowChoice(left: Relation, predicate: Expression): Relation | undefined {
  if (left.kind === 'limit-by') return { ...left, input: filtered(left.input, predicate) };
  if (left.kind !== 'project') return undefined;
  const input = belowChoice(left.input, predicate);
  return input && { ...left, input };
}

/** At least one column, and none of another relation; a predicate without columns, such as chance, stays where it is. */
function readsOnly(predicate: Expression, { fields }: Relation): boolean {
  let reads = 0;
  const known = renamed(predicate, (id) => {
    reads++;
    const field = fields.find((one) => one.id === id);
    return field && { kind: 'column', id, type: field.type, nullable: field.nullable };
  });
  return known !== undefined && reads > 0;
}

/** The expression over other columns; undefined where one has none, or where a subquery could read the row. */
function renamed(
  expression: Expression,
  column: (id: number) => Expression | undefined,
): Expression | undefined {
  switch (expression.kind) {
    case 'literal':
      return expression;
    case 'column':
      return column(expression.id);
    case 'subquery':
      return readsOutside(expression.input) ? undefined : expression;
    case 'call': {
      const args = expression.args.map((arg) => renamed(arg, column));
      return args.every((arg) => arg !== undefined) ? { ...expression, args } : undefined;
    }
  }
}
