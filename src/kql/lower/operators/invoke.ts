import { invalid, QueryFault, unsupported } from '../../diagnostics.ts';
import { FILE_PROFILE } from '../../enrichments.ts';
import type { Node } from '../../parse/node.ts';
import { type Expression, literal } from '../../plan/expression.ts';
import type { Field, Relation } from '../../plan/relation.ts';
import {
  boundColumns,
  isEngineField,
  type LowerContext,
  type OperatorLowering,
  refer,
  visible,
} from '../context.ts';
import { bodyScope } from '../functions.ts';
import { findField, type Scope } from '../scope.ts';

/** `T | invoke f(x)` is `f(T, x)`. Source: https://learn.microsoft.com/kusto/query/invoke-operator */
export const lowerInvoke: OperatorLowering = (node, input, scope, context) => {
  const call = node.need('Function');
  const name = call.need('Name').simpleName;
  const body = call.calledBody();
  if (body) {
    const inner = bodyScope(call, body, scope, context, input);
    return context.relation(inner.expression, inner.scope);
  }
  const enrich = ENRICHMENTS[name];
  if (!enrich) throw unsupported(`\`invoke ${name}\``, node);
  return enrich(node, call, input, scope, context);
};

type Enrichment = (node: Node, call: Node, input: Relation, scope: Scope, context: LowerContext) => Relation;

const ENRICHMENTS: Readonly<Record<string, Enrichment>> = { FileProfile: fileProfile, SeenBy: seenBy };

/** Which hash column of a profile a column of the query holds. */
const HASH_COLUMN = /(SHA256|SHA1|MD5)\d*$/i;

/**
 * The documented columns. There is no source of file reputation here, so the profile of every file is missing: only
 * the hash that was asked for is known. The number of rows to enrich does not matter then.
 * Source: https://learn.microsoft.com/defender-xdr/advanced-hunting-fileprofile-function
 */
function fileProfile(node: Node, call: Node, input: Relation, scope: Scope, context: LowerContext): Relation {
  const hash = columnNamed(call, 'SHA1', input, scope, context);
  const kind = (HASH_COLUMN.exec(hash.name)?.[1] ?? 'SHA1').toUpperCase();
  const columns = FILE_PROFILE.map((column) => column.name);
  warnOnce(context, '`FileProfile` has no source of file reputation: its columns are empty');
  return withColumns(node, input, context, (place) => {
    if (columns[place] === kind) return refer(hash);
    return columns[place] === 'ProfileAvailability' ? literal('string', 'Missing') : undefined;
  });
}

/** Source: https://learn.microsoft.com/defender-xdr/advanced-hunting-seenby-function */
function seenBy(node: Node, call: Node, input: Relation, scope: Scope, context: LowerContext): Relation {
  columnNamed(call, 'DeviceId', input, scope, context);
  warnOnce(context, '`SeenBy` has no source of device discovery: its column is empty');
  return withColumns(node, input, context, () => undefined);
}

/** The input's columns, then the binder's; `value` gives one by its place among them, else it is null. */
function withColumns(
  node: Node,
  input: Relation,
  context: LowerContext,
  value: (place: number) => Expression | undefined,
): Relation {
  const row = visible(input.fields);
  const arrival = input.fields.filter((field) => isEngineField(field));
  const fields: Field[] = [...row];
  const expressions: Expression[] = row.map(refer);
  boundColumns(node)
    .slice(row.length)
    .forEach(({ name, type }, place) => {
      fields.push(context.field(name, type));
      expressions.push(value(place) ?? literal(type, type === 'string' || type === 'dynamic' ? '' : null));
    });
  return {
    kind: 'project',
    input,
    fields: [...fields, ...arrival],
    expressions: [...expressions, ...arrival.map(refer)],
  };
}

/** The column whose name the call's first argument gives. */
function columnNamed(
  call: Node,
  fallback: string,
  input: Relation,
  scope: Scope,
  context: LowerContext,
): Field {
  const argument = call.need('ArgumentList').items('Expressions')[0];
  const value = argument ? context.expression(argument, { row: [], names: scope.names }) : undefined;
  if (value && value.kind !== 'literal')
    throw invalid('the column must be named by a constant', argument ?? call);
  const name = value ? String(value.value) : fallback;
  const field = findField(input.fields, name);
  if (field) return field;
  const message = `The name '${name}' does not refer to any known column, table, variable or function.`;
  throw new QueryFault('KS142', 'semantic', message, argument ?? call);
}

function warnOnce(context: LowerContext, warning: string): void {
  if (!context.warnings.includes(warning)) context.warnings.push(warning);
}
