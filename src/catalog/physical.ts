import { type Sql, sql } from '../clickhouse/sql.ts';
import type { KqlType } from '../model/kql-type.ts';
import type { CatalogColumn, CatalogTable } from './catalog.ts';

/** A column as `CREATE TABLE` writes it. */
export interface PhysicalColumn {
  readonly name: string;
  /** The engine's type; its `text` is what `system.columns` prints. */
  readonly type: Sql;
  /** Compression, as it stands inside `CODEC(...)`. */
  readonly codec: Sql;
  /** The stored column that this one is a second name of: computed when read, never inserted. */
  readonly aliasOf: string | undefined;
}

const SEQUENCE = sql`DoubleDelta, ZSTD(1)`;
const STAMP = sql`Delta, ZSTD(1)`;
const WHOLE_NUMBER = sql`T64, ZSTD(1)`;
const TEXT = sql`ZSTD(3)`;
const OTHER = sql`ZSTD(1)`;

/**
 * Columns of every stored table beside the documented ones; a query cannot name them.
 * `_arrival` grows strictly with each row accepted, `_ingested` is when it was, `_extra` is a JSON object of members
 * that no column takes ('' if none).
 */
const INTERNAL_COLUMNS: readonly PhysicalColumn[] = [
  { name: '_arrival', type: sql`UInt64`, codec: SEQUENCE, aliasOf: undefined },
  { name: '_ingested', type: sql`DateTime64(7, 'UTC')`, codec: STAMP, aliasOf: undefined },
  { name: '_extra', type: sql`String`, codec: TEXT, aliasOf: undefined },
];

/** Every column of a stored table in the engine: the documented ones in their order, then the internal ones. */
export function physicalColumns(table: CatalogTable): readonly PhysicalColumn[] {
  return [...table.columns.map(physicalColumn), ...INTERNAL_COLUMNS];
}

/** The columns that an insert fills, in the order of the table, internal ones last. */
export function insertColumns(table: CatalogTable): readonly string[] {
  return physicalColumns(table)
    .filter((column) => column.aliasOf === undefined)
    .map((column) => column.name);
}

function physicalColumn(column: CatalogColumn): PhysicalColumn {
  const layout = LAYOUT[column.type];
  const plain = column.nullable ? layout.type : (layout.required ?? layout.type);
  return {
    name: column.name,
    type: column.lowCardinality && column.type === 'string' ? sql`LowCardinality(String)` : plain,
    codec: layout.codec,
    aliasOf: column.storedAs,
  };
}

/** The storage of each type: `SQL_TYPE` of clickhouse/types.ts, with a codec (measured: docs/storage.md). */
const LAYOUT: Readonly<
  Record<KqlType, { readonly type: Sql; readonly required?: Sql; readonly codec: Sql }>
> = {
  bool: { type: sql`Nullable(Bool)`, codec: OTHER },
  int: { type: sql`Nullable(Int32)`, codec: WHOLE_NUMBER },
  long: { type: sql`Nullable(Int64)`, codec: WHOLE_NUMBER },
  real: { type: sql`Nullable(Float64)`, codec: OTHER },
  decimal: { type: sql`Nullable(Decimal(76, 28))`, codec: OTHER },
  string: { type: sql`String`, codec: TEXT },
  datetime: { type: sql`Nullable(DateTime64(7, 'UTC'))`, required: sql`DateTime64(7, 'UTC')`, codec: STAMP },
  timespan: { type: sql`Nullable(Int64)`, codec: WHOLE_NUMBER },
  guid: { type: sql`Nullable(UUID)`, codec: OTHER },
  dynamic: { type: sql`String`, codec: TEXT },
};
