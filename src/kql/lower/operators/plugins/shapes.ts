import { invalid } from '../../../diagnostics.ts';
import { callOf, type Expression, literal } from '../../../plan/expression.ts';
import type { Field, Relation } from '../../../plan/relation.ts';
import { renumbered } from '../../../plan/renumber.ts';
import { boundColumns, type LowerContext, mayBeNull, refer, visible } from '../../context.ts';
import { numbered } from '../../grouped.ts';
import { unnamed } from '../../named.ts';
import { findField, withRow } from '../../scope.ts';
import { countOf } from '../rows.ts';
import { castTo } from '../values.ts';
import type { Plugin } from './plugin.ts';

/** One row per cell: the row's number, the column's name, the value as text. Source: .../kusto/query/narrow-plugin */
export const lowerNarrow: Plugin = (node, _args, input, _scope, context) => {
  const { rows, row } = numbered(input, context);
  const columns = visible(input.fields).filter((field) => !field.hidden);
  const names = literal('dynamic', JSON.stringify(columns.map(({ name }) => name)));
  const values = columns.map((column) => castTo('string', refer(column)));
  const pair = [context.field('names', 'dynamic'), context.field('values', 'dynamic')];
  const expanded: Relation = {
    kind: 'expand',
    input: rows,
    fields: [...rows.fields, ...pair],
    arrays: [names, callOf('pack_array', 'dynamic', ...values)],
    withIndex: false,
    limit: undefined,
  };
  const [name, value] = pair.map((field) => castTo('string', refer(field)));
  const number = callOf('-', 'long', refer(row), literal('long', 1n));
  const expressions = [number, name, value].filter((expression) => expression !== undefined);
  const fields = boundColumns(node).map((column) => context.field(column.name, column.type));
  return { kind: 'project', input: expanded, fields, expressions };
};

/** Of its two tables the first: some rows. Source: https://learn.microsoft.com/kusto/query/preview-plugin */
export const lowerPreview: Plugin = (node, args, input, scope, context) => {
  const [count] = args;
  if (!count) throw invalid('`preview` needs a number of rows', node);
  return { kind: 'limit', input, fields: input.fields, count: countOf(count, scope, context) };
};

/** The rows as they are. */
export const lowerIdentity: Plugin = (_node, _args, input) => input;

/** How many rows there are: counted, not estimated. */
export const lowerRowsCount: Plugin = (node, _args, input, _scope, context) => {
  const fields = boundColumns(node).map(({ name, type }) => context.field(name, type, false));
  return {
    kind: 'aggregate',
    input,
    fields,
    keys: [],
    aggregates: [{ name: 'count', args: [], type: 'long' }],
  };
};

/** The rows for which the condition holds, and as many as told before and behind. Source: .../rows-near-plugin */
export const lowerRowsNear: Plugin = (node, args, input, scope, context) => {
  const [condition, before, after] = args;
  if (!condition || !before) throw invalid('`rows_near` needs a condition and a number of rows', node);
  const back = countOf(before, scope, context);
  const ahead = after ? countOf(after, scope, context) : back;
  if (back + ahead > MOST_NEAR)
    throw invalid(`at most ${MOST_NEAR} rows around each can be asked for`, before);
  const { rows, row } = numbered(input, context);
  const place = context.field('place', 'long', false);
  const found: Relation = {
    kind: 'filter',
    input: rows,
    fields: rows.fields,
    predicate: context.expression(unnamed(condition), withRow(scope, input.fields)),
  };
  const offsets = Array.from({ length: back + ahead + 1 }, (_, i) => i - back);
  const offset = context.field('offset', 'dynamic');
  const spread: Relation = {
    kind: 'expand',
    input: { kind: 'project', input: found, fields: [place], expressions: [refer(row)] },
    fields: [place, offset],
    arrays: [literal('dynamic', JSON.stringify(offsets))],
    withIndex: false,
    limit: undefined,
  };
  const near = callOf('+', 'long', refer(place), castTo('long', refer(offset)));
  const wanted = context.field('near', 'long');
  const places: Relation = {
    kind: 'aggregate',
    input: spread,
    fields: [wanted],
    keys: [near],
    aggregates: [],
  };
  const again = numberedAgain(rows, row, context);
  const joined: Relation = {
    kind: 'join',
    join: 'leftsemi',
    left: again.rows,
    right: places,
    on: [{ left: refer(again.row), right: refer(wanted) }],
    fields: again.rows.fields,
  };
  const sorted: Relation = {
    kind: 'sort',
    input: joined,
    fields: joined.fields,
    keys: [{ expression: refer(again.row), descending: false, nullsFirst: false }],
  };
  const kept = sorted.fields.filter((field) => field.id !== again.row.id);
  return { kind: 'project', input: sorted, fields: kept, expressions: kept.map(refer) };
};

