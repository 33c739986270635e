import { type Catalog, type CatalogTable, findTable, storedColumn } from '../catalog/catalog.ts';
import { withoutTypeSuffix } from './table-rows.ts';

/** Members that name a row's table: of `union withsource=`, and of exports of a workspace. */
const TABLE_MEMBERS = ['$table', 'TableName', 'Type'] as const;

/**
 * The table that an object without a table name is a row of: the one that knows most of its filled members; where
 * several do, the one of whose columns the fewest are missing: an export has a table's columns even where they are
 * empty. Undefined where that is not one table.
 */
export function guessTable(
  catalog: Catalog,
): (row: Readonly<Record<string, unknown>>) => CatalogTable | undefined {
  const stored = [...catalog.tables.values()].filter((table) => table.storedIn === undefined);
  const guesses = new Map<string, CatalogTable | undefined>();
  return (row) => {
    for (const member of TABLE_MEMBERS) {
      const name = row[member];
      const table = typeof name === 'string' ? findTable(catalog, name) : undefined;
      if (table !== undefined) return table;
    }
    const all = Object.keys(row);
    const filled = all.filter((name) => row[name] !== null && row[name] !== '');
    const key = `${all.join('\n')}\n\n${filled.join('\n')}`;
    if (!guesses.has(key)) {
      if (guesses.size > 1000) guesses.clear();
      guesses.set(key, best(stored, filled, all));
    }
    return guesses.get(key);
  };
}

/** Fewer members in common than this say nothing. */
const MIN_MEMBERS = 4;

function best(
  tables: readonly CatalogTable[],
  filled: readonly string[],
  all: readonly string[],
): CatalogTable | undefined {
  const scored = tables
    .filter((table) => table.timeColumn === undefined || filled.some((name) => names(table, name)))
    .map((table) => ({
      table,
      filled: filled.filter((name) => names(table, name)).length,
      missing: table.columns.length - new Set(all.map((name) => column(table, name))).size,
    }))
    .sort((left, right) => right.filled - left.filled || left.missing - right.missing);
  const [first, second] = scored;
  if (first === undefined || first.filled < Math.min(MIN_MEMBERS, filled.length)) return undefined;
  if (first.filled < 2) return undefined;
  return second !== undefined && second.filled === first.filled && second.missing === first.missing
    ? undefined
    : first.table;
}

function names(table: CatalogTable, member: string): boolean {
  return column(table, member) !== undefined;
}

function column(table: CatalogTable, member: string): string | undefined {
  return storedColumn(table, member) ?? storedColumn(table, withoutTypeSuffix(member) ?? '');
}
