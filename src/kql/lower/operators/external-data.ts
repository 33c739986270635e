import { QueryFault } from '../../diagnostics.ts';
import type { Node } from '../../parse/node.ts';

/**
 * `externaldata (columns) [URL, ...]`: hunting never fetches anything by itself, so the query is refused, and the
 * answer names what it would have read.
 * Source: https://learn.microsoft.com/kusto/query/externaldata-operator
 */
export function externalData(node: Node): QueryFault {
  const urls = node.items('URIs').map((uri) => `\`${String(uri.literalValue ?? uri.text)}\``);
  const what = urls.length > 0 ? urls.join(', ') : 'a URL';
  return new QueryFault(
    'SPOOR007',
    'unsupported',
    `\`externaldata\` would read ${what}, which is not available here`,
    node,
  );
}
