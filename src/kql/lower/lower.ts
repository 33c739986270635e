import { NOBODYS_SESSION, type QuerySession } from '../../model/query-session.ts';
import type { CatalogView } from '../../model/table-schema.ts';
import type { Visualization } from '../../model/visualization.ts';
import { unsupported } from '../diagnostics.ts';
import type { MadeColumns } from '../parse/made-columns.ts';
import type { Node } from '../parse/node.ts';
import type { Field, Relation } from '../plan/relation.ts';
import { type Budget, createBudget } from './budget.ts';
import { holdsNull, type LowerContext, type OperatorLowering, visible } from './context.ts';
import { lowerExpression } from './expression.ts';
import { namesTables } from './operators/graph/to-table.ts';
import { OPERATORS } from './operators/index.ts';
import { lowerResults, type NamedResult } from './operators/several-results.ts';
import { refusedName } from './refused-name.ts';
import { lowerRelation, operatorWord } from './relation.ts';
import { EMPTY_SCOPE, type Scope } from './scope.ts';
import { type SetOptions, setOptions } from './set-options.ts';
import { lowerStatements } from './statements.ts';

/** What a query means beside its text. */
export interface LowerOptions {
  /** The query's one `now`: 100 ns ticks since 1970-01-01T00:00:00Z. */
  readonly nowTicks: bigint;
  /** Tables that are stored; the others answer with their schema and no rows. */
  readonly existing: ReadonlySet<string>;
  /** How far back rows are read, in ticks; undefined reads all. */
  readonly lookbackTicks?: bigint | undefined;
  /** Only rows whose time lies inside are read, both ends included; narrows the look-back. */
  readonly interval?: { readonly fromTicks: bigint; readonly toTicks: bigint };
  /** `all` answers every table of the text (`fork`, `facet`, several statements), `first` (unless said) the first. */
  readonly results?: 'first' | 'all';
  /**
   * Values for `declare query_parameters`, each the text of a literal of the language or, for a string, the string
   * itself. Names that the query does not declare are ignored.
   */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Who asks, and where; undefined: nobody. */
  readonly session?: QuerySession | undefined;
  /** True where a database of places answers `geo_info_from_ip_address`; without one it is null. */
  readonly places?: boolean;
}

export interface LoweredResult {
  /** The name that `as` or a branch of `fork` gives. */
  readonly name: string | undefined;
  readonly relation: Relation;
  readonly visualization: Visualization | undefined;
  /** The columns of the answer, in order. */
  readonly fields: readonly Field[];
}

export interface Lowered {
  /** At least one. */
  readonly results: readonly LoweredResult[];
  /** What the query calls now. */
  readonly nowTicks: bigint;
  readonly warnings: readonly string[];
}

/**
 * The plans of a query's tabular statements: the first one's first table, or all. `made` are the columns of plug-ins that
 * depend on the data. Throws QueryFault.
 */
export function lowerQuery(
  root: Node,
  catalog: CatalogView,
  made: MadeColumns,
  options: LowerOptions,
): Lowered {
  const set = setOptions(root, options.nowTicks);
  const context = makeContext(catalog, made, options, set, createBudget(root));
  const { nowTicks, warnings } = context;
  const results: LoweredResult[] = [];
  let scope: Scope = EMPTY_SCOPE;
  for (const statement of root.items('Statements')) {
    if (statement.form !== 'ExpressionStatement') {
      scope = lowerStatements([statement], scope, context);
      continue;
    }
    const expression = statement.need('Expression');
    if (namesTables(expression)) {
      context.relation(expression, scope);
      continue;
    }
    if (options.results !== 'all') {
      const relation = resultOf(expression, scope, context);
      return { results: [resultFrom({ name: undefined, relation }, set)], nowTicks, warnings };
    }
    results.push(...resultsOf(expression, scope, context).map((result) => resultFrom(result, set)));
  }
  if (results.length === 0) throw unsupported('a query without a tabular expression', root);
  return { results, nowTicks, warnings };
}

function resultFrom(
  { name, relation: rows, visualization }: NamedResult,
  { maxRows }: SetOptions,
): LoweredResult {
  const { fields: all } = rows;
  const relation: Relation =
    maxRows === undefined ? rows : { kind: 'limit', input: rows, fields: all, count: maxRows };
  return { name, relation, visualization, fields: visible(all).filter((field) => !field.hidden) };
}

function resultsOf(expression: Node, scope: Scope, context: LowerContext): NamedResult[] {
  if (expression.bound?.kind !== 'scalar') return lowerResults(expression, scope, context);
  return [{ name: undefined, relation: resultOf(expression, scope, context) }];
}

/** A query may also be one scalar: its answer is one row. */
function resultOf(expression: Node, scope: Scope, context: LowerContext): Relation {
  if (expression.bound?.kind !== 'scalar') return context.relation(expression, scope);
  const value = context.expression(expression, scope);
  return { kind: 'values', fields: [context.field('print_0', value.type)], rows: [[value]] };
}

function makeContext(
  catalog: CatalogView,
  made: MadeColumns,
  options: LowerOptions,
  set: SetOptions,
  budget: Budget,
): LowerContext {
  let nextId = 0;
  const context: LowerContext = {
    catalog,
    nowTicks: set.nowTicks ?? options.nowTicks,
    runTicks: options.nowTicks,
    options: set,
    lookbackTicks: options.lookbackTicks,
    interval: options.interval,
    existing: options.existing,
    parameters: options.parameters ?? {},
    made,
    session: options.session ?? NOBODYS_SESSION,
    places: options.places ?? false,
    warnings: [],
    named: new Map(),
    field(name, type, nullable = true, hidden = false) {
      budget.field();
      const field = { id: nextId++, name, type, nullable: holdsNull(type, nullable) };
      return hidden ? { ...field, hidden } : field;
    },
    expression(node, scope) {
      budget.node(node);
      return lowerExpression(node, scope, context);
    },
    relation(node, scope) {
      budget.node(node);
      return lowerRelation(node, scope, context);
    },
    operator: (node, input, scope) => operatorFor(node)(node, input, scope, context),
  };
  return context;
}

function operatorFor(node: Node): OperatorLowering {
  const lowering = OPERATORS[node.form];
  if (!lowering) throw refusedName('operator', operatorWord(node), node);
  return lowering;
}
