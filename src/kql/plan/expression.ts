import type { KqlType } from '../../model/kql-type.ts';
import type { Relation } from './relation.ts';

/** A scalar expression of the plan. Columns are ids; every node knows its KQL type. */
export type Expression = ColumnRef | Literal | Call | ScalarSubquery;

export interface ColumnRef {
  readonly kind: 'column';
  readonly id: number;
  readonly type: KqlType;
  /** False where no row can hold NULL (always false for strings and dynamics: see clickhouse/types.ts). */
  readonly nullable: boolean;
}

/**
 * A constant. `value` by type: bool boolean; int, long bigint; real number; decimal its digits as text; string text;
 * datetime ticks since 1970 as bigint; timespan ticks as bigint; guid lower-case text; dynamic compact JSON text
 * ('' for null). `null` is the null of the type.
 */
export interface Literal {
  readonly kind: 'literal';
  readonly type: KqlType;
  readonly value: bigint | boolean | number | string | null;
}

/** A call of a registered function or operator: `name` is a key of the registry in functions/. */
export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
  readonly type: KqlType;
}

/** The first cell of the first row of a relation with one column; null where it has no row. */
export interface ScalarSubquery {
  readonly kind: 'subquery';
  readonly input: Relation;
  readonly type: KqlType;
}

export function literal(type: KqlType, value: Literal['value']): Literal {
  return { kind: 'literal', type, value };
}

export function callOf(name: string, type: KqlType, ...args: readonly Expression[]): Call {
  return { kind: 'call', name, type, args };
}

/** Functions whose value differs each time it is computed. */
export const VOLATILE: ReadonlySet<string> = new Set(['rand', 'new_guid']);

/** Can a column of that type hold null? Strings and dynamics never do. */
export function holdsNull(type: KqlType, nullable: boolean): boolean {
  return nullable && type !== 'string' && type !== 'dynamic';
}

/** Can this expression be null? Strings and dynamics never are. */
export function mayBeNull(expression: Expression): boolean {
  if (expression.type === 'string' || expression.type === 'dynamic') return false;
  if (expression.kind === 'column') return expression.nullable;
  if (expression.kind === 'literal') return expression.value === null;
  return true;
}
