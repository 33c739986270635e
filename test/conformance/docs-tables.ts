import { SQL_TYPE } from '../../src/clickhouse/types.ts';
import type { KqlType } from '../../src/model/kql-type.ts';
import type { CatalogView, StoredColumn, TableSchema } from '../../src/model/table-schema.ts';
import type { Engine } from './engine.ts';

/**
 * Tables that the examples of the language reference read. Their rows are not here, so such examples show only that
 * a query is understood and that its columns have the right names.
 */
const TABLES: Readonly<Record<string, Readonly<Record<string, KqlType>>>> = {
  StormEvents: {
    StartTime: 'datetime',
    EndTime: 'datetime',
    EpisodeId: 'int',
    EventId: 'int',
    State: 'string',
    EventType: 'string',
    InjuriesDirect: 'int',
    InjuriesIndirect: 'int',
    DeathsDirect: 'int',
    DeathsIndirect: 'int',
    DamageProperty: 'int',
    DamageCrops: 'int',
    Source: 'string',
    BeginLocation: 'string',
    EndLocation: 'string',
    BeginLat: 'real',
    BeginLon: 'real',
    EndLat: 'real',
    EndLon: 'real',
    EpisodeNarrative: 'string',
    EventNarrative: 'string',
    StormSummary: 'dynamic',
  },
  PopulationData: { State: 'string', Population: 'long' },
};

export const DOCS_CATALOG: CatalogView = {
  tables: new Map(Object.entries(TABLES).map(([name, columns]) => [name, tableSchema(name, columns)])),
  tableAliases: new Map(),
};

/** Makes the tables, without rows. */
export function createDocsTables(engine: Engine, database: string): void {
  engine.command(`CREATE DATABASE \`${database}\``);
  for (const [name, columns] of Object.entries(TABLES)) {
    const definitions = Object.entries(columns).map(([column, type]) => `\`${column}\` ${SQL_TYPE[type]}`);
    const internal = ['_arrival UInt64', "_ingested DateTime64(7, 'UTC')", '_extra String'];
    const body = [...definitions, ...internal].join(', ');
    engine.command(`CREATE TABLE \`${database}\`.\`${name}\` (${body}) ENGINE = MergeTree ORDER BY tuple()`);
  }
}

function tableSchema(name: string, columns: Readonly<Record<string, KqlType>>): TableSchema {
  return {
    name,
    area: 'documentation',
    description: name,
    source: 'https://learn.microsoft.com/kusto/query/tutorials/learn-common-operators',
    columns: Object.entries(columns).map(
      ([column, type]): StoredColumn => ({
        name: column,
        type,
        description: column,
        nullable: true,
        indexes: [],
      }),
    ),
    columnAliases: new Map(),
  };
}
