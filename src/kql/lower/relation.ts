import { invalid, unsupported } from '../diagnostics.ts';
import type { Node } from '../parse/node.ts';
import { readsOutside } from '../plan/free-columns.ts';
import type { Relation } from '../plan/relation.ts';
import { differsEachTime, MATERIALIZE } from '../plan/volatile.ts';
import type { LowerContext } from './context.ts';
import { bodyScope } from './functions.ts';
import { lowerExternalData } from './operators/external-data.ts';
import { lowerMacroExpand } from './operators/macro-expand.ts';
import { lowerScan } from './operators/scan.ts';
import { lowerFind, lowerSearch } from './operators/search.ts';
import { lowerUnion } from './operators/union.ts';
import { lowerDataTable, lowerPrint, lowerRange } from './operators/values.ts';
import { watchlistAliases, watchlistItems } from './operators/watchlists.ts';
import { patternRows } from './patterns.ts';
import { refusedName } from './refused-name.ts';
import { demandAccess, storedOnly } from './restrict.ts';
import type { Scope } from './scope.ts';

/** A tabular expression node, in a scope. */
export function lowerRelation(node: Node, scope: Scope, context: LowerContext): Relation {
  switch (node.form) {
    case 'PipeExpression': {
      const input = context.relation(node.need('Expression'), scope);
      return context.operator(node.need('Operator'), input, scope);
    }
    case 'ParenthesizedExpression':
    case 'DataScopeExpression':
    case 'ToTableExpression':
      return context.relation(node.need('Expression'), scope);
    case 'MaterializeExpression':
      return materialized(node.need('Expression'), scope, context);
    case 'NameReference':
      return lowerTableName(node, scope, context);
    case 'FunctionCallExpression':
      return lowerTableCall(node, scope, context);
    case 'PathExpression': {
      const rows = patternRows(node.need('Expression'), node.need('Selector'), scope, context);
      if (rows) return rows;
      if (/^cluster\s*\(/.test(node.text)) throw unsupported(OTHER_CLUSTER, node);
      const last = node.need('Selector');
      if (last.bound?.kind === 'table')
        return context.relation(last, last.form === 'NameReference' ? storedOnly(scope) : scope);
      throw unsupported(`\`${node.text.slice(0, 60)}\``, node);
    }
    case 'DataTableExpression':
      return lowerDataTable(node, scope, context);
    case 'PrintOperator':
      return lowerPrint(node, scope, context);
    case 'RangeOperator':
      return lowerRange(node, scope, context);
    case 'MacroExpandOperator':
      return lowerMacroExpand(node, scope, context);
    case 'UnionOperator':
      return lowerUnion(node, undefined, scope, context);
    case 'SearchOperator':
      return lowerSearch(node, undefined, scope, context);
    case 'FindOperator':
      return lowerFind(node, scope, context);
    case 'ExternalDataExpression':
      return lowerExternalData(node, scope, context);
    case 'CustomCommand':
      throw unsupported("a management command (Kusto's interface answers some)", node);
    case 'EvaluateOperator':
      // Plug-ins without an input are those that ask other services.
      throw refusedName('plug-in', node.need('FunctionCall').need('Name').simpleName, node);
    default:
      throw refusedName('operator', operatorWord(node), node);
  }
}

/** Operators that a query begins with, beside those that may follow a pipe too. */
export const OPENINGS = ['FindOperator', 'MacroExpandOperator', 'PrintOperator', 'RangeOperator'] as const;

const OTHER_CLUSTER = '`cluster` with a name that is not this server (a query has no network)';

export function operatorWord(node: Node): string {
  const word = /^[a-z_-]+/.exec(node.text)?.[0];
  return word ?? node.form;
}

function lowerTableName(node: Node, scope: Scope, context: LowerContext): Relation {
  const name = node.simpleName;
  const binding = scope.names.get(name);
  if (binding?.kind === 'denied') throw invalid(`access to \`${name}\` is restricted`, node);
  const called = binding === undefined ? node.calledBody() : undefined;
  if (called) {
    const inner = bodyScope(node, called, scope, context);
    return context.relation(inner.expression, inner.scope);
  }
  if (binding === undefined && name === '_GetWatchlistAlias') return watchlistAliases(context);
  if (binding?.kind === 'relation') return binding.lower();
  if (binding?.kind === 'function') {
    const inner = bodyScope(node, node.calledBody() ?? binding.body, scope, context);
    return context.relation(inner.expression, inner.scope);
  }
  const target =
    context.catalog.tables.get(name) ??
    context.catalog.tables.get(context.catalog.tableAliases.get(name) ?? '');
  const named = context.named.get(name);
  if (named) return named();
  if (target) {
    demandAccess(target.name, node, scope);
    return lowerScan(target, node, context);
  }
  throw invalid(`the name \`${name}\` does not refer to any known table`, node);
}

function lowerTableCall(node: Node, scope: Scope, context: LowerContext): Relation {
  const name = node.need('Name').simpleName;
  const pattern = patternRows(node, undefined, scope, context);
  if (pattern) return pattern;
  const body = node.calledBody();
  if (body) {
    const inner = bodyScope(node, body, scope, context);
    return context.relation(inner.expression, inner.scope);
  }
  if (name === '_GetWatchlist') demandAccess(name, node, scope);
  if (name === '_GetWatchlist')
    return watchlistItems(node, node.need('ArgumentList').items('Expressions'), scope, context);
  if (name === '_GetWatchlistAlias') return watchlistAliases(context);
  const special = Object.hasOwn(TABLE_FUNCTIONS, name) ? TABLE_FUNCTIONS[name] : undefined;
  const relation = special?.(node.need('ArgumentList').items('Expressions'), scope, context);
  if (relation) return relation;
  throw refusedName('function', name, node);
}

/** Functions that name where a table lies: this server and its one database, by any of their names. */
export const PLACE_FUNCTIONS: readonly string[] = ['cluster', 'database'];

type TableFunction = (args: readonly Node[], scope: Scope, context: LowerContext) => Relation | undefined;

/** Functions of the language that yield rows; undefined where the arguments name nothing that is here. */
export const TABLE_FUNCTIONS: Readonly<Record<string, TableFunction>> = {
  materialize: ([input], scope, context) => input && materialized(input, scope, context),
  view: ([input], scope, context) => input && context.relation(input, scope),
  table: ([name], scope, context) => {
    const value = name && context.expression(name, scope);
    const table = value?.kind === 'literal' ? context.catalog.tables.get(String(value.value)) : undefined;
    if (!name || !table) return undefined;
    demandAccess(table.name, name, scope);
    return lowerScan(table, undefined, context);
  },
};

/**
 * The engine may compute rows again wherever they are read, unless they would be others then: those are to be kept. Two
 * places of the text keep rows of their own. Source: https://learn.microsoft.com/kusto/query/materialize-function
 */
function materialized(node: Node, scope: Scope, context: LowerContext): Relation {
  const input = context.relation(node, scope);
  if (!differsEachTime(input) || readsOutside(input)) return input;
  const fields = input.fields.map(({ name, type, nullable, hidden }) =>
    context.field(name, type, nullable, hidden),
  );
  return { kind: 'program', name: MATERIALIZE, inputs: [input], options: { at: node.start }, fields };
}
