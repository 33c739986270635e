import type { Database } from '../clickhouse/database.ts';
import { count, sql } from '../clickhouse/sql.ts';
import { devicesStatement, listedDevices } from '../kql/index.ts';
import type { Caller } from '../model/caller.ts';
import type { DeviceListScope, DeviceScope, GroupScope } from '../model/device-scope.ts';
import { RequestError } from '../model/request-error.ts';
import type { StoredTables } from './tables.ts';

/** The devices whose rows a caller sees; undefined is all. Rejects with `Forbidden` (403). */
export type DeviceScopes = (caller: Caller, stored: StoredTables) => Promise<DeviceScope | undefined>;

/** Where nobody knows what users see, they see nothing. */
export async function refuseUsers(caller: Caller): Promise<undefined> {
  if (caller.user !== undefined) {
    throw new RequestError('Forbidden', 403, 'Data is not given to users here.');
  }
}

/** How long a list of devices is believed. A change of groups or of members holds at once. */
const BELIEVED_MS = 5_000;
/** A longer list costs more in every table of a statement than looking the devices up there. */
const MAX_LISTED = 500;
const MAX_REMEMBERED = 1_000;

interface Remembered {
  readonly untilMs: number;
  readonly scope: Promise<DeviceScope>;
}

/**
 * @param visibility What the directory says now; it is asked for each query.
 */
export function createDeviceScopes(
  database: Pick<Database, 'rows'>,
  visibility: (caller: Caller) => Promise<GroupScope | undefined>,
): DeviceScopes {
  const remembered = new Map<string, Remembered>();

  async function lookUp(groups: GroupScope, stored: StoredTables): Promise<DeviceScope> {
    const which = listedDevices(groups);
    const statement = devicesStatement(groups, stored);
    if (statement === undefined) return { kind: 'devices', which, ids: [] };
    const rows = await database.rows<{ DeviceId: string }>(
      sql`SELECT * FROM (${statement}) LIMIT ${count(MAX_LISTED + 1)}`,
    );
    if (rows.length > MAX_LISTED) return groups;
    const ids = rows.map(({ DeviceId }) => DeviceId).sort();
    return { kind: 'devices', which, ids } satisfies DeviceListScope;
  }

  function forget(nowMs: number): void {
    for (const [key, { untilMs }] of remembered) {
      if (untilMs <= nowMs || remembered.size > MAX_REMEMBERED) remembered.delete(key);
    }
  }

  return async (caller, stored) => {
    const groups = await visibility(caller);
    if (groups === undefined) return undefined;
    const key = JSON.stringify([stored.database, stored.existing.has('DeviceInfo'), groups.groups]);
    const nowMs = performance.now();
    const known = remembered.get(key);
    if (known !== undefined && nowMs < known.untilMs) return known.scope;
    forget(nowMs);
    const scope = lookUp(groups, stored);
    remembered.set(key, { untilMs: nowMs + BELIEVED_MS, scope });
    // A failure is told to who waits for it, and not believed.
    scope.catch(() => remembered.delete(key));
    return scope;
  };
}
