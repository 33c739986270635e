import type { RedirectUri } from '../../store/applications.ts';
import { isLoopbackName } from '../server-address.ts';
import { invalid } from './parts.ts';

export type { RedirectUri } from '../../store/applications.ts';

const MAX_URIS = 256;
const MAX_URI_CHARS = 2048;
/** Schemes that a browser would run rather than go to. */
const FORBIDDEN_SCHEMES: ReadonlySet<string> = new Set([
  'javascript:',
  'data:',
  'vbscript:',
  'blob:',
  'file:',
  'about:',
]);

/**
 * Redirect URIs as they may be registered: absolute, without fragment, user name or wildcard; plain http for loopback
 * names only. An application that keeps no secret may have a scheme of its own. Throws `InvalidInput` (400).
 * Source: RFC 8252 section 7, RFC 9700 section 4.1.3.
 */
export function checkedRedirectUris(uris: readonly RedirectUri[]): readonly RedirectUri[] {
  if (uris.length > MAX_URIS) throw invalid(`an application has at most ${MAX_URIS} redirect URIs`);
  return uris.map(({ uri, kind }) => {
    if (kind !== 'web' && kind !== 'public') throw invalid('the kind of a redirect URI is `web` or `public`');
    if (uri.length > MAX_URI_CHARS || !URL.canParse(uri) || /[\s*\\]|\p{Cc}/u.test(uri)) {
      throw invalid(`a redirect URI is an absolute URL of at most ${MAX_URI_CHARS} characters`);
    }
    const url = new URL(uri);
    if (uri.includes('#')) throw invalid('a redirect URI has no fragment');
    if (url.username !== '' || url.password !== '') throw invalid('a redirect URI has no user name');
    if (FORBIDDEN_SCHEMES.has(url.protocol))
      throw invalid('the scheme of a redirect URI is not one to run or read from');
    if (url.protocol === 'http:' && !isLoopbackName(url.hostname)) {
      throw invalid('a redirect URI is https, or http to a loopback name');
    }
    if (kind === 'web' && !/^https?:$/.test(url.protocol))
      throw invalid('a redirect URI of kind `web` is https');
    return { uri, kind };
  });
}

/**
 * The registered redirect URI that a request's is an instance of: the same text, but for the port where both are http
 * to the same loopback name, since a program on the user's machine takes what port is free. Undefined for any other.
 * Source: RFC 9700 section 2.1, RFC 8252 section 7.3.
 */
export function matchingRedirectUri(
  registered: readonly RedirectUri[],
  asked: string,
): RedirectUri | undefined {
  return (
    registered.find(({ uri }) => uri === asked) ?? registered.find(({ uri }) => isLoopbackTwin(uri, asked))
  );
}

function isLoopbackTwin(registered: string, asked: string): boolean {
  const shape = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?((?:\/[^#\\]*)?)$/;
  const known = shape.exec(registered);
  const sent = shape.exec(asked);
  if (known === null || sent === null || !URL.canParse(asked)) return false;
  const path = (match: RegExpExecArray) => (match[2] === '' ? '/' : match[2]);
  return known[1] === sent[1] && path(known) === path(sent);
}
