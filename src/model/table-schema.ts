import type { KqlType } from './kql-type.ts';
import type { SavedFunction } from './library.ts';

/** One column as a query sees it. Names are case-sensitive. */
export interface Column {
  readonly name: string;
  readonly type: KqlType;
}

/**
 * How a stored column can be searched faster than by reading it.
 * `terms`: a text index over `termText(column)`; serves `has` and its kin and equality.
 * `substrings`: an n-gram filter over `lower(column)`; serves `contains`, `startswith`, `endswith`.
 */
export type ColumnIndex = 'terms' | 'substrings';

/** A column of a stored table: its query-side face and what the compiler may know of its storage. */
export interface StoredColumn extends Column {
  readonly description: string;
  /** False only for columns whose SQL type cannot hold NULL (strings and dynamics never hold NULL). */
  readonly nullable: boolean;
  readonly indexes: readonly ColumnIndex[];
  /** Few different values: kept with a dictionary. */
  readonly lowCardinality?: boolean;
}

/** A hunting table. Columns are in the documented order, which is the order of `T | take 1`. */
export interface TableSchema {
  readonly name: string;
  readonly area: string;
  readonly description: string;
  /** The page the columns were taken from. */
  readonly source: string;
  /** The column that says when a row happened; undefined where the table has none, and then no look-back applies. */
  readonly timeColumn?: string;
  /** Rows that someone wrote down, not events: no window of arrival narrows them. */
  readonly isReference?: true;
  readonly columns: readonly StoredColumn[];
  /** Old column names that still resolve, and the column that each means. */
  readonly columnAliases: ReadonlyMap<string, string>;
}

/** What a query may name. */
export interface CatalogView {
  readonly tables: ReadonlyMap<string, TableSchema>;
  /** Old table names that still resolve, and the table that each means. */
  readonly tableAliases: ReadonlyMap<string, string>;
  /** The tenant's own. */
  readonly functions?: readonly SavedFunction[];
  /** The tenant's watchlists, by their alias in lower case. */
  readonly watchlists?: ReadonlyMap<string, TableSchema>;
  /** As they were written. */
  readonly watchlistAliases?: readonly string[];
}
