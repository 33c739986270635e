import type { ClientCredentials, TokenForm } from '../identity/token-request.ts';

/**
 * An `application/x-www-form-urlencoded` body. Names are trimmed: the line continuation of a published bash sample
 * puts eight blanks before `grant_type`. Values stay as they are. Bytes that are no UTF-8 become U+FFFD.
 */
export function parseForm(body: Buffer): TokenForm {
  const values = new Map<string, string>();
  const repeated = new Set<string>();
  for (const [rawName, value] of new URLSearchParams(body.toString('utf8'))) {
    const name = rawName.trim();
    if (values.has(name)) repeated.add(name);
    else values.set(name, value);
  }
  return { values, repeated };
}

/**
 * The credentials of `Authorization: Basic`, id and secret percent-encoded as OAuth asks. Undefined for any other
 * scheme: some clients send their secret as a bearer token beside a complete body.
 */
export function basicCredentials(authorization: string | undefined): ClientCredentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/_=-]+) *$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { id: formDecoded(text.slice(0, colon)), secret: formDecoded(text.slice(colon + 1)) };
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
