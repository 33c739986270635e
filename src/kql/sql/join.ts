import { type Sql, sql } from '../../clickhouse/sql.ts';
import type { JoinKind } from '../plan/relation.ts';
import type { Printed } from './expression.ts';

/** Kusto joins null keys to null keys (measured on the real engine); strings hold no null, so they take the plain form. */
export function keyEquality(left: Printed, right: Printed): Sql {
  return left.nullable && right.nullable
    ? sql`${left.sql} <=> ${right.sql}`
    : sql`${left.sql} = ${right.sql}`;
}

export const JOINS: Readonly<Record<JoinKind, Sql>> = {
  inner: sql`ALL INNER JOIN`,
  left: sql`ALL LEFT JOIN`,
  right: sql`ALL RIGHT JOIN`,
  full: sql`ALL FULL JOIN`,
  leftsemi: sql`LEFT SEMI JOIN`,
  leftanti: sql`LEFT ANTI JOIN`,
  rightsemi: sql`RIGHT SEMI JOIN`,
  rightanti: sql`RIGHT ANTI JOIN`,
};
