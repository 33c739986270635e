import type { KqlType } from '../../model/kql-type.ts';
import type { QuerySession } from '../../model/query-session.ts';
import type { CatalogView } from '../../model/table-schema.ts';
import type { Place } from '../diagnostics.ts';
import { QueryFault } from '../diagnostics.ts';
import type { MadeColumns } from '../parse/made-columns.ts';
import type { Node } from '../parse/node.ts';
import type { Expression } from '../plan/expression.ts';
import type { Field, Relation } from '../plan/relation.ts';
import type { Scope } from './scope.ts';
import type { SetOptions } from './set-options.ts';

/** What every part of the lowering needs; one per query. The two recursions are reached through it. */
export interface LowerContext {
  readonly catalog: CatalogView;
  readonly nowTicks: bigint;
  /** When the query runs, whatever it calls now. */
  readonly runTicks: bigint;
  readonly lookbackTicks: bigint | undefined;
  readonly interval: { readonly fromTicks: bigint; readonly toTicks: bigint } | undefined;
  readonly existing: ReadonlySet<string>;
  /** Values that the request gives to `declare query_parameters`: texts of literals. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Columns of plug-ins that depend on the data. */
  readonly made: MadeColumns;
  /** Who asks, and where. */
  readonly session: QuerySession;
  /** Whether there is a database of places. */
  readonly places: boolean;
  readonly warnings: string[];
  /** What `set` statements ask for. */
  readonly options: SetOptions;
  /** What `as` has named so far: each call gives the relation with column ids of its own. */
  readonly named: Map<string, () => Relation>;
  /** A field with a new id. Strings and dynamics are never nullable. */
  field(name: string, type: KqlType, nullable?: boolean, hidden?: boolean): Field;
  expression(node: Node, scope: Scope): Expression;
  relation(node: Node, scope: Scope): Relation;
  /** `input | operator`. */
  operator(node: Node, input: Relation, scope: Scope): Relation;
}

export { holdsNull, mayBeNull } from '../plan/expression.ts';

export type OperatorLowering = (node: Node, input: Relation, scope: Scope, context: LowerContext) => Relation;

/** Names that no query can write: when a stored row arrived, for `ingestion_time()`, and its number, for the cursors. */
export const INGESTION_TIME = '$IngestionTime';
export const ARRIVAL = '$Arrival';

/** What a stored row carries beside its columns, until an operator makes other rows of it. */
export const ENGINE_FIELDS: readonly {
  readonly name: string;
  readonly type: KqlType;
  readonly column: string;
}[] = [
  { name: INGESTION_TIME, type: 'datetime', column: '_ingested' },
  { name: ARRIVAL, type: 'long', column: '_arrival' },
];

export function isEngineField({ name }: Pick<Field, 'name'>): boolean {
  return name === INGESTION_TIME || name === ARRIVAL;
}

export function refer(field: Field): Expression {
  return { kind: 'column', id: field.id, type: field.type, nullable: field.nullable };
}

/** Columns that count for positions and stars: all but the engine's own. */
export function visible(fields: readonly Field[]): Field[] {
  return fields.filter((field) => !isEngineField(field));
}

/** The table that the binder found for a node, its columns in order. */
export function boundColumns(node: Node): readonly { readonly name: string; readonly type: KqlType }[] {
  const bound = node.bound;
  if (bound?.kind === 'table') {
    if (bound.open)
      throw new QueryFault(
        'SPOOR003',
        'unsupported',
        'columns that depend on the data are not supported here',
        node,
      );
    return bound.columns;
  }
  throw new Error(`the binder gives no table for ${node.kind}`);
}

/** The value of an operator's `name=value` parameter, in the text's spelling without quotes. */
export function parameterOf(node: Node, ...names: string[]): Node | undefined {
  for (const parameter of node.items('Parameters')) {
    const name = parameter.child('Name')?.simpleName.toLowerCase();
    if (name !== undefined && names.includes(name)) return parameter.child('Expression');
  }
  return undefined;
}

export function placeOf(node: Node): Place {
  return { start: node.start, length: node.length };
}
