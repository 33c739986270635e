import { unsupported } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import { type Expression, literal } from '../../plan/expression.ts';
import type { Field, Relation } from '../../plan/relation.ts';
import { renumbered } from '../../plan/renumber.ts';
import { boundColumns, type LowerContext, type OperatorLowering, refer } from '../context.ts';
import { namedExpressions } from '../named.ts';
import { type Scope, withRow } from '../scope.ts';
import { countOf } from './rows.ts';
import { summarized, summarizedBy } from './summarize.ts';
import { castTo } from './values.ts';

/** One `top-nested N of value by aggregation`. */
interface Level {
  readonly of: Node;
  readonly by: Node;
  readonly descending: boolean;
  /** Undefined: all values. */
  readonly count: number | undefined;
  /** What stands for the values that are not among the top; undefined: nothing does. */
  readonly others: Expression | undefined;
  readonly value: Column;
  readonly aggregate: Column;
}

type Column = ReturnType<typeof boundColumns>[number];

/** The best paths so far: for each level its value and its aggregation. */
interface Best {
  readonly relation: Relation;
  readonly values: readonly Field[];
  readonly aggregates: readonly Field[];
}

/**
 * Each level keeps the best values within the values of the level above; its aggregation is over all rows below them.
 * `with others` adds what is left: see `remainder`.
 * Source: https://learn.microsoft.com/kusto/query/top-nested-operator
 */
export const lowerTopNested: OperatorLowering = (node, input, scope, context) => {
  const columns = boundColumns(node);
  const levels = node
    .items('Clauses')
    .map((clause, i) => levelOf(clause, columns[2 * i], columns[2 * i + 1], scope, context));
  const copy = (relation: Relation): Relation => renumbered(relation, () => context.field('', 'long').id);
  const none: Best = { relation: input, values: [], aggregates: [] };
  let best = none;
  const left: Relation[] = [];
  levels.forEach((level, k) => {
    const source = k === 0 ? input : copy(input);
    const above = best;
    best = bestWithin(source, levels.slice(0, k + 1), above, scope, context);
    const filled = levels.slice(k).some(({ others }) => others !== undefined);
    if (filled && level.count !== undefined)
      left.unshift(
        remainder(copy(input), levels, k, copied(above, copy), copied(best, copy), scope, context),
      );
  });
  if (best === none) throw unsupported('`top-nested` without a level', node);
  const outputs = levels.flatMap((_, i) => [best.values[i] as Field, best.aggregates[i] as Field]);
  const fields = outputs.map((field, i) =>
    context.field(columns[i]?.name ?? field.name, field.type, field.nullable || left.length > 0),
  );
  const top: Relation = { kind: 'project', input: best.relation, fields, expressions: outputs.map(refer) };
  if (left.length === 0) return top;
  const all = fields.map((field) => context.field(field.name, field.type, field.nullable));
  return { kind: 'union', inputs: [top, ...left], fields: all };
};

function levelOf(
  clause: Node,
  value: Column | undefined,
  aggregate: Column | undefined,
  scope: Scope,
  context: LowerContext,
): Level {
  if (!value || !aggregate) throw new Error('top-nested has more results than the binder has columns');
  const { value: by, descending } = ordered(clause.need('ByExpression'));
  const count = clause.child('Expression');
  const others = clause.child('WithOthersClause')?.need('Expression');
  return {
    of: clause.need('OfExpression'),
    by,
    descending,
    count: count && !count.missing ? countOf(count, scope, context) : undefined,
    others: others && castTo(value.type, context.expression(others, { row: [], names: scope.names })),
    value,
    aggregate,
  };
}

function bestWithin(
  source: Relation,
  levels: readonly Level[],
  above: Best,
  scope: Scope,
  context: LowerContext,
): Best {
  const level = levels.at(-1) as Level;
  const names = [...levels.map(({ value }) => value), level.aggregate];
  const groups = summarized(
    levels.map(({ of }) => of),
    [level.by],
    source,
    names,
    scope,
    context,
  );
  const keys = groups.fields.slice(0, levels.length);
  const aggregate = groups.fields[levels.length] as Field;
  const joined: Relation =
    above.values.length === 0
      ? groups
      : {
          kind: 'join',
          join: 'inner',
          left: groups,
          right: above.relation,
          on: above.values.map((parent, i) => ({ left: refer(keys[i] as Field), right: refer(parent) })),
          fields: [...groups.fields, ...above.relation.fields],
        };
  const sorted: Relation = {
    kind: 'sort',
    input: joined,
    fields: joined.fields,
    keys: [{ expression: refer(aggregate), descending: level.descending, nullsFirst: false }],
  };
  return {
    relation: level.count === undefined ? sorted : cut(sorted, level.count, above.values),
    values: [...above.values, keys.at(-1) as Field],
    aggregates: [...above.aggregates, aggregate],
  };
}

