import { joinSql, sql, text } from '../../clickhouse/sql.ts';
import { SQL_TYPE } from '../../clickhouse/types.ts';
import type { AggregationFamily } from './registry.ts';

/** What `scan` gathers; no query can call it by name. */
export const scanRows: AggregationFamily = {
  scan_rows: {
    summary:
      'The rows of a group in the order of their places, as an array of tuples that begin with the place.',
    page: 'scan-operator',
    sql: ([place, ...cells]) => {
      if (!place) throw new Error('scan_rows takes a place');
      const typed = cells.map((cell) => sql`CAST(${cell.sql}, ${text(SQL_TYPE[cell.type])})`);
      return sql`arraySort(__t -> __t.1, groupArray((${joinSql([sql`ifNull(${place.sql}, 0)`, ...typed], ', ')})))`;
    },
  },
};
