import type { KqlType } from '../../model/kql-type.ts';
import type { Column } from '../../model/table-schema.ts';

/** What `JSON.parse` gives; whole numbers beyond 2^53 are `bigint`. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * A value outside the engine, by type. bool: boolean; int, real: number (a real may be NaN or infinite); long: bigint;
 * datetime: 100 ns ticks since 1970-01-01T00:00:00Z as bigint; timespan: ticks as bigint; string, guid, decimal: string;
 * dynamic: parsed JSON. `null` is the null of every type but string, whose empty value is ''.
 */
export type Cell = Json;

export interface Table {
  readonly columns: readonly Column[];
  /** Cells in the order of the columns. */
  readonly rows: readonly (readonly Cell[])[];
}

export interface Budget {
  /** To be called now and then in a long loop: throws `BudgetSpent` once the deadline has passed. */
  check(): void;
  /** How many rows a program may answer; throw `TooManyRows` (or return them: they are counted) beyond. */
  readonly maxRows: number;
}

/** A scalar function of its arguments alone. `compute` never throws, whatever the data: it answers null. */
export interface ScalarProgram {
  readonly summary: string;
  /** The reference page, the last part of https://learn.microsoft.com/kusto/query/ */
  readonly page: string;
  /** Set where the binder's type is not to be used. */
  readonly result?: KqlType | ((args: readonly KqlType[]) => KqlType);
  /** Types that the arguments are converted to before; the last one repeats. Default: as they are. */
  readonly params?: readonly (KqlType | 'any')[];
  readonly compute: (args: readonly Cell[], types: readonly KqlType[]) => Cell;
}

/** A table made of whole tables. `options` is plain JSON data that the lowering made. */
export interface TableProgram {
  readonly summary: string;
  readonly run: (inputs: readonly Table[], options: Json, budget: Budget) => readonly (readonly Cell[])[];
}

/** A fault of the query that only its rows show, as a program finds it; the message is for the query's author. */
export class ProgramFault extends Error {}

/** The deadline has passed. */
export class BudgetSpent extends Error {}
