import type { CatalogView, TableSchema } from '../../model/table-schema.ts';
import { enrichmentSymbols } from './enrichment.ts';
import { Kusto, type KustoObject, listOf, System } from './kusto.ts';
import { librarySymbols } from './library-symbols.ts';
import { measuredFunctions } from './measured-functions.ts';

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
  return Kusto.GlobalState.Default.WithDatabase(database)
    .WithPlugIns(plugIns())
    .WithFunctions(measuredFunctions());
}

/** The binder does not list `schema_merge`; of `bag_unpack` it knows two of four arguments. */
function plugIns(): KustoObject {
  const known = listOf(Kusto.GlobalState.Default.PlugIns).filter(({ Name }) => Name !== 'bag_unpack');
  const all = [...known, schemaMerge(), bagUnpack()];
  return System.Array.init(all, Kusto.Symbols.FunctionSymbol);
}

/** Source: https://learn.microsoft.com/kusto/query/schema-merge-plugin */
function schemaMerge(): KustoObject {
  const columns = '(ColumnName:string, ColumnOrdinal:long, DataType:string, ColumnType:string)';
  const result = (): KustoObject => Kusto.Symbols.TableSymbol.From(columns);
  const parameters = Kusto.Symbols.Parameter.ParseList('(PreserveOrder:bool=true)');
  const tabular = Kusto.Symbols.Tabularity.Tabular;
  return new Kusto.Symbols.FunctionSymbol.$ctor1('schema_merge', result, tabular, parameters);
}

/** Source: https://learn.microsoft.com/kusto/query/bag-unpack-plugin */
function bagUnpack(): KustoObject {
  const [signature] = listOf(Kusto.PlugIns.BagUnpack.Signatures);
  const [column] = listOf(signature.Parameters);
  const scalar = Kusto.Symbols.ParameterTypeKind.Scalar;
  const types = System.Array.init([], Kusto.Symbols.TypeSymbol);
  const more = ['OutputColumnPrefix', 'columnsConflict', 'ignoredProperties'].map(
    (name) =>
      new Kusto.Symbols.Parameter.$ctor1(name, scalar, types, 0, null, null, false, null, 0, 1, null, null),
  );
  const parameters = System.Array.init([column, ...more], Kusto.Symbols.Parameter);
  const tabular = Kusto.Symbols.Tabularity.Tabular;
  return new Kusto.Symbols.FunctionSymbol.$ctor1(
    'bag_unpack',
    signature.CustomReturnType,
    tabular,
    parameters,
  );
}

function tableSymbol(name: string, table: TableSchema, lenient: boolean): KustoObject {
  const columns = table.columns.map((column) => `['${column.name}']:${column.type}`);
  if (lenient) {
    const types = new Map(table.columns.map((column) => [column.name, column.type]));
    for (const [alias, target] of aliasColumns(table)) columns.push(`['${alias}']:${types.get(target)}`);
  }
  return Kusto.Symbols.TableSymbol.From(`(${columns.join(', ')})`).WithName(name);
}
