import type { Caller } from '../model/caller.ts';
import type { Library } from '../model/library.ts';
import type { Principal, QuerySession } from '../model/query-session.ts';

/** What the session of one query is. `caller` is undefined where the query is only looked at. */
export type Sessions = (
  caller: Caller | undefined,
  query: string,
  library: Library | undefined,
) => Promise<QuerySession>;

export interface SessionParts {
  readonly principal: (caller: Caller) => Promise<Principal>;
  /** The arrival number up to which every row of the tenant is stored; 0 before the first. */
  readonly committedArrival: (tenant: string) => Promise<number>;
  /** The URLs that the server is reached by, the public one first. No path. */
  readonly urls: () => readonly string[];
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Looks up only what the query, or a function of the tenant that it may call, can ask for. */
export function createSessions(parts: SessionParts): Sessions {
  return async (caller, query, library) => {
    const texts = [query, ...(library?.functions ?? []).map(({ body }) => body)];
    const mentions = (name: RegExp): boolean => texts.some((text) => name.test(text));
    const own = parts.urls().map((url) => new URL(url));
    return {
      principal:
        caller !== undefined && mentions(/current_principal/) ? await parts.principal(caller) : undefined,
      host: own[0]?.host ?? '',
      hosts: own.flatMap(namesOf),
      cursor:
        caller !== undefined && mentions(/cursor_current|current_cursor/)
          ? BigInt(await parts.committedArrival(caller.tenant))
          : 0n,
    };
  };
}

function namesOf({ hostname, port, protocol }: URL): string[] {
  const names = LOOPBACK.includes(hostname) ? LOOPBACK : [hostname];
  const shown = port !== '' ? port : protocol === 'https:' ? '443' : '80';
  return names.flatMap((name) => [name, `${name}:${shown}`]);
}
