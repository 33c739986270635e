import { Kusto, type KustoObject, listOf } from './kusto.ts';
import type { Edit } from './positions.ts';
import { endOf, formOf, nodesOf } from './tree.ts';

/**
 * `union kind=inner` answers the columns that all its tables have; the binder gives those of any table. What is left of
 * them is written behind the operator, so that what follows sees no other.
 * Source: https://learn.microsoft.com/kusto/query/union-operator
 */
export function innerUnions(root: KustoObject, text: string): readonly Edit[] {
  if (!/\bkind\s*=\s*inner\b/i.test(text) || !/\bunion\b/.test(text)) return [];
  const edits: Edit[] = [];
  for (const node of nodesOf(root)) {
    if (formOf(node) !== 'UnionOperator' || parameterOf(node, 'kind')?.toLowerCase() !== 'inner') continue;
    const piped = formOf(node.Parent) === 'PipeExpression' && node.Parent.Operator === node;
    const legs = [
      ...(piped ? [node.Parent.Expression] : []),
      ...listOf(node.Expressions).map((element) => element.Element$1 ?? element),
    ];
    const common = commonColumns(legs);
    const shown = listOf(node.ResultType?.Columns).map(({ Name }) => Name as string);
    if (common === undefined || common.length === 0) continue;
    const source = parameterOf(node, 'withsource') ?? parameterOf(node, 'with_source');
    const kept = shown.filter((name) => name === source || common.includes(name));
    if (kept.length === shown.length) continue;
    const names = kept.map((name) => `['${name.replace(/['\\]/g, '\\$&')}']`);
    edits.push({ start: endOf(node), length: 0, text: ` | project-keep ${names.join(', ')}` });
  }
  return edits;
}

/** Names that stand with the same type in each; undefined where the columns of one are not known. */
function commonColumns(legs: readonly KustoObject[]): readonly string[] | undefined {
  const tables = legs.flatMap(({ ResultType: type }) =>
    type?.Kind === Kusto.Symbols.SymbolKind.Group ? listOf(type.Members) : [type],
  );
  if (tables.some((table) => table?.Kind !== Kusto.Symbols.SymbolKind.Table || table.IsOpen))
    return undefined;
  const [first, ...others] = tables.map(
    (table) => new Map<string, string>(listOf(table.Columns).map(({ Name, Type }) => [Name, Type.Name])),
  );
  return [...(first ?? [])]
    .filter(([name, type]) => others.every((columns) => columns.get(name) === type))
    .map(([name]) => name);
}

/** The text of `name=value`. */
function parameterOf(node: KustoObject, name: string): string | undefined {
  const found = listOf(node.Parameters).find((parameter) => parameter.Name.SimpleName.toLowerCase() === name);
  return found?.Expression?.toString(0).trim();
}
