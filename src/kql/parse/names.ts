import { Kusto, listOf } from './kusto.ts';

/** Every name that the binder knows of a kind: what the language has, whether it is supported here or not. */
export interface LanguageNames {
  readonly functions: readonly string[];
  readonly aggregates: readonly string[];
  readonly plugins: readonly string[];
  /** As a query writes them. */
  readonly operators: readonly string[];
}

export function languageNames(): LanguageNames {
  const names = (list: unknown): string[] =>
    [...new Set<string>(listOf(list).map((symbol) => symbol.Name))].sort();
  return {
    functions: names(Kusto.Functions.All),
    aggregates: names(Kusto.Aggregates.All),
    plugins: names(Kusto.PlugIns.All),
    operators: Object.keys(Kusto.Syntax.SyntaxKind)
      .filter((kind) => kind.endsWith('Operator') && kind !== 'BadQueryOperator')
      .map(operatorName)
      .sort(),
  };
}

const SPELLINGS: Readonly<Record<string, string>> = {
  ExecuteAndCacheOperator: '__executeAndCache',
  FilterOperator: 'where',
  GetSchemaOperator: 'getschema',
  PartitionByOperator: '__partitionby',
  ReduceByOperator: 'reduce',
};

/** The name that a query writes for a class of syntax nodes: `mv-expand` for `MvExpandOperator`. */
export function operatorName(form: string): string {
  const words = form.replace(/Operator$/, '').replace(/(?<=[a-z])[A-Z]/g, '-$&');
  return SPELLINGS[form] ?? words.toLowerCase();
}
