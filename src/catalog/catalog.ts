import type { CatalogView, StoredColumn, TableSchema } from '../model/table-schema.ts';

/** A column with what only its storage knows. */
export interface CatalogColumn extends StoredColumn {
  /**
   * The stored column that holds the values, where it is another one: an old name in a table kept only as a view,
   * or a second name for a column of the same table. Nothing can be inserted under this name.
   */
  readonly storedAs: string | undefined;
  readonly lowCardinality: boolean;
  /** A filter over the whole value, which the engine uses by itself for `=` and `IN` on the bare column. */
  readonly valueIndex: boolean;
}

export interface CatalogTable extends TableSchema {
  readonly columns: readonly CatalogColumn[];
  /** The table that holds the rows, where it is another one: then this one is a view of it. */
  readonly storedIn: string | undefined;
  /** Tables to use instead, for one that is no longer filled; else empty. */
  readonly replacedBy: readonly string[];
  /** Announced by its makers as a preview. */
  readonly preview: boolean;
  /** True if Defender's streaming API sends its rows. */
  readonly streamed: boolean;
}

/** What a name that no longer resolves to one thing should be replaced by. */
export interface RenameHint {
  /** Undefined: any table. */
  readonly table: string | undefined;
  /** Undefined: the table itself. */
  readonly column: string | undefined;
  readonly replacedBy: readonly string[];
  readonly hint: string;
}

/** A value that was spelt differently in the past, in one column of some tables. */
export interface RenamedValue {
  readonly tables: readonly string[];
  readonly column: string;
  readonly old: string;
  readonly new: string;
}

export interface Catalog extends CatalogView {
  readonly tables: ReadonlyMap<string, CatalogTable>;
  readonly renameHints: readonly RenameHint[];
  readonly renamedValues: readonly RenamedValue[];
}

/** The table of a name, old names included. Names are case-sensitive. */
export function findTable(catalog: Catalog, name: string): CatalogTable | undefined {
  return catalog.tables.get(catalog.tableAliases.get(name) ?? name);
}

/** The table that holds the rows of a table: itself, or the one that it is a view of. */
export function storageOf(catalog: Catalog, table: CatalogTable): CatalogTable {
  if (table.storedIn === undefined) return table;
  const storage = catalog.tables.get(table.storedIn);
  if (storage === undefined) throw new Error(`the table \`${table.storedIn}\` is not in the catalogue`);
  return storage;
}

/** The tables that are views of a stored table. */
export function viewsOf(catalog: Catalog, table: CatalogTable): readonly CatalogTable[] {
  return [...catalog.tables.values()].filter((other) => other.storedIn === table.name);
}

/** The stored column behind a column name of a table, old names included; undefined if there is none. */
export function storedColumn(table: CatalogTable, name: string): string | undefined {
  const own = table.columnAliases.get(name) ?? name;
  const column = table.columns.find((candidate) => candidate.name === own);
  return column === undefined ? undefined : (column.storedAs ?? column.name);
}
