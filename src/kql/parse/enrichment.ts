import type { Column } from '../../model/table-schema.ts';
import { ENRICHMENTS } from '../enrichments.ts';
import { Kusto, type KustoObject, listOf, System } from './kusto.ts';

/** The service's own functions as the binder knows them. */
export function enrichmentSymbols(): KustoObject[] {
  return ENRICHMENTS.map(({ name, parameters, body, columns }) => {
    if (body !== undefined) return new Kusto.Symbols.FunctionSymbol.$ctor16(name, parameters, body);
    const parsed = Kusto.Symbols.Parameter.ParseList(parameters);
    const result = (call: KustoObject): KustoObject => tableWith(inputOf(call), columns ?? []);
    return new Kusto.Symbols.FunctionSymbol.$ctor1(name, result, Kusto.Symbols.Tabularity.Tabular, parsed);
  });
}

function inputOf(call: KustoObject): KustoObject | undefined {
  const types = call.ArgumentTypes;
  const count = types ? System.Array.getCount(types, Kusto.Symbols.TypeSymbol) : 0;
  return count > 0 ? System.Array.getItem(types, 0, Kusto.Symbols.TypeSymbol) : undefined;
}

function tableWith(input: KustoObject | undefined, added: readonly Column[]): KustoObject {
  const columns: string[] = [];
  const taken = new Set<string>();
  for (const symbol of listOf(input?.Columns)) {
    columns.push(`['${symbol.Name}']:${symbol.Type.Name === 'unknown' ? 'dynamic' : symbol.Type.Name}`);
    taken.add(symbol.Name);
  }
  for (const { name, type } of added) {
    let free = name;
    for (let n = 1; taken.has(free); n++) free = `${name}${n}`;
    taken.add(free);
    columns.push(`['${free}']:${type}`);
  }
  return Kusto.Symbols.TableSymbol.From(`(${columns.join(', ')})`);
}
