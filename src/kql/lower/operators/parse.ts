import { invalid } from '../../diagnostics.ts';
import { callOf, type Expression, literal } from '../../plan/expression.ts';
import type { Field, Relation } from '../../plan/relation.ts';
import { boundColumns, mayBeNull, type OperatorLowering, parameterOf, refer } from '../context.ts';
import { withRow } from '../scope.ts';
import { parsePattern } from './parse-pattern.ts';
import { placed } from './placed.ts';
import { castTo } from './values.ts';

/** Source: https://learn.microsoft.com/kusto/query/parse-operator */
export const lowerParse: OperatorLowering = (node, input, scope, context) =>
  parsed(node, input, scope, context, false);

/** Source: https://learn.microsoft.com/kusto/query/parse-where-operator */
export const lowerParseWhere: OperatorLowering = (node, input, scope, context) =>
  parsed(node, input, scope, context, true);

type Parsing = (...args: [...Parameters<OperatorLowering>, dropsOthers: boolean]) => Relation;

const parsed: Parsing = (node, input, scope, context, dropsOthers) => {
  const kind = parameterOf(node, 'kind')?.text.toLowerCase() ?? 'simple';
  if (kind !== 'simple' && kind !== 'regex' && (kind !== 'relaxed' || dropsOthers))
    throw invalid(`\`${kind}\` is no kind of parsing`, node);
  const flags = parameterOf(node, 'flags')?.text ?? '';
  if (!/^[imsU]*$/.test(flags)) throw invalid(`\`${flags}\` are no flags of a regular expression`, node);
  const types = new Map(boundColumns(node).map(({ name, type }) => [name, type]));
  const pattern = parsePattern(node.items('Patterns'), types, kind, kind === 'regex' ? flags : '');
  const source = castTo('string', context.expression(node.need('Expression'), withRow(scope, input.fields)));
  const re2 = literal('string', pattern.re2);

  const matched = context.field('matched', 'bool', false);
  const texts = pattern.columns.map(({ name }) => context.field(name, 'string'));
  const read: Relation = {
    kind: 'project',
    input,
    fields: [...input.fields, matched, ...texts],
    expressions: [
      ...input.fields.map(refer),
      callOf('pattern_matches', 'bool', source, re2),
      ...pattern.columns.map(({ group }) =>
        callOf('pattern_group', 'string', source, re2, literal('long', BigInt(group))),
      ),
    ],
  };
  const values = texts.map((field) => castTo(types.get(field.name) ?? 'string', refer(field)));
  const converted = values.map((value, i) =>
    context.field((texts[i] as Field).name, value.type, mayBeNull(value)),
  );
  const cast: Relation = {
    kind: 'project',
    input: read,
    fields: [...input.fields, matched, ...converted],
    expressions: [...input.fields.map(refer), refer(matched), ...values],
  };
  const fits = kind === 'relaxed' ? refer(matched) : allOf([refer(matched), ...converted.flatMap(isPresent)]);
  const result: Relation = dropsOthers
    ? { kind: 'filter', input: cast, fields: cast.fields, predicate: fits }
    : cast;
  const outputs = converted.map((field): [string, Expression] => [
    field.name,
    dropsOthers || kind === 'relaxed'
      ? refer(field)
      : callOf('iff', field.type, fits, refer(field), nothing(field)),
  ]);
  return placed(node, result, input.fields, new Map(outputs), context);
};

/** Text always fits a text column; a column of another type must convert. */
function isPresent(field: Field): Expression[] {
  if (field.type === 'string') return [];
  return [callOf(field.type === 'dynamic' ? 'isnotempty' : 'isnotnull', 'bool', refer(field))];
}

function nothing(field: Field): Expression {
  return literal(field.type, field.type === 'string' || field.type === 'dynamic' ? '' : null);
}

function allOf(terms: readonly Expression[]): Expression {
  return terms.reduce((left, right) => callOf('and', 'bool', left, right));
}
