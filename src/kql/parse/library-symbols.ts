import type { CatalogView, TableSchema } from '../../model/table-schema.ts';
import { Kusto, type KustoObject, System } from './kusto.ts';

/** The tenant's functions, and the two that read its watchlists. */
export function librarySymbols(catalog: CatalogView): KustoObject[] {
  const functions = (catalog.functions ?? []).map(
    ({ name, parameters, body }) =>
      new Kusto.Symbols.FunctionSymbol.$ctor16(name, parameters, `{\n${body}\n}`),
  );
  return [...functions, ...watchlistSymbols(catalog)];
}

function watchlistSymbols(catalog: CatalogView): KustoObject[] {
  const tables = new Map<string, KustoObject>();
  for (const [alias, watchlist] of catalog.watchlists ?? []) tables.set(alias, tableOf(watchlist));
  // Any column, so that the one fault that the author sees is the missing watchlist.
  const unknown = Kusto.Symbols.TableSymbol.From('(SearchKey:string)').WithIsOpen(true);
  const items = (call: KustoObject): KustoObject => {
    const alias = firstConstant(call);
    return tables.get(alias?.toLowerCase() ?? '') ?? unknown;
  };
  const aliases = Kusto.Symbols.TableSymbol.From('(WatchlistAlias:string)');
  return [
    tabular('_GetWatchlist', '(watchlistAlias:string)', items),
    tabular('_GetWatchlistAlias', '()', () => aliases),
  ];
}

function tabular(name: string, parameters: string, result: (call: KustoObject) => KustoObject): KustoObject {
  const parsed = Kusto.Symbols.Parameter.ParseList(parameters);
  return new Kusto.Symbols.FunctionSymbol.$ctor1(name, result, Kusto.Symbols.Tabularity.Tabular, parsed);
}

function firstConstant(call: KustoObject): string | undefined {
  const count = call.Arguments ? System.Array.getCount(call.Arguments, Kusto.Syntax.Expression) : 0;
  const first = count > 0 ? System.Array.getItem(call.Arguments, 0, Kusto.Syntax.Expression) : undefined;
  return typeof first?.ConstantValue === 'string' ? first.ConstantValue : undefined;
}

function tableOf(watchlist: TableSchema): KustoObject {
  const columns = watchlist.columns.map(({ name, type }) => `['${name}']:${type}`);
  return Kusto.Symbols.TableSymbol.From(`(${columns.join(', ')})`);
}