/**
 * One row for each best path `above` level `k` with what its level `k` leaves out: from that level on, each level with
 * `others` shows its constant and its aggregation over all those rows, the others show nothing.
 */
function remainder(
  source: Relation,
  levels: readonly Level[],
  k: number,
  above: Best,
  best: Best,
  scope: Scope,
  context: LowerContext,
): Relation {
  const row = withRow(scope, source.fields);
  const path = namedExpressions(
    levels.slice(0, k + 1).map(({ of }) => of),
    row,
    context,
  );
  const leftOut: Relation = {
    kind: 'join',
    join: 'leftanti',
    left: source,
    right: narrowed(best.relation, best.values),
    on: best.values.map((value, i) => ({ left: path[i] as Expression, right: refer(value) })),
    fields: source.fields,
  };
  // Without names, so that the aggregations read the rows' own columns.
  const parents = [...above.values, ...above.aggregates];
  const kept = parents.map(({ type, nullable }) => context.field('', type, nullable));
  const inside: Relation =
    k === 0
      ? leftOut
      : {
          kind: 'join',
          join: 'inner',
          left: leftOut,
          right: { kind: 'project', input: above.relation, fields: kept, expressions: parents.map(refer) },
          on: above.values.map((_, i) => ({ left: path[i] as Expression, right: refer(kept[i] as Field) })),
          fields: [...leftOut.fields, ...kept],
        };
  const shown = levels.slice(k).filter(({ others }) => others !== undefined);
  // A key even at the top level: where nothing is left there is no row.
  const keys: Expression[] = k === 0 ? [literal('long', 0n)] : kept.map(refer);
  const keyColumns = keys.map(({ type }) => ({ name: '', type }));
  const groups = summarizedBy(
    keys,
    [],
    shown.map(({ by }) => by),
    inside,
    [...keyColumns, ...shown.map(({ aggregate }) => aggregate)],
    scope,
    context,
  );
  const aggregates = groups.fields.slice(keys.length);
  const cells = levels.flatMap(({ others, value, aggregate }, i): Expression[] => {
    if (i < k) return [refer(groups.fields[i] as Field), refer(groups.fields[k + i] as Field)];
    if (others === undefined) return [nothing(value.type), nothing(aggregate.type)];
    return [others, refer(aggregates[shown.indexOf(levels[i] as Level)] as Field)];
  });
  const fields = levels
    .flatMap(({ value, aggregate }) => [value, aggregate])
    .map(({ name, type }) => context.field(name, type));
  return { kind: 'project', input: groups, fields, expressions: cells };
}

/** The same rows under ids of their own. */
function copied({ relation, values, aggregates }: Best, copy: (relation: Relation) => Relation): Best {
  const next = copy(relation);
  const moved = (field: Field): Field =>
    next.fields[relation.fields.findIndex(({ id }) => id === field.id)] as Field;
  return { relation: next, values: values.map(moved), aggregates: aggregates.map(moved) };
}

function narrowed(input: Relation, fields: readonly Field[]): Relation {
  return { kind: 'project', input, fields, expressions: fields.map(refer) };
}

function nothing(type: Column['type']): Expression {
  return literal(type, type === 'string' || type === 'dynamic' ? '' : null);
}

function cut(input: Relation, count: number, parents: readonly Field[]): Relation {
  return parents.length === 0
    ? { kind: 'limit', input, fields: input.fields, count }
    : { kind: 'limit-by', input, fields: input.fields, keys: parents.map(refer), count };
}

/** `sum(x) asc` without the direction; descending is the rule. */
function ordered(node: Node): { value: Node; descending: boolean } {
  if (node.form !== 'OrderedExpression') return { value: node, descending: true };
  const direction = node.need('Ordering').child('AscOrDescKeyword');
  return {
    value: node.need('Expression'),
    descending: !(direction && !direction.missing && direction.text === 'asc'),
  };
}
