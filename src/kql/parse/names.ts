import { Kusto, listOf } from './kusto.ts';

/** Every name that the binder knows of a kind: what the language has, whether it is supported here or not. */
export interface LanguageNames {
  readonly functions: readonly string[];
  readonly aggregates: readonly string[];
  readonly plugins: readonly string[];
}

export function languageNames(): LanguageNames {
  const names = (list: unknown): string[] =>
    [...new Set<string>(listOf(list).map((symbol) => symbol.Name))].sort();
  return {
    functions: names(Kusto.Functions.All),
    aggregates: names(Kusto.Aggregates.All),
    plugins: names(Kusto.PlugIns.All),
  };
}
