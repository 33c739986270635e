import type { Kysely, Selectable } from 'kysely';
import type { Tables } from './tables.ts';

export interface UserTable {
  /** Object id, a lower-case GUID. */
  readonly id: string;
  readonly tenant: string;
  /** The sign-in name, lower case; unique on the server, so that it names its tenant too. */
  readonly upn: string;
  readonly name: string;
  readonly given_name: string;
  readonly family_name: string;
  /** How it is made is identity's affair; '' for a user without a password. */
  readonly password: string;
  /** JSON array of user role names. */
  readonly roles: string;
  /** 0 or 1. */
  readonly enabled: number;
  readonly created_at: string;
}

export interface StoredUser {
  readonly id: string;
  readonly tenant: string;
  readonly upn: string;
  readonly name: string;
  readonly givenName: string;
  readonly familyName: string;
  /** '' for a user who cannot sign in with one. */
  readonly password: string;
  readonly roles: readonly string[];
  readonly enabled: boolean;
}

/** Adds a user; false when the sign-in name is taken. */
export async function insertUser(db: Kysely<Tables>, user: StoredUser, now: Date): Promise<boolean> {
  const result = await db
    .insertInto('users')
    .values({ id: user.id, tenant: user.tenant, ...columns(user), created_at: now.toISOString() })
    .onConflict((conflict) => conflict.column('upn').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Writes what can change; the id and the tenant cannot. */
export async function updateUser(db: Kysely<Tables>, user: StoredUser): Promise<void> {
  await db.updateTable('users').set(columns(user)).where('id', '=', user.id).execute();
}

/** By object id or sign-in name, both in lower case. */
export async function findUser(db: Kysely<Tables>, idOrUpn: string): Promise<StoredUser | undefined> {
  const row = await db
    .selectFrom('users')
    .selectAll()
    .where((where) => where.or([where('id', '=', idOrUpn), where('upn', '=', idOrUpn)]))
    .executeTakeFirst();
  return row === undefined ? undefined : read(row);
}

/** The users of a tenant by sign-in name. */
export async function listUsers(db: Kysely<Tables>, tenant: string): Promise<StoredUser[]> {
  const rows = await db.selectFrom('users').selectAll().where('tenant', '=', tenant).orderBy('upn').execute();
  return rows.map(read);
}

/** Removes a user with sessions, grants and memberships; false when there was none. */
export async function deleteUser(db: Kysely<Tables>, id: string): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    await tx.deleteFrom('consents').where('user', '=', id).execute();
    const result = await tx.deleteFrom('users').where('id', '=', id).executeTakeFirst();
    return result.numDeletedRows === 1n;
  });
}

function columns(user: StoredUser) {
  return {
    upn: user.upn,
    name: user.name,
    given_name: user.givenName,
    family_name: user.familyName,
    password: user.password,
    roles: JSON.stringify(user.roles),
    enabled: Number(user.enabled),
  };
}

function read(row: Selectable<UserTable>): StoredUser {
  const roles: string[] = JSON.parse(row.roles);
  return {
    id: row.id,
    tenant: row.tenant,
    upn: row.upn,
    name: row.name,
    givenName: row.given_name,
    familyName: row.family_name,
    password: row.password,
    roles,
    enabled: row.enabled === 1,
  };
}
