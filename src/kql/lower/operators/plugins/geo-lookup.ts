import { invalid } from '../../../diagnostics.ts';
import type { Node } from '../../../parse/node.ts';
import { callOf, type Expression } from '../../../plan/expression.ts';
import type { Field, Join, Relation } from '../../../plan/relation.ts';
import { boundColumns, type LowerContext, mayBeNull, refer, visible } from '../../context.ts';
import { findField, withRow } from '../../scope.ts';
import { castTo } from '../values.ts';
import type { Plugin } from './plugin.ts';

/** Names of the arguments after the lookup table, its key, and the two coordinates. */
const OPTIONS: Readonly<Record<'line' | 'polygon', readonly string[]>> = {
  line: ['radius', 'return_unmatched', 'lookup_area_radius', 'return_lookup_key'],
  polygon: ['radius', 'return_unmatched', 'lookup_area_radius', 'return_lookup_key'],
};

/** Source: https://learn.microsoft.com/kusto/query/geo-line-lookup-plugin */
export const lowerGeoLineLookup: Plugin = lookup('line');

/** Source: https://learn.microsoft.com/kusto/query/geo-polygon-lookup-plugin */
export const lowerGeoPolygonLookup: Plugin = lookup('polygon');

/**
 * Rows joined to the lines or polygons near them: a program finds the pairs of distinct points and shapes, two joins
 * bring the rows of both sides back.
 */
function lookup(kind: 'line' | 'polygon'): Plugin {
  return (node, args, left, scope, context) => {
    const [table, key, longitude, latitude, ...rest] = args;
    if (!table || !key || !longitude || !latitude)
      throw invalid('a lookup needs a table and three columns', node);
    const outer = { row: [], names: scope.names };
    const right = context.relation(table, outer);
    const shape = findField(right.fields, key.simpleName);
    if (!shape) throw invalid(`\`${key.text}\` is not a column of the lookup table`, key);
    const options = optionsOf(kind, rest, (value) => context.expression(value, outer));
    const row = withRow(scope, left.fields);
    const place = [longitude, latitude].map((node_) => castTo('real', context.expression(node_, row)));
    const text = callOf('tostring', 'string', refer(shape));

    const pairs: Relation = {
      kind: 'program',
      name: 'geo_lookup',
      inputs: [distinct(left, place, context), distinct(right, [text], context)],
      options: { kind, radius: options.radius },
      fields: [
        context.field('lon', 'real'),
        context.field('lat', 'real'),
        context.field('shape', 'string', false),
      ],
    };
    const join: Join['join'] = options.unmatched ? 'left' : 'inner';
    const near = joined(join, left, pairs, place, pairs.fields.slice(0, 2));
    const keyed = withField(right, text, context);
    const whole = joined(join, near, keyed, pairs.fields.slice(2).map(refer), keyed.fields.slice(-1));
    const fields = [
      ...visible(left.fields),
      ...visible(right.fields).filter((field) => options.key || field.id !== shape.id),
    ];
    const columns = boundColumns(node);
    return {
      kind: 'project',
      input: whole,
      fields: fields.map((field, i) => context.field(columns[i]?.name ?? field.name, field.type)),
      expressions: fields.map(refer),
    };
  };
}

function optionsOf(
  kind: 'line' | 'polygon',
  args: readonly Node[],
  evaluate: (node: Node) => Expression,
): { readonly radius: number; readonly unmatched: boolean; readonly key: boolean } {
  const given = new Map<string, unknown>();
  args.forEach((arg, at) => {
    const isNamed = arg.form === 'SimpleNamedExpression';
    const name = isNamed ? arg.need('Name').simpleName : (OPTIONS[kind][at] ?? '');
    const value = castTo(
      name.startsWith('return') ? 'bool' : 'real',
      evaluate(isNamed ? arg.need('Expression') : arg),
    );
    if (value.kind !== 'literal') throw invalid(`\`${name}\` must be a constant`, arg);
    given.set(name.toLowerCase(), value.value);
  });
  const radius = Number(given.get('radius') ?? 0);
  return {
    radius,
    unmatched: given.get('return_unmatched') === true,
    key: given.get('return_lookup_key') === true,
  };
}

function distinct(input: Relation, keys: readonly Expression[], context: LowerContext): Relation {
  const fields = keys.map((key, i) => context.field(`k${i}`, key.type, mayBeNull(key)));
  return { kind: 'aggregate', input, fields, keys: [...keys], aggregates: [] };
}

function withField(input: Relation, expression: Expression, context: LowerContext): Relation {
  const fields = visible(input.fields);
  const added = context.field('$shape', expression.type, mayBeNull(expression));
  return {
    kind: 'project',
    input,
    fields: [...fields, added],
    expressions: [...fields.map(refer), expression],
  };
}

function joined(
  join: Join['join'],
  left: Relation,
  right: Relation,
  keys: readonly Expression[],
  fields: readonly Field[],
): Relation {
  return {
    kind: 'join',
    join,
    left,
    right,
    on: keys.map((key, i) => ({ left: key, right: refer(fields[i] as Field) })),
    fields: [...left.fields, ...right.fields],
  };
}
