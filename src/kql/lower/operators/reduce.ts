import { invalid } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import type { Relation } from '../../plan/relation.ts';
import { renumbered } from '../../plan/renumber.ts';
import { type LowerContext, type OperatorLowering, parameterOf, refer, visible } from '../context.ts';
import { type Scope, withRow } from '../scope.ts';
import { castTo } from './values.ts';

/** Source: https://learn.microsoft.com/kusto/query/reduce-operator */
export const lowerReduce: OperatorLowering = (node, input, scope, context) => {
  const text = castTo('string', context.expression(node.need('Expression'), withRow(scope, input.fields)));
  const kind = parameterOf(node, 'kind')?.text.toLowerCase();
  if (kind !== undefined && kind !== 'source') throw invalid(`\`${kind}\` is no kind of \`reduce\``, node);
  const key = context.field('text', 'string');
  const counted: Relation = {
    kind: 'aggregate',
    input,
    fields: [key, context.field('count', 'long', false)],
    keys: [text],
    aggregates: [{ name: 'count', args: [], type: 'long' }],
  };
  const options = { ...withOptions(node, scope, context), perText: kind === 'source' };
  const fields = [
    context.field('Pattern', 'string'),
    context.field('Count', 'long', false),
    context.field('Representative', 'string'),
  ];
  if (kind !== 'source') return { kind: 'program', name: 'reduce', inputs: [counted], options, fields };
  const of = context.field('of', 'string');
  const patterns: Relation = {
    kind: 'program',
    name: 'reduce',
    inputs: [counted],
    options,
    fields: [of, ...fields],
  };
  const own = visible(input.fields);
  const again = renumbered(input, () => context.field('', 'long').id);
  const joined: Relation = {
    kind: 'join',
    join: 'left',
    left: again,
    right: patterns,
    on: [
      {
        left: castTo('string', context.expression(node.need('Expression'), withRow(scope, again.fields))),
        right: refer(of),
      },
    ],
    fields: [...again.fields, of, ...fields],
  };
  const shown = [
    ...again.fields.filter((_, i) => own.some((field) => field.id === input.fields[i]?.id)),
    ...fields,
  ];
  return { kind: 'project', input: joined, fields: shown, expressions: shown.map(refer) };
};

function withOptions(
  node: Node,
  scope: Scope,
  context: LowerContext,
): { readonly threshold: number; readonly characters: string } {
  const clause = node.child('With');
  const given = (name: string): Node | undefined =>
    clause
      ?.items('Parameters')
      .find((one) => one.child('Name')?.simpleName === name)
      ?.child('Expression');
  const constant = (name: string): unknown => {
    const value = given(name);
    const found = value && context.expression(value, { row: [], names: scope.names });
    if (found && found.kind !== 'literal') throw invalid(`\`${name}\` must be a constant`, value ?? node);
    return found?.kind === 'literal' ? found.value : undefined;
  };
  const threshold = Number(constant('threshold') ?? 0.1);
  if (!(threshold > 0 && threshold <= 1)) throw invalid('`threshold` must lie between 0 and 1', node);
  return { threshold, characters: String(constant('characters') ?? '') };
}
