import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KQL_TYPES, type KqlType } from '../model/kql-type.ts';
import type { ColumnIndex } from '../model/table-schema.ts';
import type { Catalog, CatalogColumn, CatalogTable, RenamedValue, RenameHint } from './catalog.ts';

/**
 * Reads the catalogue from its data files: one per table, and `renames.json`. Takes a few milliseconds.
 * A file that is not as expected is a fault of the installation and throws.
 */
export function loadCatalog(schemaDir: string = packagedSchemaDir()): Catalog {
  const tables = new Map<string, CatalogTable>();
  for (const file of readdirSync(schemaDir).sort()) {
    if (!file.endsWith('.json') || file === RENAMES_FILE) continue;
    const table = readTable(JSON.parse(readFileSync(join(schemaDir, file), 'utf8')) as TableFile);
    if (`${table.name}.json` !== file) throw new Error(`schema file ${file} describes \`${table.name}\``);
    tables.set(table.name, table);
  }
  const renames = JSON.parse(readFileSync(join(schemaDir, RENAMES_FILE), 'utf8')) as RenamesFile;
  const catalog: Catalog = {
    tables,
    tableAliases: new Map(renames.tables.map((rename) => [rename.old, rename.new])),
    renameHints: renames.unresolved.map(readHint),
    renamedValues: [
      ...renames.actionTypes.map((rename) => ({
        tables: [rename.table],
        column: 'ActionType',
        old: rename.old,
        new: rename.new,
      })),
      ...renames.values,
    ],
  };
  checkReferences(catalog);
  return catalog;
}

const RENAMES_FILE = 'renames.json';

interface ColumnFile {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly index?: readonly string[];
  readonly lowCardinality?: boolean;
  readonly storedAs?: string;
}

interface TableFile {
  readonly name: string;
  readonly area: string;
  readonly description: string;
  readonly source: string;
  readonly timeColumn?: string;
  readonly preview?: boolean;
  readonly streamed?: boolean;
  readonly replacedBy?: readonly string[];
  readonly storedIn?: string;
  readonly columnAliases?: Readonly<Record<string, string>>;
  readonly columns: readonly ColumnFile[];
}

interface RenamesFile {
  readonly tables: readonly { readonly old: string; readonly new: string }[];
  readonly unresolved: readonly {
    readonly table: string | null;
    readonly column: string | null;
    readonly replacedBy: readonly string[];
    readonly hint: string;
  }[];
  readonly actionTypes: readonly { readonly table: string; readonly old: string; readonly new: string }[];
  readonly values: readonly RenamedValue[];
}

function readTable(file: TableFile): CatalogTable {
  return {
    name: file.name,
    area: file.area,
    description: file.description,
    source: file.source,
    ...(file.timeColumn === undefined ? {} : { timeColumn: file.timeColumn }),
    columns: file.columns.map((column) => readColumn(column, file)),
    columnAliases: new Map(Object.entries(file.columnAliases ?? {})),
    storedIn: file.storedIn,
    replacedBy: file.replacedBy ?? [],
    preview: file.preview ?? false,
    streamed: file.streamed ?? false,
  };
}

function readColumn(column: ColumnFile, table: TableFile): CatalogColumn {
  const type = KQL_TYPES.find((candidate) => candidate === column.type);
  if (type === undefined) {
    throw new Error(`\`${table.name}.${column.name}\` has the unknown type \`${column.type}\``);
  }
  return {
    name: column.name,
    type,
    description: column.description,
    nullable: isNullable(type) && (column.storedAs ?? column.name) !== table.timeColumn,
    indexes: (column.index ?? [])
      .filter((index) => index !== VALUE_INDEX)
      .map((index) => readIndex(index, table, column)),
    valueIndex: column.index?.includes(VALUE_INDEX) ?? false,
    storedAs: column.storedAs,
    lowCardinality: column.lowCardinality ?? false,
  };
}

function isNullable(type: KqlType): boolean {
  return type !== 'string' && type !== 'dynamic';
}

const VALUE_INDEX = 'values';
const INDEXES: readonly ColumnIndex[] = ['terms', 'substrings'];

function readIndex(name: string, table: TableFile, column: ColumnFile): ColumnIndex {
  const index = INDEXES.find((candidate) => candidate === name);
  if (index === undefined || isNullable(column.type as KqlType)) {
    throw new Error(`\`${table.name}.${column.name}\` cannot have the index \`${name}\``);
  }
  return index;
}

function readHint(entry: RenamesFile['unresolved'][number]): RenameHint {
  return {
    table: entry.table ?? undefined,
    column: entry.column ?? undefined,
    replacedBy: entry.replacedBy,
    hint: entry.hint,
  };
}

/** Every name that one file says of another must be there. */
function checkReferences(catalog: Catalog): void {
  const fail = (what: string): never => {
    throw new Error(`the catalogue names ${what}, which it does not hold`);
  };
  for (const [old, name] of catalog.tableAliases) {
    if (!catalog.tables.has(name) || catalog.tables.has(old)) fail(`\`${old}\` for \`${name}\``);
  }
  for (const table of catalog.tables.values()) {
    const names = new Set(table.columns.map((column) => column.name));
    if (table.timeColumn !== undefined && !names.has(table.timeColumn)) {
      fail(`\`${table.name}.${table.timeColumn}\``);
    }
    for (const [old, name] of table.columnAliases) {
      if (!names.has(name) || names.has(old)) fail(`\`${table.name}.${old}\` for \`${name}\``);
    }
    checkStorage(catalog, table, fail);
  }
}

function checkStorage(catalog: Catalog, table: CatalogTable, fail: (what: string) => never): void {
  const storage = catalog.tables.get(table.storedIn ?? table.name);
  if (storage?.storedIn !== undefined) fail(`\`${table.storedIn}\``);
  for (const column of table.columns) {
    const held = storage?.columns.find((other) => other.name === (column.storedAs ?? column.name));
    if (held === undefined || held.type !== column.type || (held !== column && held.storedAs !== undefined)) {
      fail(`\`${table.name}.${column.name}\` in \`${table.storedIn ?? table.name}\``);
    }
  }
}

/** `schema/` beside `src/` in a checkout and beside `dist/` in a built package. */
function packagedSchemaDir(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    if (existsSync(join(folder, 'schema', RENAMES_FILE))) return join(folder, 'schema');
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the folder `schema` is missing from the package');
    folder = parent;
  }
}
