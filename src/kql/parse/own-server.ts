import { DATABASE, isHuntingDatabase } from '../../model/hunting-database.ts';
import { type KustoObject, listOf } from './kusto.ts';
import type { Edit } from './positions.ts';
import { formOf, nodesOf } from './tree.ts';

/**
 * `cluster("this server").database("hunting").T` is a table of the query's own database. The binder knows neither the
 * names that the server goes by nor the other names of its database, so they are taken out of the text.
 * `hosts`: in lower case, each without its port and with it.
 * Source: https://learn.microsoft.com/kusto/query/cluster-function and alias-statement
 */
export function ownServer(root: KustoObject, text: string, hosts: readonly string[]): readonly Edit[] {
  if (!/\b(cluster|database)\b/.test(text)) return [];
  const edits: Edit[] = [];
  const aliases = ownAliases(root, hosts);
  for (const node of nodesOf(root)) {
    if (isOwnCluster(node, hosts) && formOf(node.Parent) === 'PathExpression') {
      const { Expression, Selector } = node.Parent;
      // The cluster is the first link of its path, and the next one follows its dot.
      if (Expression === node)
        edits.push({ start: node.TextStart, length: Selector.TextStart - node.TextStart, text: '' });
      continue;
    }
    const name = firstText(node, 'database');
    if (name === undefined || name === DATABASE || name === '*') continue;
    if (!isHuntingDatabase(name) && !aliases.has(name)) continue;
    const [argument] = argumentsOf(node);
    edits.push({ start: argument.TextStart, length: argument.Width, text: `"${DATABASE}"` });
  }
  return edits;
}

/** The names that `alias database X = ...` gives to the own database. */
function ownAliases(root: KustoObject, hosts: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodesOf(root)) {
    if (formOf(node) !== 'AliasStatement') continue;
    const { Expression: named } = node;
    const isPath = formOf(named) === 'PathExpression';
    if (isPath && !isOwnCluster(named.Expression, hosts)) continue;
    const name = firstText(isPath ? named.Selector : named, 'database');
    if (name !== undefined && isHuntingDatabase(name)) names.add(node.Name.SimpleName);
  }
  return names;
}

function isOwnCluster(node: KustoObject, hosts: readonly string[]): boolean {
  const name = firstText(node, 'cluster');
  return name !== undefined && hosts.includes(hostOf(name));
}

/** `https://name:port/` and `name` alike. */
function hostOf(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '');
}

/** The text that a call of that function is given, and nothing else. */
function firstText(node: KustoObject, name: string): string | undefined {
  if (formOf(node) !== 'FunctionCallExpression' || node.Name?.SimpleName !== name) return undefined;
  const [argument, ...more] = argumentsOf(node);
  if (argument === undefined || more.length > 0) return undefined;
  return typeof argument.ConstantValue === 'string' ? argument.ConstantValue : undefined;
}

function argumentsOf(call: KustoObject): KustoObject[] {
  return listOf(call.ArgumentList?.Expressions).map((element) => element.Element$1 ?? element);
}
