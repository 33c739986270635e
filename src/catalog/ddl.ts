import { count, ident, joinSql, type Sql, sql } from '../clickhouse/sql.ts';
import { termText } from '../clickhouse/types.ts';
import type { ColumnIndex } from '../model/table-schema.ts';
import { type Catalog, type CatalogTable, storageOf, viewsOf } from './catalog.ts';
import { type PhysicalColumn, physicalColumns } from './physical.ts';

/** The database of a tenant. `tenantId` is a GUID in any letter case; anything else throws. */
export function tenantDatabase(tenantId: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tenantId)) {
    throw new Error('a tenant id is a GUID');
  }
  return `tenant_${tenantId.toLowerCase().replaceAll('-', '_')}`;
}

export function createDatabase(database: string): Sql {
  return sql`CREATE DATABASE IF NOT EXISTS ${ident(database)}`;
}

/**
 * What makes a table ready for its first row: the table that holds the rows, then each view of it. Every statement
 * can be repeated. For a view these are the statements of the table behind it.
 */
export function createStatements(
  catalog: Catalog,
  database: string,
  table: CatalogTable,
  retentionDays?: number,
): readonly Sql[] {
  const storage = storageOf(catalog, table);
  return [
    createTable(database, storage, retentionDays),
    ...viewsOf(catalog, storage).map((view) => createView(database, view)),
  ];
}

/** The table of a stored table. Rows older than `retentionDays`, counted from their arrival, are dropped. */
export function createTable(database: string, table: CatalogTable, retentionDays?: number): Sql {
  if (table.storedIn !== undefined) throw new Error(`\`${table.name}\` is a view of \`${table.storedIn}\``);
  const items = [
    ...physicalColumns(table).map(columnDefinition),
    ...indexes(table).map(({ definition }) => definition),
  ];
  const clauses = [
    sql`CREATE TABLE IF NOT EXISTS ${qualified(database, table.name)} (\n${joinSql(items, ', ')}\n)`,
    sql`ENGINE = MergeTree`,
    ...(table.timeColumn === undefined ? [] : [partitionClause(table.timeColumn)]),
    sql`ORDER BY ${sortingKey(table)}`,
    ...(retentionDays === undefined ? [] : [sql`TTL ${expiry(retentionDays)}`]),
    sql`SETTINGS non_replicated_deduplication_window = 10000`,
  ];
  return joinSql(clauses, '\n');
}

/** A view that shows the rows of another table under this one's column names. */
export function createView(database: string, view: CatalogTable): Sql {
  if (view.storedIn === undefined) throw new Error(`\`${view.name}\` holds rows of its own`);
  const columns = physicalColumns(view).map((column) =>
    column.aliasOf === undefined
      ? ident(column.name)
      : sql`${ident(column.aliasOf)} AS ${ident(column.name)}`,
  );
  const from = qualified(database, view.storedIn);
  return sql`CREATE OR REPLACE VIEW ${qualified(database, view.name)} AS SELECT ${joinSql(columns, ', ')} FROM ${from}`;
}

/**
 * Brings a stored table to its retention, in days from a row's arrival; undefined keeps rows for ever. `definition` is
 * its `engine_full` in `system.tables`. Empty where the table has this retention.
 */
export function changedRetention(
  database: string,
  table: CatalogTable,
  definition: string,
  retentionDays: number | undefined,
): readonly Sql[] {
  const held = /\bTTL .*toIntervalDay\((\d+)\)/.exec(definition)?.[1];
  if (held === retentionDays?.toString()) return [];
  const alter = sql`ALTER TABLE ${qualified(database, table.name)}`;
  return [
    retentionDays === undefined
      ? sql`${alter} REMOVE TTL`
      : sql`${alter} MODIFY TTL ${expiry(retentionDays)}`,
  ];
}

/**
 * What a table made by an earlier release lacks: one statement per column or index whose name is not in `existing`
 * (from `system.columns` and `system.data_skipping_indices`). Empty when nothing is missing. A new index covers
 * what is inserted or merged from then on; the rest is scanned.
 */
export function missingColumns(
  database: string,
  table: CatalogTable,
  existing: ReadonlySet<string>,
): readonly Sql[] {
  const alter = sql`ALTER TABLE ${qualified(database, table.name)}`;
  const columns = physicalColumns(table);
  return [
    ...columns.flatMap((column, place) => {
      if (existing.has(column.name)) return [];
      const before = columns[place - 1];
      const where = before === undefined ? sql`FIRST` : sql`AFTER ${ident(before.name)}`;
      return [sql`${alter} ADD COLUMN IF NOT EXISTS ${columnDefinition(column)} ${where}`];
    }),
    ...indexes(table)
      .filter(({ name }) => !existing.has(name))
      .map(({ definition }) => sql`${alter} ADD ${definition}`),
  ];
}

function qualified(database: string, table: string): Sql {
  return sql`${ident(database)}.${ident(table)}`;
}

function columnDefinition(column: PhysicalColumn): Sql {
  const head = sql`${ident(column.name)} ${column.type}`;
  return column.aliasOf === undefined
    ? sql`${head} CODEC(${column.codec})`
    : sql`${head} ALIAS ${ident(column.aliasOf)}`;
}

interface Index {
  readonly name: string;
  readonly definition: Sql;
}

/** The skip indexes of a stored table. `_arrival` and `_ingested` grow with time, so the newest parts are found fast. */
function indexes(table: CatalogTable): readonly Index[] {
  return [
    ...['_arrival', '_ingested'].map((column) =>
      index('range', column, sql`${ident(column)} TYPE minmax GRANULARITY 1`),
    ),
    ...table.columns.flatMap((column) => {
      const whole = sql`${ident(column.name)} TYPE bloom_filter(0.01) GRANULARITY 1`;
      return [
        ...column.indexes.map((kind) => index(kind, column.name, searchIndex(ident(column.name), kind))),
        ...(column.valueIndex ? [index('values', column.name, whole)] : []),
      ];
    }),
  ];
}

function index(kind: string, column: string, what: Sql): Index {
  const name = `${kind}_${column}`;
  return { name, definition: sql`INDEX ${ident(name)} ${what}` };
}

/**
 * The compiler writes the same expressions, or an index lies idle. No preprocessor: with one, the engine's answers
 * depended on where the predicate stood.
 */
function searchIndex(column: Sql, kind: ColumnIndex): Sql {
  switch (kind) {
    case 'terms':
      return sql`${termText(column)} TYPE text(tokenizer = 'splitByNonAlpha')`;
    case 'substrings':
      return sql`lower(${column}) TYPE ngrambf_v1(4, 32768, 2, 0) GRANULARITY 1`;
  }
}

/** `toDate32`, because `toDate` wraps silently outside 1970 to 2149. */
function partitionClause(timeColumn: string): Sql {
  return sql`PARTITION BY toYYYYMM(toDate32(${ident(timeColumn)}))`;
}

/** By time where there is one; else by the first column, which is the identity of what the table lists. */
function sortingKey(table: CatalogTable): Sql {
  const first = table.timeColumn ?? table.columns[0]?.name;
  if (first === undefined) throw new Error(`\`${table.name}\` has no column`);
  return ident(first);
}

function expiry(retentionDays: number): Sql {
  return sql`toDateTime(_ingested) + toIntervalDay(${count(retentionDays)})`;
}
