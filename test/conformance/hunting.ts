import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CatalogTable, storageOf } from '../../src/catalog/catalog.ts';
import { createDatabase, createTable, createView } from '../../src/catalog/ddl.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { insertColumns } from '../../src/catalog/physical.ts';
import type { ConformanceCase } from './cases.ts';
import type { Engine } from './engine.ts';
import { sampleRow } from './sample-rows.ts';

export const HUNTING_CATALOG = loadCatalog();

const ROWS_PER_TABLE = 12;

/**
 * Queries that people published. Nobody knows what they find: each must be understood, must run, and must find the same
 * with the compiler's passes switched off.
 */
export function readHuntingCases(folder: string): readonly ConformanceCase[] {
  return readFileSync(join(folder, 'hunting', 'queries.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { id: string; query: string })
    .map(({ id, query }) => ({
      id,
      suite: 'hunting',
      family: id.split('/')[0] ?? id,
      query,
      expected: { kind: 'runs', columns: [] },
      disputed: undefined,
      tables: [],
    }));
}

/** Every table of the catalogue with a few plausible rows of the days before `nowMs`. */
export function createHuntingTables(engine: Engine, database: string, nowMs: number): void {
  engine.command(createDatabase(database).text);
  const tables = [...HUNTING_CATALOG.tables.values()];
  const stored = tables.filter((table) => storageOf(HUNTING_CATALOG, table) === table);
  for (const table of stored) {
    engine.command(createTable(database, table).text);
    fill(engine, database, table, nowMs);
  }
  for (const table of tables.filter((candidate) => candidate.storedIn !== undefined)) {
    engine.command(createView(database, table).text);
  }
}

function fill(engine: Engine, database: string, table: CatalogTable, nowMs: number): void {
  const columns = insertColumns(table);
  const rows = Array.from({ length: ROWS_PER_TABLE }, (_, number) => {
    const row = sampleRow(table, number, nowMs);
    return columns.map((column) => row[column] ?? null);
  });
  engine.insert(database, table.name, columns, rows);
}
