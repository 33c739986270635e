import type { CatalogTable } from '../catalog/catalog.ts';
import type { EventTime } from './event-time.ts';

/** The columns of a block of rows, in the order of their cells. */
export interface Layout {
  /** The stored table; never a view. */
  readonly table: CatalogTable;
  /** Engine columns; `_ingested` and `_arrival` are added when the block is written. */
  readonly columns: readonly string[];
}

/** A row ready to be written. */
export interface Row {
  readonly layout: Layout;
  /** JSON tokens in the order of the layout, with commas between. */
  readonly cells: string;
  /** When the event happened; undefined for tables without a time. Not shifted. */
  readonly time: EventTime | undefined;
}

/** What became of one event. */
export type Outcome =
  | { readonly kind: 'row'; readonly row: Row }
  /** Understood, but no table takes it. */
  | { readonly kind: 'skipped'; readonly reason: string }
  /** Not understood: put aside. */
  | { readonly kind: 'rejected'; readonly reason: string };
