import type { Json } from '../beside/contract.ts';
import type { Place } from '../diagnostics.ts';
import type { Relation } from './relation.ts';

/** What tells the columns of a plug-in: the rows of `query`, read by the maker of that name. */
export interface ColumnsQuestion {
  readonly plugin: string;
  readonly query: Relation;
  /** A key of COLUMN_MAKERS. */
  readonly maker: string;
  readonly options: Json;
  /** Names the plug-in's place in the text for the next binding. */
  readonly slot: string;
  readonly place: Place;
  /** The time that the query's text sets, or was given. */
  readonly nowTicks: bigint;
}

/** Thrown by the lowering where the columns that follow depend on rows that no answer has told yet. */
export class NeedsColumns extends Error {
  readonly question: ColumnsQuestion;

  constructor(question: ColumnsQuestion) {
    super('columns depend on the data');
    this.question = question;
  }
}
