import type { CatalogView, TableSchema } from '../../model/table-schema.ts';
import { enrichmentSymbols } from './enrichment.ts';
import { Kusto, type KustoObject, System } from './kusto.ts';
import { librarySymbols } from './library-symbols.ts';

/** The binder's view of a catalogue: `strict` has the documented columns; `lenient` the old and alias names too. */
export interface Globals {
  readonly strict: KustoObject;
  readonly lenient: KustoObject;
}

const cache = new WeakMap<CatalogView, Globals>();

export function globalsFor(catalog: CatalogView): Globals {
  const known = cache.get(catalog);
  if (known) return known;
  const globals = { strict: makeGlobals(catalog, false), lenient: makeGlobals(catalog, true) };
  cache.set(catalog, globals);
  return globals;
}

/** Names that resolve only leniently, and the stored column that each means. */
export function aliasColumns(table: TableSchema): ReadonlyMap<string, string> {
  const names = new Map(table.columnAliases);
  const own = new Set(table.columns.map((column) => column.name));
  if (table.timeColumn !== undefined && !names.has('TimeGenerated'))
    names.set('TimeGenerated', table.timeColumn);
  for (const name of own) names.delete(name);
  for (const [name, target] of names) if (!own.has(target)) names.delete(name);
  return names;
}

function makeGlobals(catalog: CatalogView, lenient: boolean): KustoObject {
  const symbols: KustoObject[] = [];
  for (const table of catalog.tables.values()) symbols.push(tableSymbol(table.name, table, lenient));
  for (const [alias, target] of catalog.tableAliases) {
    const table = catalog.tables.get(target);
    if (table && !catalog.tables.has(alias)) symbols.push(tableSymbol(alias, table, lenient));
  }
  symbols.push(...enrichmentSymbols(), ...librarySymbols(catalog));
  const members = System.Array.init(symbols, Kusto.Symbols.Symbol);
  const database = new Kusto.Symbols.DatabaseSymbol.$ctor1('hunting', members);
  return Kusto.GlobalState.Default.WithDatabase(database);
}

function tableSymbol(name: string, table: TableSchema, lenient: boolean): KustoObject {
  const columns = table.columns.map((column) => `['${column.name}']:${column.type}`);
  if (lenient) {
    const types = new Map(table.columns.map((column) => [column.name, column.type]));
    for (const [alias, target] of aliasColumns(table)) columns.push(`['${alias}']:${types.get(target)}`);
  }
  return Kusto.Symbols.TableSymbol.From(`(${columns.join(', ')})`).WithName(name);
}
