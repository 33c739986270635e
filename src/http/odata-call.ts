import { RequestError } from '../model/request-error.ts';

/**
 * The arguments of a function in a URL, `.../name(query='...',timespan='...')`: names in lower case, texts without
 * their quotes, a doubled quote for one. Taken from the URL as it was sent, since a router reads slashes into it.
 * Throws `BadRequest` (400).
 * Source: https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html (5.1.1.15)
 */
export function functionArguments(url: string): ReadonlyMap<string, string> {
  const path = url.split('?', 1)[0] ?? '';
  const open = path.search(/\(|%28/i);
  const text = open < 0 ? '' : decoded(path.slice(open)).trim();
  if (!text.startsWith('(') || !text.endsWith(')')) throw malformed();
  const inner = text.slice(1, -1);
  const found = new Map<string, string>();
  const argument = /\s*([A-Za-z_]\w*)\s*=\s*(?:'((?:[^']|'')*)'|([^',\s]*))\s*(?:,|$)/y;
  while (argument.lastIndex < inner.length) {
    const match = argument.exec(inner);
    const name = match?.[1]?.toLowerCase();
    if (name === undefined || found.has(name)) throw malformed();
    const bare = match?.[3] ?? '';
    const value = match?.[2]?.replaceAll("''", "'") ?? (bare === 'null' ? '' : bare);
    found.set(name, value);
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed();
  }
}

function malformed(): RequestError {
  return new RequestError('BadRequest', 400, 'The arguments of the function are malformed');
}
