/** The hosts that the server may fetch from for a query. */
export interface AllowedHosts {
  /** Why a URL is not allowed; undefined for one that is. */
  refusal(url: URL): string | undefined;
}

/**
 * `example.com`, `*.example.com` (every name below it), `example.com:8443`, `http://example.com`. Without a scheme only
 * https is meant.
 */
export function allowedHosts(entries: readonly string[]): AllowedHosts {
  const rules = entries.map((entry) => {
    const [, scheme = 'https', host = ''] = /^(?:(https?):\/\/)?([^/]+)\/?$/i.exec(entry) ?? [];
    const [, name = '', port = ''] = /^(.*?)(?::(\d+))?$/.exec(host.toLowerCase()) ?? [];
    return { protocol: `${scheme.toLowerCase()}:`, name, port };
  });
  return {
    refusal(url) {
      if (url.username !== '' || url.password !== '') return 'it holds a user name';
      const allowed = rules.some(
        ({ protocol, name, port }) =>
          url.protocol === protocol && url.port === port && matches(url.hostname.toLowerCase(), name),
      );
      return allowed ? undefined : `the host \`${url.hostname}\` is not among those that may be read`;
    },
  };
}

function matches(host: string, name: string): boolean {
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name;
}
