import { sql } from '../../clickhouse/sql.ts';
import type { AggregationFamily } from './registry.ts';

/** Orders groups by their rows; no query can call it by name. */
export const firstRow: AggregationFamily = {
  first_row: {
    summary: 'The place of the first row of a group, as the engine reads them.',
    page: 'summarize-operator',
    nulls: 'never',
    sql: () => sql`toInt64(min(rowNumberInAllBlocks()))`,
  },
};
