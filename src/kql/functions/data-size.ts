import { type Sql, sql } from '../../clickhouse/sql.ts';
import type { KqlType } from '../../model/kql-type.ts';
import type { FunctionFamily } from './registry.ts';

/** Bytes of a value, by type; a text takes as many as it has. */
const BYTES: Readonly<Record<Exclude<KqlType, 'string' | 'dynamic'>, Sql>> = {
  bool: sql`1`,
  int: sql`4`,
  long: sql`8`,
  real: sql`8`,
  datetime: sql`8`,
  timespan: sql`8`,
  guid: sql`16`,
  decimal: sql`16`,
};

export const dataSize: FunctionFamily = {
  estimate_data_size: {
    summary:
      'About how many bytes the columns of a row take: fixed for most types, the length of texts and dynamics.',
    page: 'estimate-data-size-function',
    nulls: 'never',
    sql: (args) => {
      const sizes = args.map(({ sql: value, type }) =>
        type === 'string' || type === 'dynamic' ? sql`toInt64(length(${value}))` : BYTES[type],
      );
      return sql`toInt64(${sizes.reduce((sum, size) => sql`${sum} + ${size}`, sql`0`)})`;
    },
  },
};
