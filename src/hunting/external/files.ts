import type { ExternalOptions } from '../../kql/plan/relation.ts';
import type { Column } from '../../model/table-schema.ts';
import type { LocalFile } from '../beside/local-file.ts';
import { isPublicAddress } from './address.ts';
import { createFileCache } from './cache.ts';
import { FetchRefused, type FetchRules } from './fetch.ts';
import { allowedHosts } from './hosts.ts';
import { readUrlMap } from './map.ts';

/** What the query takes the files to be. */
export interface ExternalWanted {
  readonly format: string;
  readonly options: ExternalOptions;
  readonly columns: readonly Column[];
}

/** Where the files are that `externaldata` names. */
export interface ExternalFiles {
  /** A file for each address, or why there is none, in a sentence for the query's author. Rejects as an engine would. */
  find(
    urls: readonly string[],
    call: { remainingMs(): number | undefined; readonly signal: AbortSignal | undefined },
    wanted: ExternalWanted,
  ): Promise<readonly LocalFile[] | { readonly refused: string }>;
}

export interface ExternalSettings {
  /** JSON file of URLs and the files that stand for them. */
  readonly map: string | undefined;
  /** Hosts that may be fetched from; none unless said. */
  readonly hosts: readonly string[];
  /** Where fetched files are kept. */
  readonly cacheFolder: string;
}

const LONGEST_FETCH_MS = 60_000;

/**
 * The map first, then the hosts. `rules` and `nowMs` are the real ones unless a test says otherwise.
 * Throws where the map cannot be read.
 */
export function createExternalFiles(
  settings: ExternalSettings,
  rules: Partial<FetchRules> = {},
  nowMs: () => number = Date.now,
): ExternalFiles {
  const map = settings.map === undefined ? undefined : readUrlMap(settings.map);
  const hosts = allowedHosts(settings.hosts);
  const cache = createFileCache(
    settings.cacheFolder,
    { hosts, addressAllowed: isPublicAddress, ...rules },
    nowMs,
  );

  async function find(given: string, call: Call): Promise<string> {
    // What follows a semicolon is a secret or a way to sign in, for Kusto's own storage clients.
    const url = given.trim().replace(/;.*$/s, '');
    const local = map?.find(given) ?? map?.find(url);
    if (local !== undefined) return local;
    if (settings.hosts.length === 0) throw new FetchRefused('no setting allows it');
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined) throw new FetchRefused('it is no URL');
    const refused = hosts.refusal(parsed);
    if (refused !== undefined) throw new FetchRefused(refused);
    const timeoutMs = Math.min(call.remainingMs() ?? LONGEST_FETCH_MS, LONGEST_FETCH_MS);
    return await cache.file(url, { timeoutMs, signal: call.signal });
  }

  return {
    async find(urls, call) {
      const files: LocalFile[] = [];
      for (const url of urls) {
        try {
          files.push({ url, path: await find(url, call) });
        } catch (error) {
          if (!(error instanceof FetchRefused)) throw error;
          return { refused: `\`externaldata\` cannot read \`${shown(url)}\`: ${error.message}` };
        }
      }
      return files;
    },
  };
}

type Call = Parameters<ExternalFiles['find']>[1];

/** A URL's secrets are not repeated. */
function shown(url: string): string {
  return url.replace(/;.*$/s, '').replace(/\?.*$/s, '?...').slice(0, 300);
}

/** Where no setting allows any. */
export function noExternalFiles(): ExternalFiles {
  return createExternalFiles({ map: undefined, hosts: [], cacheFolder: '' });
}
