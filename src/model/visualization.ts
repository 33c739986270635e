/** What `render` asks the client to draw of a table. */
export interface Visualization {
  /** `timechart`, `piechart` ... as the query has it, lower case but for `3Dchart`. */
  readonly kind: string;
  /** By name in lower case, as in `with (title="...")`; lists of columns as lists. */
  readonly properties: Readonly<Record<string, VisualProperty>>;
  /** True where the rows come in an order that the query asked for. */
  readonly isSorted: boolean;
}

export type VisualProperty = string | number | boolean | readonly string[];
