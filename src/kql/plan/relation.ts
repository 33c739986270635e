import type { KqlType } from '../../model/kql-type.ts';
import type { ColumnIndex } from '../../model/table-schema.ts';
import type { Json } from '../beside/contract.ts';
import type { Place } from '../diagnostics.ts';
import type { Expression } from './expression.ts';

/** One output column of a relation. Ids are unique in a plan; names need not be. */
export interface Field {
  readonly id: number;
  readonly name: string;
  readonly type: KqlType;
  readonly nullable: boolean;
  /** A lenient extra name of a stored column (`TimeGenerated`): usable, but left out of the final answer. */
  readonly hidden?: boolean;
}

/** The relation kinds. Every KQL tabular operator comes down to these. Plain data; `fields` is the output schema. */
export type Relation =
  | Scan
  | Values
  | Sequence
  | Filter
  | Project
  | Aggregate
  | Join
  | Union
  | Sort
  | Limit
  | LimitBy
  | Window
  | Expand
  | Program
  | External;

/** Rows made of the rows of one other relation. */
interface Derived {
  readonly input: Relation;
  readonly fields: readonly Field[];
}

/** Rows of a stored table. A table that is not stored yet has no rows. */
export interface Scan {
  readonly kind: 'scan';
  readonly table: string;
  readonly stored: boolean;
  /** Rows that are no events: no window of arrival narrows them. */
  readonly isReference?: true;
  /** `table` names a definition of the statement (plan/shared.ts), not a table of the tenant. */
  readonly shared?: boolean;
  readonly fields: readonly ScanField[];
  /**
   * Where not every caller may see all rows, what they are about: devices (`DeviceId`), alerts (`AlertId`), or the whole
   * tenant, which only those see who see every device.
   */
  readonly belongsTo?: 'device' | 'alert' | 'tenant' | undefined;
}

export interface ScanField extends Field {
  readonly column: string;
  readonly indexes: readonly ColumnIndex[];
  /** Text of few different values, which the engine keeps with a dictionary. */
  readonly lowCardinality?: true;
}

/** Constant rows (`datatable`, `print`): one expression per field and row; they see no columns. */
export interface Values {
  readonly kind: 'values';
  readonly fields: readonly Field[];
  readonly rows: readonly (readonly Expression[])[];
}

/** `range`: from, from + step ... while not past `to`; numbers, datetimes or timespans. */
export interface Sequence {
  readonly kind: 'sequence';
  readonly fields: readonly [Field];
  readonly from: Expression;
  readonly to: Expression;
  readonly step: Expression;
}

export interface Filter extends Derived {
  readonly kind: 'filter';
  /** A bool; null counts as false. */
  readonly predicate: Expression;
}

/** Each field is computed by the expression at its place, from the input row. */
export interface Project extends Derived {
  readonly kind: 'project';
  readonly expressions: readonly Expression[];
}

/** One row per distinct combination of keys; without keys one row. Fields: the keys, then the aggregates. */
export interface Aggregate extends Derived {
  readonly kind: 'aggregate';
  readonly keys: readonly Expression[];
  readonly aggregates: readonly AggregateCall[];
}

/** A call of a registered aggregation: `name` is a key of the registry in aggregates/. */
export interface AggregateCall {
  readonly name: string;
  readonly args: readonly Expression[];
  readonly type: KqlType;
}

export type JoinKind =
  | 'inner'
  | 'left'
  | 'right'
  | 'full'
  | 'leftsemi'
  | 'leftanti'
  | 'rightsemi'
  | 'rightanti';

/** Equality join; a null key matches nothing. Fields: all of the left, then all of the right (one side's for semi and anti). */
export interface Join {
  readonly kind: 'join';
  readonly join: JoinKind;
  readonly left: Relation;
  readonly right: Relation;
  readonly on: readonly { readonly left: Expression; readonly right: Expression }[];
  readonly fields: readonly Field[];
  /** `innerunique`: a `limit-by` of the left side chooses one row for each key. */
  readonly oneRowPerKey?: true;
  /** The left side's order holds for the rows of the join. */
  readonly keepsOrder?: boolean;
}

/** All rows of all inputs; the fields of each input stand in the order of the union's. */
export interface Union {
  readonly kind: 'union';
  readonly inputs: readonly Relation[];
  readonly fields: readonly Field[];
}

export interface SortKey {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface Sort extends Derived {
  readonly kind: 'sort';
  readonly keys: readonly SortKey[];
}

export interface Limit extends Derived {
  readonly kind: 'limit';
  readonly count: number;
}

/** The first `count` rows of each combination of keys, in the order of the sort below it if there is one. */
export interface LimitBy extends Derived {
  readonly kind: 'limit-by';
  readonly keys: readonly Expression[];
  readonly count: number;
}

/** Adds columns computed from neighbouring rows, in the input's order. Fields: the input's, then one per call. */
export interface Window extends Derived {
  readonly kind: 'window';
  readonly calls: readonly {
    readonly name: string;
    readonly args: readonly Expression[];
    readonly type: KqlType;
  }[];
  /**
   * The id of the column that the input is sorted by first, where nothing hangs on rows whose neighbour in that order
   * has another value in it: the calls may take the first and the last row of each value for rows without a neighbour.
   */
  readonly within?: number;
}

/**
 * One row per element of the arrays, zipped; the longest decides, shorter ones are padded with null. An empty array
 * in every column drops the row. `arrays` are dynamics; fields: the input's, then one dynamic per array, then the
 * zero-based index if `withIndex`.
 */
export interface Expand extends Derived {
  readonly kind: 'expand';
  readonly arrays: readonly Expression[];
  readonly withIndex: boolean;
  /** At most this many rows per input row. */
  readonly limit: number | undefined;
}

/**
 * Rows that a program beside the engine makes of whole tables: `name` is a key of PROGRAMS. It never reaches SQL: a stage
 * runs it first, and a scan of its answer stands in its place. The inputs' fields are the tables' columns, in order.
 */
export interface Program {
  readonly kind: 'program';
  readonly name: string;
  readonly inputs: readonly Relation[];
  readonly options: Json;
  readonly fields: readonly Field[];
  /** Where the text asks for it. */
  readonly place?: Place;
}

/** Rows of files outside (`externaldata`); like a program, a stage reads them first. */
export interface External {
  readonly kind: 'external';
  readonly urls: readonly string[];
  /** In lower case. */
  readonly format: string;
  readonly options: ExternalOptions;
  readonly fields: readonly Field[];
  readonly place: Place;
}

export interface ExternalOptions {
  readonly ignoreFirstRecord: boolean;
  /** For each field where it is found; undefined: by place (delimited formats) or by name. */
  readonly mapping: readonly ExternalColumn[] | undefined;
}

export interface ExternalColumn {
  readonly column: string;
  /** Zero-based, for delimited formats. */
  readonly ordinal?: number;
  /** Names from the root of the record, for JSON and Parquet. */
  readonly path?: readonly (string | number)[];
  readonly constant?: string;
}
