import type { Sql } from '../../clickhouse/sql.ts';
import type { Argument, CallContext, ParamKind } from '../functions/registry.ts';

/**
 * One aggregation. Same conventions as a scalar function; `sql` yields an expression over aggregate functions.
 * Nulls are skipped unless the page says otherwise; over no rows it yields what the page's table of defaults says.
 */
export interface Aggregation {
  readonly summary: string;
  readonly page: string;
  readonly params?: readonly ParamKind[];
  readonly nulls?: 'args' | 'never' | 'maybe';
  readonly sql: (args: readonly Argument[], context: CallContext) => Sql;
  readonly examples?: readonly (readonly [query: string, result: string])[];
}

export type AggregationFamily = Readonly<Record<string, Aggregation>>;
