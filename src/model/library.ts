/** What a tenant's administrators have added to the language: functions and watchlists. Plain data. */
export interface Library {
  /** Differs wherever the contents do, between tenants too. */
  readonly version: string;
  readonly functions: readonly SavedFunction[];
  readonly watchlists: readonly StoredWatchlist[];
}

/** A function that queries call by its name, as if it were built in. */
export interface SavedFunction {
  readonly name: string;
  /** In the language's notation, with the parentheses: `(T:(Timestamp:datetime), days:long=7)`. */
  readonly parameters: string;
  /** Without the braces. */
  readonly body: string;
}

/** A watchlist as queries see it. */
export interface StoredWatchlist {
  /** What `_GetWatchlist` takes; compared without case. */
  readonly alias: string;
  /** The table of the tenant's database that holds the items. */
  readonly table: string;
  /** The columns of the uploaded list, in order; each holds text. */
  readonly columns: readonly string[];
}

/**
 * The columns that every watchlist has, before its own.
 * Source: https://learn.microsoft.com/azure/sentinel/watchlists-queries
 */
export const WATCHLIST_COLUMNS = ['_DTItemId', 'LastUpdatedTimeUTC', 'SearchKey'] as const;
