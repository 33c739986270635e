import type { Library, StoredWatchlist } from '../model/library.ts';
import { WATCHLIST_COLUMNS } from '../model/library.ts';
import type { CatalogView, StoredColumn, TableSchema } from '../model/table-schema.ts';

/** How many tenants' views are kept: each holds the binder's symbols of every table. */
const KEPT_VIEWS = 32;

const views = new WeakMap<CatalogView, Map<string, CatalogView>>();

/** The catalogue with a tenant's own functions and watchlists; the same object for the same version. */
export function withLibrary(catalog: CatalogView, library: Library | undefined): CatalogView {
  if (!library || (library.functions.length === 0 && library.watchlists.length === 0)) return catalog;
  const known = views.get(catalog) ?? new Map<string, CatalogView>();
  views.set(catalog, known);
  const made = known.get(library.version) ?? viewOf(catalog, library);
  known.delete(library.version);
  known.set(library.version, made);
  for (const oldest of known.keys()) {
    if (known.size <= KEPT_VIEWS) break;
    known.delete(oldest);
  }
  return made;
}

function viewOf(catalog: CatalogView, library: Library): CatalogView {
  const { tables, tableAliases } = catalog;
  const watchlists = new Map(
    library.watchlists.map((watchlist) => [watchlist.alias.toLowerCase(), schemaOf(watchlist)]),
  );
  const aliases = library.watchlists.map(({ alias }) => alias);
  return { tables, tableAliases, functions: library.functions, watchlists, watchlistAliases: aliases };
}

function schemaOf({ alias, table, columns }: StoredWatchlist): TableSchema {
  const column = (name: string): StoredColumn => ({
    name,
    type: name === 'LastUpdatedTimeUTC' ? 'datetime' : 'string',
    description: '',
    nullable: false,
    indexes: [],
  });
  return {
    name: table,
    area: 'watchlists',
    description: alias,
    source: '',
    isReference: true,
    columns: [...WATCHLIST_COLUMNS, ...columns].map(column),
    columnAliases: new Map(),
  };
}
