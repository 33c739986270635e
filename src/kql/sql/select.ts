import { count, joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import type { ColumnIndex } from '../../model/table-schema.ts';
import type { Field, Relation } from '../plan/relation.ts';
import { columnName, type Printing } from './expression.ts';
import { nullOf } from './literal.ts';

/**
 * A SELECT with one slot per clause; an operator that finds its clause taken wraps it into a subquery and starts anew.
 * Column ids are aliases that are unique in the whole statement, and definitions stand in the WITH list, so every
 * clause may use them.
 */
export interface Select {
  readonly from: Sql | undefined;
  /** Definitions by column id, in order; each may use those before it. */
  readonly definitions: ReadonlyMap<number, Sql>;
  readonly where: readonly Sql[];
  readonly groupBy: readonly Sql[] | undefined;
  /** Of rows that are alike in all outputs one: such a SELECT is wrapped at once, for nothing may join its outputs. */
  readonly distinct: boolean;
  readonly aggregated: boolean;
  readonly orderBy: readonly OrderKey[];
  readonly limitBy: { readonly count: number; readonly keys: readonly Sql[] } | undefined;
  readonly limit: number | undefined;
  readonly arrayJoin: readonly Sql[];
  readonly fields: readonly Field[];
  /** How large each definition is once every alias in it is spelt out; keeps the engine's analysis small. */
  readonly weights: ReadonlyMap<number, number>;
  /** One row of constants, read from nowhere: what filters or groups it stands outside. */
  readonly settled: boolean;
}

export interface OrderKey {
  readonly sql: Sql;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface CarriedOrder {
  readonly outputs: readonly Sql[];
  readonly keys: readonly OrderKey[];
}

/** What a kind of relation needs of the statement around it to become a SELECT. */
export interface Building extends Printing {
  readonly indexes: Map<number, readonly ColumnIndex[]>;
  /** The columns of text that the engine keeps with a dictionary. */
  readonly lowCardinality: Set<number>;
  /** Names of definitions of the SELECT being built that are places inside other columns of it. */
  readonly places: Map<number, Sql>;
  build(relation: Relation): Select;
  /** The SELECT itself if the clause is still free in it, else a new one around it. */
  open(select: Select, clause: Clause): Select;
  /** A new SELECT around it. Its order is carried out as columns, because a subquery's order does not hold outside. */
  wrap(select: Select): Select;
  render(select: Select, outputs: readonly Sql[]): Sql;
  /** A name that is new in the statement. */
  fresh(prefix?: 'k' | 'l' | 'r'): Sql;
}

export type Clause = 'where' | 'order' | 'limit' | 'limit-by' | 'group';

export const EMPTY: Select = {
  from: undefined,
  definitions: new Map(),
  where: [],
  groupBy: undefined,
  distinct: false,
  aggregated: false,
  orderBy: [],
  limitBy: undefined,
  limit: undefined,
  arrayJoin: [],
  fields: [],
  weights: new Map(),
  settled: false,
};

/** A SELECT of these fields without a row. */
export function noRows(fields: readonly Field[]): Select {
  const definitions = new Map(fields.map((field) => [field.id, nullOf(field.type)]));
  return { ...EMPTY, from: sql`(SELECT 1 WHERE 0)`, definitions, fields };
}

/** The columns of what has these fields, as they are named outside. */
export function outputNames({ fields }: { readonly fields: readonly Field[] }): readonly Sql[] {
  return fields.map((field) => columnName(field.id));
}

/** The order as columns for the SELECT list, and as the keys of the SELECT around it. */
export function carriedOrder(select: Select, building: Building): CarriedOrder {
  const carried = select.orderBy.map((key) => ({ key, alias: building.fresh() }));
  return {
    outputs: carried.map(({ key, alias }) => sql`${key.sql} AS ${alias}`),
    keys: carried.map(({ key, alias }) => ({ ...key, sql: alias })),
  };
}

/** Whether rows were already cut, so that nothing may be filtered, sorted or grouped beside it. */
export function isCut(select: Select): boolean {
  return select.limit !== undefined || select.limitBy !== undefined;
}

/** Whether the SELECT can take the clause, or a new one must stand around it. */
export function isFree(select: Select, clause: Clause): boolean {
  switch (clause) {
    case 'where':
      return !isCut(select) && !select.aggregated && !select.settled && select.arrayJoin.length === 0;
    case 'order':
      return !isCut(select);
    case 'limit':
      return select.limit === undefined;
    case 'limit-by':
      return !isCut(select) && !select.aggregated;
    case 'group':
      return isFree(select, 'where') && select.orderBy.length === 0;
  }
}

/** `SELECT outputs ...` with every clause. */
export function selectSql(select: Select, outputs: readonly Sql[]): Sql {
  const parts: Sql[] = [];
  const definitions = [...select.definitions].map(
    ([id, definition]) => sql`${definition} AS ${columnName(id)}`,
  );
  if (definitions.length > 0) parts.push(sql`WITH ${joinSql(definitions, ', ')}`);
  parts.push(
    sql`${select.distinct ? sql`SELECT DISTINCT` : sql`SELECT`} ${outputs.length > 0 ? joinSql(outputs, ', ') : sql`1`}`,
  );
  if (select.from) parts.push(sql`FROM ${select.from}`);
  if (select.arrayJoin.length > 0) parts.push(sql`ARRAY JOIN ${joinSql(select.arrayJoin, ', ')}`);
  if (select.where.length > 0) parts.push(sql`WHERE ${joinSql(select.where, ' AND ')}`);
  if (select.groupBy && select.groupBy.length > 0) {
    parts.push(sql`GROUP BY ${joinSql(select.groupBy, ', ')}`);
  }
  if (select.orderBy.length > 0) parts.push(sql`ORDER BY ${orderSql(select.orderBy)}`);
  if (select.limitBy)
    parts.push(sql`LIMIT ${count(select.limitBy.count)} BY ${joinSql(select.limitBy.keys, ', ')}`);
  if (select.limit !== undefined) parts.push(sql`LIMIT ${count(select.limit)}`);
  return joinSql(parts, ' ');
}

export function orderSql(keys: readonly OrderKey[]): Sql {
  return joinSql(
    keys.map(
      (key) =>
        sql`${key.sql} ${key.descending ? sql`DESC` : sql`ASC`} NULLS ${key.nullsFirst ? sql`FIRST` : sql`LAST`}`,
    ),
    ', ',
  );
}
