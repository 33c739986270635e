import { unsupported } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import { callOf, type Expression, literal } from '../../plan/expression.ts';
import type { Field, Relation } from '../../plan/relation.ts';
import { boundColumns, isEngineField, type LowerContext, parameterOf, refer, visible } from '../context.ts';
import { restrictionOf } from '../restrict.ts';
import { findField, type Scope } from '../scope.ts';
import { lowerScan } from './scan.ts';
import { aligned, combined, type Leg, legsOf } from './union.ts';

/**
 * Rows in which a term stands in any column, of one input, of named tables or of all. Each table is searched by
 * itself, over its own columns only.
 * Source: https://learn.microsoft.com/kusto/query/search-operator
 */
export function lowerSearch(
  node: Node,
  input: Relation | undefined,
  scope: Scope,
  context: LowerContext,
): Relation {
  const columns = boundColumns(node);
  const source = columns[0]?.name === '$table' ? '$table' : undefined;
  const exact = parameterOf(node, 'kind')?.text === 'case_sensitive';
  const legs = input ? [{ name: nameOf(input), relation: input }] : tablesOf(node, scope, context);
  const condition = node.need('Condition');
  const named = new Set(namesIn(condition));
  const found = legs.map((leg): Leg => {
    const shown = visible(leg.relation.fields).filter((field) => !field.hidden);
    const own = new Set(shown.map((field) => field.name));
    const wanted = input
      ? columns
      : columns.filter((column) => column.name === source || ownName(column, own) || named.has(column.name));
    const relation = aligned(leg, wanted, source, context);
    const fields = visible(relation.fields).filter((field) => ownName(field, own));
    return { name: leg.name, relation: searched(relation, fields, condition, exact, scope, context) };
  });
  const only = found[0]?.relation;
  return input && only ? only : combined(found, columns, undefined, context);
}

/** A stored table has its name, any other input a made one. */
function nameOf(input: Relation): string {
  if (input.kind === 'scan') return input.table;
  return input.kind === 'filter' ? nameOf(input.input) : 'search_arg0';
}

interface Search {
  /** The text of all columns, one a line: a term is inside one of them. */
  readonly text: Expression;
  readonly row: Scope;
  readonly exact: boolean;
  readonly context: LowerContext;
}

function ownName(field: Pick<Field, 'name' | 'type'>, own: ReadonlySet<string>): boolean {
  return own.has(field.name) || own.has(field.name.replace(new RegExp(`_${field.type}$`), ''));
}

/** The tables that `in ( ... )` names, or every table that has rows. */
function tablesOf(node: Node, scope: Scope, context: LowerContext): readonly Leg[] {
  const clause = node.child('InClause');
  const inner: Scope = { row: [], names: scope.names };
  if (clause && !clause.missing)
    return clause.items('Expressions').flatMap((table, i) => legsOf(table, i, inner, context));
  const allows = restrictionOf(scope);
  return [...context.catalog.tables.values()]
    .filter((table) => context.existing.has(table.name) && allows(table.name))
    .map((table) => ({ name: table.name, relation: lowerScan(table, undefined, context) }));
}

/** The rows of one relation that satisfy the predicate; a bare term may stand in any of `fields`. */
function searched(
  input: Relation,
  fields: readonly Field[],
  condition: Node,
  exact: boolean,
  scope: Scope,
  context: LowerContext,
): Relation {
  const text = context.field('$text', 'string');
  const whole =
    fields.length > 0
      ? callOf('strcat_delim', 'string', literal('string', '\n'), ...fields.map(refer))
      : literal('string', '');
  const withText: Relation = {
    kind: 'project',
    input,
    fields: [...input.fields, text],
    expressions: [...input.fields.map(refer), whole],
  };
  const row: Scope = { row: input.fields, names: scope.names };
  const predicate = searchFor(condition, { text: refer(text), row, exact, context });
  const filtered: Relation = { kind: 'filter', input: withText, fields: withText.fields, predicate };
  return { kind: 'project', input: filtered, fields: input.fields, expressions: input.fields.map(refer) };
}

