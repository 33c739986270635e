import type { CatalogView } from '../../model/table-schema.ts';
import type { KustoObject } from './kusto.ts';
import type { Edit } from './positions.ts';
import { endOf, formOf, nodesOf, textOf } from './tree.ts';

/**
 * A wildcard among tables means the query's views too (`let V = view () { ... }; union V*`), whose columns the binder
 * does not count then: where it fits a view, the names that it stands for are written out.
 * Source: https://learn.microsoft.com/kusto/query/union-operator
 */
export function viewWildcards(root: KustoObject, text: string, { tables }: CatalogView): readonly Edit[] {
  // Restricted names are left to the wildcard, which passes them over.
  if (!/\bview\s*\(/.test(text) || /\brestrict\s+access\b/.test(text)) return [];
  const nodes = [...nodesOf(root)];
  const views = nodes.filter((node) => formOf(node) === 'LetStatement').flatMap(viewOf);
  const edits: Edit[] = [];
  for (const node of nodes) {
    if (formOf(node) !== 'NameReference' || !/^[\w*]*\*[\w*]*$/.test(textOf(node)) || !isTable(node))
      continue;
    const pattern = new RegExp(`^${textOf(node).replaceAll('*', '.*')}$`, 'i');
    const fits = (name: string): boolean => pattern.test(name);
    const seen = views.filter(({ end }) => end < node.TextStart).map(({ name }) => name);
    if (!seen.some(fits)) continue;
    const names = new Set([...tables.keys(), ...seen].filter(fits));
    edits.push({
      start: node.TextStart,
      length: endOf(node) - node.TextStart,
      text: [...names].map((name) => `['${name}']`).join(', '),
    });
  }
  return edits;
}

function viewOf(statement: KustoObject): { readonly name: string; readonly end: number }[] {
  const declared = statement.Expression;
  if (formOf(declared) !== 'FunctionDeclaration' || !declared.ViewKeyword) return [];
  return [{ name: statement.Name.SimpleName, end: endOf(statement) }];
}

/** A leg of `union`, or one of the tables that `find` and `search` look into. */
function isTable(node: KustoObject): boolean {
  let above = node.Parent;
  while (['SeparatedElement', 'SyntaxList', 'ParenthesizedExpression'].includes(formOf(above)))
    above = above.Parent;
  return ['UnionOperator', 'FindInClause'].includes(formOf(above));
}