const MOST_NEAR = 1000;

/** The same rows under new ids, for the second time that the plan reads them. */
function numberedAgain(rows: Relation, row: Field, context: LowerContext): { rows: Relation; row: Field } {
  const copy = renumbered(rows, () => context.field('', 'long').id);
  const place = rows.fields.findIndex((field) => field.id === row.id);
  return { rows: copy, row: copy.fields[place] as Field };
}

/**
 * How many values all of the first k+1 hll states have, by counting what their unions have.
 * Source: https://learn.microsoft.com/kusto/query/dcount-intersect-plugin
 */
export const lowerDcountIntersect: Plugin = (node, args, input, scope, context) => {
  if (args.length > MOST_STATES) throw invalid(`at most ${MOST_STATES} states can be intersected here`, node);
  const states = args.map((arg) => context.expression(unnamed(arg), withRow(scope, input.fields)));
  const size = (members: readonly Expression[]): Expression => {
    const [first, ...rest] = members;
    const union = rest.length === 0 ? first : callOf('hll_merge', 'dynamic', ...members);
    return callOf('dcount_hll', 'long', union as Expression);
  };
  const common = states.map((_, k): Expression => {
    const among = states.slice(0, k + 1);
    const terms = subsets(among).map((members) => ({ odd: members.length % 2 === 1, size: size(members) }));
    const sum = (wanted: boolean): Expression =>
      terms
        .filter(({ odd }) => odd === wanted)
        .map((term) => term.size)
        .reduce((left, right) => callOf('+', 'long', left, right), literal('long', 0n));
    const difference = callOf('-', 'long', sum(true), sum(false));
    return callOf('max_of', 'long', difference, literal('long', 0n));
  });
  const columns = boundColumns(node);
  const own = visible(input.fields).filter((field) => columns.some(({ name }) => name === field.name));
  const fields = [...own, ...common.map((value, k) => context.field(`s${k}`, 'long', mayBeNull(value)))];
  return { kind: 'project', input, fields, expressions: [...own.map(refer), ...common] };
};

const MOST_STATES = 6;

/** Every choice of at least one of the items. */
function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  const found: (readonly T[])[] = [];
  for (const item of items) found.push([item], ...found.map((members) => [...members, item]));
  return found;
}

/** Several answers of `getschema` as one. Source: https://learn.microsoft.com/kusto/query/schema-merge-plugin */
export const lowerSchemaMerge: Plugin = (node, args, input, scope, context) => {
  const columns: readonly (readonly [string, Field['type']])[] = [
    ['ColumnName', 'string'],
    ['ColumnOrdinal', 'long'],
    ['DataType', 'string'],
    ['ColumnType', 'string'],
  ];
  const [given] = args;
  const order = given && context.expression(unnamed(given), { row: [], names: scope.names });
  const expressions = columns.map(([name, type]) => {
    const field = findField(visible(input.fields), name);
    if (!field)
      throw invalid(`\`schema_merge\` reads the answer of \`getschema\`, which has \`${name}\``, node);
    return castTo(type, refer(field));
  });
  const fields = columns.map(([name, type]) => context.field(name, type));
  return {
    kind: 'program',
    name: 'schema_merge',
    inputs: [{ kind: 'project', input, fields, expressions }],
    options: { preserveOrder: !(order?.kind === 'literal' && order.value === false) },
    fields: columns.map(([name, type]) => context.field(name, type)),
  };
};
