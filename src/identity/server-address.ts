/** Where the server says it is. URLs carry no trailing slash and no path. */
export interface ServerAddress {
  /** The public URL: issuer of every token. With `--port 0` it is known only once the server listens. */
  primary(): string;
  /** Further URLs that clients may reach the server by. */
  readonly others: readonly string[];
}

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export function isLoopbackName(hostname: string): boolean {
  return LOOPBACK_NAMES.has(hostname.toLowerCase());
}

/**
 * The origin that discovery names. Clients insist on the one they asked (MSAL compares the issuer with its authority),
 * but a Host header is anybody's text: it is mirrored only where it is a loopback name or belongs to a configured URL.
 */
export function mirroredOrigin(address: ServerAddress, hostHeader: string | undefined): string {
  const primary = address.primary();
  if (hostHeader === undefined) return primary;
  const asked = hostHeader.toLowerCase();
  for (const url of [primary, ...address.others]) {
    if (new URL(url).host === asked) return url;
  }
  if (/^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/.test(asked)) {
    return `${new URL(primary).protocol}//${asked}`;
  }
  return primary;
}

/**
 * True for a URL that names this server without a path: any configured host or a loopback name for a loopback server,
 * with its port or without one, in either scheme (some clients always write `https`, some drop the port).
 */
export function isOwnUrl(address: ServerAddress, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const asked = new URL(url);
  if (!/^https?:$/.test(asked.protocol)) return false;
  if (asked.username !== '' || asked.password !== '' || asked.search !== '' || asked.hash !== '')
    return false;
  if (!/^\/*$/.test(asked.pathname)) return false;
  return [address.primary(), ...address.others].some((text) => {
    const own = new URL(text);
    const sameName =
      own.hostname === asked.hostname || (isLoopbackName(own.hostname) && isLoopbackName(asked.hostname));
    const standardPort = asked.port === '';
    return sameName && (standardPort || asked.port === own.port);
  });
}
