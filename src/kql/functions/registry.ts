import type { Sql } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import type { ColumnIndex } from '../../model/table-schema.ts';
import type { Literal } from '../plan/expression.ts';

/** An argument as a function's SQL maker sees it: already coerced to what `params` asks for. */
export interface Argument {
  readonly sql: Sql;
  readonly type: KqlType;
  /** False where it can never be NULL. Strings and dynamics are never NULL. */
  readonly nullable: boolean;
  /** The constant, where the argument is one. */
  readonly constant: Literal['value'] | undefined;
  /** The indexes of the stored column that the argument is, if it is one. */
  readonly indexes: readonly ColumnIndex[];
  /** True where `sql` is a relation `(SELECT ...)` of one column, as the right side of `in` and `has_any` may be. */
  readonly isRelation: boolean;
}

export interface CallContext {
  /** The call's result type, from the binder. */
  readonly type: KqlType;
  /** The query's one `now`: 100 ns ticks since 1970. */
  readonly nowTicks: bigint;
}

/**
 * What an argument is turned into before `sql` sees it. A type name: converted to it as Kusto converts implicitly (a
 * dynamic by its content, an int to a long or real). `any`: left as it is.
 */
export type ParamKind = KqlType | 'any';

/**
 * One scalar function or operator. No signature: the binder owns names, arity and result types.
 * Invariant: `sql` yields the SQL type of `clickhouse/types.ts` for the call's type, never NULL for strings and
 * dynamics, and never throws in the engine, whatever the data (use `...OrNull`, guards by `if`).
 */
export interface ScalarFunction {
  /** One sentence. */
  readonly summary: string;
  /** The reference page, the last part of https://learn.microsoft.com/kusto/query/ */
  readonly page: string;
  /** Coercion per argument; the last one repeats. Default: `any`. */
  readonly params?: readonly ParamKind[];
  /** `args` (default): NULL only if an argument can be; `never`; `maybe`: can be NULL whatever the arguments. */
  readonly nulls?: 'args' | 'never' | 'maybe';
  readonly sql: (args: readonly Argument[], context: CallContext) => Sql;
  /** The engine needs that argument as a constant: where it is none, the scalar program of that name computes the call. */
  readonly unlessConstant?: { readonly argument: number; readonly program: string };
  /**
   * Plainer SQL for where null counts as false: the engine's indexes serve `a = 1`, not `ifNull(a = 1, false)`.
   * Undefined: `sql`.
   */
  readonly predicate?: (args: readonly Argument[]) => Sql | undefined;
  /** KQL expressions that run, each with the text of its result as `tostring()` prints it. */
  readonly examples?: readonly (readonly [query: string, result: string])[];
}

export type FunctionFamily = Readonly<Record<string, ScalarFunction>>;

/** A fault that only shows once constants are known (a bad regex, a negative count): becomes a diagnostic. */
export class ArgumentFault extends Error {}
