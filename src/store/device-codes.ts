import type { Kysely, Selectable } from 'kysely';
import type { Tables } from './tables.ts';

export interface DeviceCodeTable {
  /** SHA-256 of the device code, base64url. */
  readonly hash: string;
  /** As a person types it, upper case. */
  readonly user_code: string;
  /** As the client named it: a tenant id, or `common` and its kin. */
  readonly tenant: string;
  readonly application: string;
  /** JSON; identity's affair. */
  readonly grant: string;
  readonly state: DeviceCodeState;
  readonly user: string | null;
  readonly polled_at: string | null;
  readonly expires_at: string;
}

export type DeviceCodeState = 'pending' | 'approved' | 'declined' | 'used';

export interface StoredDeviceCode {
  readonly hash: string;
  readonly userCode: string;
  readonly tenant: string;
  readonly application: string;
  /** JSON text. */
  readonly grant: string;
  readonly state: DeviceCodeState;
  /** Object id of the user who decided. */
  readonly user: string | undefined;
  readonly polledAt: Date | undefined;
  readonly expiresAt: Date;
}

/** Adds a code; false when its user code is in use. Forgets codes that ended before `dropBefore`. */
export async function insertDeviceCode(
  db: Kysely<Tables>,
  code: Omit<StoredDeviceCode, 'state' | 'user' | 'polledAt'>,
  dropBefore: Date,
): Promise<boolean> {
  await db.deleteFrom('device_codes').where('expires_at', '<', dropBefore.toISOString()).execute();
  const result = await db
    .insertInto('device_codes')
    .values({
      hash: code.hash,
      user_code: code.userCode,
      tenant: code.tenant,
      application: code.application,
      grant: code.grant,
      state: 'pending',
      user: null,
      polled_at: null,
      expires_at: code.expiresAt.toISOString(),
    })
    .onConflict((conflict) => conflict.column('user_code').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export async function findDeviceCode(
  db: Kysely<Tables>,
  by: { readonly hash: string } | { readonly userCode: string },
): Promise<StoredDeviceCode | undefined> {
  const query = db.selectFrom('device_codes').selectAll();
  const row = await ('hash' in by
    ? query.where('hash', '=', by.hash)
    : query.where('user_code', '=', by.userCode)
  ).executeTakeFirst();
  return row === undefined ? undefined : read(row);
}

/** Moves a code from one state to the next; false when it was in another state by then. */
export async function moveDeviceCode(
  db: Kysely<Tables>,
  hash: string,
  from: DeviceCodeState,
  to: DeviceCodeState,
  user: string | undefined,
): Promise<boolean> {
  const result = await db
    .updateTable('device_codes')
    .set(user === undefined ? { state: to } : { state: to, user })
    .where('hash', '=', hash)
    .where('state', '=', from)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function notePoll(db: Kysely<Tables>, hash: string, now: Date): Promise<void> {
  await db
    .updateTable('device_codes')
    .set({ polled_at: now.toISOString() })
    .where('hash', '=', hash)
    .execute();
}

function read(row: Selectable<DeviceCodeTable>): StoredDeviceCode {
  return {
    hash: row.hash,
    userCode: row.user_code,
    tenant: row.tenant,
    application: row.application,
    grant: row.grant,
    state: row.state,
    user: row.user ?? undefined,
    polledAt: row.polled_at === null ? undefined : new Date(row.polled_at),
    expiresAt: new Date(row.expires_at),
  };
}
