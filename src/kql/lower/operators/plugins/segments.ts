import { invalid } from '../../../diagnostics.ts';
import type { Node } from '../../../parse/node.ts';
import { callOf, type Expression, literal } from '../../../plan/expression.ts';
import type { Field, Relation } from '../../../plan/relation.ts';
import { boundColumns, type LowerContext, mayBeNull, refer, visible } from '../../context.ts';
import { unnamed } from '../../named.ts';
import { findField, type Scope, withRow } from '../../scope.ts';
import { castTo } from '../values.ts';
import type { Plugin } from './plugin.ts';
import { parameterRow, programAnswer } from './timeline.ts';

/** `([threshold, weightColumn, maxDimensions, wildcards...])`. Source: .../kusto/query/basket-plugin */
export const lowerBasket: Plugin = (node, args, input, scope, context) => {
  const given = new Arguments(args, scope, context);
  const options = {
    threshold: given.number(0, 0.05, 0.015, 1),
    maxDimensions: given.number(2, 5, 1, 1000),
  };
  return segments('basket', given.column(1), args.slice(3), undefined, 3, options, node, input, given);
};

/** `([sizeWeight, weightColumn, seeds, wildcards...])`. Source: .../kusto/query/autocluster-plugin */
export const lowerAutocluster: Plugin = (node, args, input, scope, context) => {
  const given = new Arguments(args, scope, context);
  const options = { sizeWeight: given.number(0, 0.5, 0, 1), seeds: given.number(2, 25, 1, 1000) };
  return segments('autocluster', given.column(1), args.slice(3), undefined, 3, options, node, input, given);
};

/**
 * `(split, a, b [, weightColumn, threshold, maxDimensions, wildcards...])`: rows of neither value are left out.
 * Source: https://learn.microsoft.com/kusto/query/diffpatterns-plugin
 */
export const lowerDiffPatterns: Plugin = (node, args, input, scope, context) => {
  const given = new Arguments(args, scope, context);
  const options = {
    threshold: given.number(4, 0.05, 0.015, 1),
    maxDimensions: given.number(5, 5, 1, 1000),
  };
  const [split, a, b] = args.map((arg) => context.expression(unnamed(arg), withRow(scope, input.fields)));
  if (!split || !a || !b) throw new Error('the binder let `diffpatterns` without its split pass');
  const value = castTo('string', split);
  const isA = callOf('==', 'bool', value, castTo('string', a));
  const isB = callOf('==', 'bool', value, castTo('string', b));
  const rows: Relation = {
    kind: 'filter',
    input,
    fields: input.fields,
    predicate: callOf('or', 'bool', isA, isB),
  };
  const sets = { isA, split: split.kind === 'column' ? split.id : -1 };
  return segments('diffpatterns', given.column(3), args.slice(6), sets, 6, options, node, rows, given);
};

/** The distinct rows with their weight go to the program, and one row of wildcards. */
function segments(
  name: string,
  weight: string | undefined,
  wildcardArgs: readonly Node[],
  sets: { readonly isA: Expression; readonly split: number } | undefined,
  ownColumns: number,
  options: Readonly<Record<string, number>>,
  node: Node,
  input: Relation,
  given: Arguments,
): Relation {
  const { context } = given;
  const attributes = boundColumns(node)
    .slice(ownColumns)
    .map(({ name: column }) => findField(visible(input.fields), column))
    .filter((field) => field !== undefined);
  const weightField = weight === undefined ? undefined : findField(visible(input.fields), weight);
  // A split column and a weight say nothing about the rows; they show as wildcards.
  const isOpen = (field: Field): boolean => field.id === sets?.split || field.id === weightField?.id;
  const keys = [
    ...(sets ? [sets.isA] : []),
    ...attributes.map((field) => (isOpen(field) ? literal(field.type, emptyOf(field)) : refer(field))),
  ];
  const grouped: Relation = {
    kind: 'aggregate',
    input,
    fields: [
      ...keys.map((key, i) => context.field(`k${i}`, key.type, mayBeNull(key))),
      context.field('weight', 'real'),
    ],
    keys,
    aggregates: [
      weightField
        ? { name: 'sum', args: [castTo('real', refer(weightField))], type: 'real' }
        : { name: 'count', args: [], type: 'long' },
    ],
  };
  const counted: Relation = weightField
    ? grouped
    : { ...grouped, fields: [...grouped.fields.slice(0, -1), context.field('weight', 'long', false)] };
  const chosen = wildcardArgs.map((arg) => given.constant(arg));
  const wildcards = attributes.map((field): Expression => {
    const own = chosen.find((value) => value.type === field.type && value.value !== '~');
    return own ?? literal(field.type, emptyOf(field));
  });
  const open = attributes.flatMap((field, i) => (isOpen(field) ? [i] : []));
  const inputs = [counted, parameterRow(wildcards, context)];
  return programAnswer(name, inputs, { ...options, open }, node, context);
}

function emptyOf(field: Field): '' | null {
  return field.type === 'string' || field.type === 'dynamic' ? '' : null;
}

/** Arguments by place; `'~'` leaves one at its default. */
class Arguments {
  readonly context: LowerContext;
  readonly #args: readonly Node[];
  readonly #scope: Scope;

  constructor(args: readonly Node[], scope: Scope, context: LowerContext) {
    this.context = context;
    this.#args = args;
    this.#scope = scope;
  }

  constant(arg: Node): Expression & { kind: 'literal' } {
    const value = this.context.expression(unnamed(arg), { row: [], names: this.#scope.names });
    if (value.kind === 'call' && value.args.length === 1) {
      const inner = value.args[0];
      if (inner?.kind === 'literal' && inner.value !== null) return { ...inner, type: value.type };
    }
    if (value.kind !== 'literal') throw invalid('the value must be a constant', arg);
    return value;
  }

  number(place: number, fallback: number, least: number, most: number): number {
    const arg = this.#args[place];
    if (!arg) return fallback;
    const { value } = this.constant(arg);
    if (value === '~') return fallback;
    const number = Number(value);
    if (value === null || !(number >= least && number <= most))
      throw invalid(`the value must lie between ${least} and ${most}`, arg);
    return number;
  }

  /** The name of a column; undefined where there is none or `'~'`. */
  column(place: number): string | undefined {
    const arg = this.#args[place];
    return arg?.form === 'NameReference' ? arg.simpleName : undefined;
  }
}
