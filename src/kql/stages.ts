import type { Sql } from '../clickhouse/sql.ts';
import type { KqlType } from '../model/kql-type.ts';
import type { Column } from '../model/table-schema.ts';
import type { Json } from './beside/contract.ts';
import type { Place } from './diagnostics.ts';
import type { ExternalOptions } from './plan/relation.ts';

/**
 * Work that must be done before a query can be compiled to its last statement: what the engine cannot do runs beside
 * it, on rows that it hands out. The answers go into the next compilation of the same text, under the same `now`.
 */
export interface Stage {
  /** The same in every compilation of the same text and time. */
  readonly key: string;
  /** What the query's author wrote that needs this: for messages. */
  readonly construct: string;
  /** Where it stands in the text, if that is known. */
  readonly place: Place | undefined;
  readonly work: StageWork;
  /** Statements whose rows the work reads; none for files outside. */
  readonly inputs: readonly StageInput[];
  /** The columns of the answer. */
  readonly columns: readonly Column[];
}

export interface StageInput {
  readonly statement: Sql;
  readonly columns: readonly Column[];
}

export type StageWork =
  /** A TableProgram: the inputs as tables; answers rows. */
  | { readonly kind: 'program'; readonly name: string; readonly options: Json }
  /** A ScalarProgram over the rows of the one input, each a list of arguments; answers these rows with the result. */
  | { readonly kind: 'scalar'; readonly name: string; readonly result: KqlType }
  /** A maker of columns over the one input; answers a schema for the plug-in in that slot of the text. */
  | { readonly kind: 'columns'; readonly name: string; readonly options: Json; readonly slot: string }
  /** Files outside; answers their rows. */
  | {
      readonly kind: 'external';
      readonly urls: readonly string[];
      readonly format: string;
      readonly options: ExternalOptions;
    };

/** What a stage came to. Rows wait in a table of the tenant's database with the columns c0, c1 ... */
export type StageAnswer =
  | { readonly kind: 'rows'; readonly key: string; readonly table: string }
  | {
      readonly kind: 'columns';
      readonly key: string;
      readonly slot: string;
      readonly columns: readonly Column[];
    };

/** Stages that do not depend on each other; the query is to be compiled again with their answers. */
export interface Staged {
  readonly ok: 'staged';
  readonly stages: readonly Stage[];
}
