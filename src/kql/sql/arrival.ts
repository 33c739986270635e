import { type Sql, sql, text } from '../../clickhouse/sql.ts';
import { literalSql } from './literal.ts';

/** Which rows of stored tables are read, by when they arrived. A member left out is open. */
export interface ArrivalWindow {
  /** Only rows with a larger arrival number. */
  readonly after?: bigint | undefined;
  /** Only rows with this arrival number or a smaller one. */
  readonly upTo?: bigint | undefined;
  /** Only rows that arrived at this moment or later, in ticks since 1970. */
  readonly fromTicks?: bigint | undefined;
}

/** On the stored columns themselves, whose indexes hold the least and the greatest of each granule. */
export function arrivalPredicates(window: ArrivalWindow | undefined): readonly Sql[] {
  const number = (value: bigint) => sql`toUInt64(${text(String(value))})`;
  return [
    ...(window?.after === undefined ? [] : [sql`_arrival > ${number(window.after)}`]),
    ...(window?.upTo === undefined ? [] : [sql`_arrival <= ${number(window.upTo)}`]),
    ...(window?.fromTicks === undefined
      ? []
      : [sql`_ingested >= ${literalSql('datetime', window.fromTicks)}`]),
  ];
}