function searchFor(node: Node, search: Search): Expression {
  switch (node.kind) {
    case 'StringLiteralExpression':
    case 'CompoundStringLiteralExpression':
      return has(search.text, String(node.literalValue ?? ''), search.exact);
    case 'ParenthesizedExpression':
      return searchFor(node.need('Expression'), search);
    case 'AndExpression':
    case 'OrExpression': {
      const name = node.kind === 'AndExpression' ? 'and' : 'or';
      return callOf(
        name,
        'bool',
        searchFor(node.need('Left'), search),
        searchFor(node.need('Right'), search),
      );
    }
    case 'SearchExpression':
      return columnHas(node, search);
    case 'StarExpression':
      return literal('bool', true);
    default:
      if (node.form === 'FunctionCallExpression' && node.need('Name').simpleName === 'not') {
        const [only] = node.need('ArgumentList').items('Expressions');
        if (only) return callOf('not', 'bool', searchFor(only, search));
      }
      return search.context.expression(node, search.row);
  }
}

/** `column:"term"`; `*:"term"` is the term alone. */
function columnHas(node: Node, search: Search): Expression {
  const left = node.need('Left');
  const right = node.need('Right');
  const value = search.context.expression(right, search.row);
  if (value.kind !== 'literal') throw unsupported('a search term that is not constant', right);
  const text = String(value.value ?? '');
  if (left.form === 'StarExpression') return has(search.text, text, search.exact);
  const field = left.form === 'NameReference' ? findField(search.row.row, left.simpleName) : undefined;
  if (field) return has(refer(field), text, search.exact);
  return has(search.context.expression(left, search.row), text, search.exact);
}

/** `x` is a whole term, `x*` the start of one, `*x` its end, `*x*` any part of the text, `x*y` a pattern in it. */
function has(column: Expression, text: string, exact: boolean): Expression {
  const value = column.type === 'string' ? column : callOf('tostring', 'string', column);
  const test = (name: string, term: string): Expression =>
    callOf(exact ? `${name}_cs` : name, 'bool', value, literal('string', term));
  if (/^\*+$/.test(text)) return literal('bool', true);
  const inner = text.replace(/^\*|\*$/g, '');
  if (inner.includes('*')) {
    const pattern = text.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    const regex = `${exact ? '' : '(?i)'}\\b${pattern.join('.*')}\\b`;
    return callOf('matches regex', 'bool', value, literal('string', regex));
  }
  const starts = text.startsWith('*');
  const ends = text.endsWith('*');
  if (starts && ends) return test('contains', inner);
  if (starts) return test('hassuffix', inner);
  return ends ? test('hasprefix', inner) : test('has', inner);
}

/**
 * Rows of many tables that satisfy a predicate, with the name of their table. A table without one of the columns that
 * the predicate names has no such rows.
 * Source: https://learn.microsoft.com/kusto/query/find-operator
 */
export function lowerFind(node: Node, scope: Scope, context: LowerContext): Relation {
  const columns = boundColumns(node);
  const source = columns[0]?.name ?? 'source_';
  const condition = node.need('Condition');
  const wanted = namesIn(condition);
  const packed = columns.find((column) => column.name === 'pack_' && column.type === 'dynamic');
  const legs = tablesOf(node, scope, context).flatMap((leg): Leg[] => {
    const own = visible(leg.relation.fields);
    if (!wanted.every((name) => scope.names.has(name) || findField(own, name))) return [];
    const fields = own.filter((field) => !field.hidden);
    const filtered = searched(leg.relation, fields, condition, false, scope, context);
    return [
      {
        name: leg.name,
        relation: packed ? withPack(filtered, fields, columns, packed.name, context) : filtered,
      },
    ];
  });
  return combined(legs, columns, source, context, true);
}

function namesIn(node: Node): string[] {
  if (node.form === 'NameReference') return node.symbol?.kind === 'column' ? [node.simpleName] : [];
  return node.isToken ? [] : node.children().flatMap(namesIn);
}

/** `pack_`: the columns of the row that have no column of their own in the answer. */
function withPack(
  relation: Relation,
  fields: readonly Field[],
  columns: readonly { readonly name: string }[],
  name: string,
  context: LowerContext,
): Relation {
  const shown = new Set(columns.map((column) => column.name));
  const pairs = fields
    .filter((field) => !shown.has(field.name) && !isEngineField(field))
    .flatMap((field) => [literal('string', field.name), refer(field)]);
  const pack = callOf('bag_pack', 'dynamic', ...pairs);
  return {
    kind: 'project',
    input: relation,
    fields: [...relation.fields, context.field(name, 'dynamic')],
    expressions: [...relation.fields.map(refer), pack],
  };
}
