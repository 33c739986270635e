import { sql } from '../../clickhouse/sql.ts';
import { toElement } from '../functions/coerce.ts';
import type { AggregationFamily } from './registry.ts';

/** What `make-series` gathers; no query can call it by name. */
export const seriesPoints: AggregationFamily = {
  series_points: {
    summary: 'The places and values of a series as `Array(Tuple(Int64, String))`, in order.',
    page: 'make-series-operator',
    sql: ([place, value]) => {
      if (!place || !value) throw new Error('series_points takes a place and a value');
      return sql`arraySort(__t -> __t.1, groupArray((ifNull(${place.sql}, 0), ${toElement(value.sql, value.type)})))`;
    },
  },
};
