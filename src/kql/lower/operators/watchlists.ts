import { invalid } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';
import { literal } from '../../plan/expression.ts';
import type { Relation } from '../../plan/relation.ts';
import type { LowerContext } from '../context.ts';
import type { Scope } from '../scope.ts';
import { lowerScan } from './scan.ts';

/**
 * The items of a watchlist of the tenant, by its alias.
 * Source: https://learn.microsoft.com/azure/sentinel/watchlists-queries
 */
export function watchlistItems(
  node: Node,
  args: readonly Node[],
  scope: Scope,
  context: LowerContext,
): Relation {
  const [argument] = args;
  const alias = argument && context.expression(argument, { row: [], names: scope.names });
  if (alias?.kind !== 'literal') throw invalid('`_GetWatchlist` takes a constant alias', argument ?? node);
  const watchlist = context.catalog.watchlists?.get(String(alias.value).toLowerCase());
  if (!watchlist) throw invalid(`there is no watchlist \`${String(alias.value)}\``, argument ?? node);
  return lowerScan(watchlist, undefined, context);
}

/** The aliases of the tenant's watchlists, one a row. */
export function watchlistAliases(context: LowerContext): Relation {
  const rows = (context.catalog.watchlistAliases ?? []).map((alias) => [literal('string', alias)]);
  return { kind: 'values', fields: [context.field('WatchlistAlias', 'string')], rows };
}
