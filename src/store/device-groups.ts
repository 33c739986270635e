import type { Kysely, Selectable } from 'kysely';
import type { Tables } from './tables.ts';

export interface DeviceGroupTable {
  /** A lower-case GUID. */
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly rank: number;
  /** JSON array of `DeviceGroupRule`. */
  readonly rules: string;
  readonly created_at: string;
}

export interface DeviceGroupUserTable {
  readonly device_group: string;
  readonly user: string;
}

/** One condition on a device; a device is in the group when all of the group's conditions hold. Compared without case. */
export interface DeviceGroupRule {
  readonly property: 'name' | 'domain' | 'tag' | 'os';
  readonly operator: 'equals' | 'startsWith' | 'endsWith' | 'contains';
  readonly value: string;
}

export interface DeviceGroup {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  /** A device belongs to the matching group of the lowest number, the highest rank. */
  readonly rank: number;
  readonly rules: readonly DeviceGroupRule[];
}

/** Adds a group; false when its name is taken in the tenant. */
export async function insertDeviceGroup(db: Kysely<Tables>, group: DeviceGroup, now: Date): Promise<boolean> {
  const result = await db
    .insertInto('device_groups')
    .values({ ...group, rules: JSON.stringify(group.rules), created_at: now.toISOString() })
    .onConflict((conflict) => conflict.columns(['tenant', 'name']).doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export async function updateDeviceGroup(db: Kysely<Tables>, group: DeviceGroup): Promise<void> {
  await db
    .updateTable('device_groups')
    .set({ name: group.name, rank: group.rank, rules: JSON.stringify(group.rules) })
    .where('id', '=', group.id)
    .execute();
}

/** The groups of a tenant, highest rank first. */
export async function listDeviceGroups(db: Kysely<Tables>, tenant: string): Promise<DeviceGroup[]> {
  const rows = await db
    .selectFrom('device_groups')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('rank')
    .orderBy('name')
    .execute();
  return rows.map(read);
}

export async function deleteDeviceGroup(db: Kysely<Tables>, tenant: string, id: string): Promise<boolean> {
  const result = await db
    .deleteFrom('device_groups')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Makes exactly these users see the group's devices. */
export async function replaceDeviceGroupUsers(
  db: Kysely<Tables>,
  group: string,
  users: readonly string[],
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom('device_group_users').where('device_group', '=', group).execute();
    if (users.length === 0) return;
    await tx
      .insertInto('device_group_users')
      .values(users.map((user) => ({ device_group: group, user })))
      .execute();
  });
}

/** Object ids of the users who see a group's devices. */
export async function usersOfDeviceGroup(db: Kysely<Tables>, group: string): Promise<string[]> {
  const rows = await db
    .selectFrom('device_group_users')
    .select('user')
    .where('device_group', '=', group)
    .orderBy('user')
    .execute();
  return rows.map(({ user }) => user);
}

/** Ids of the groups whose devices a user sees. */
export async function deviceGroupsOfUser(db: Kysely<Tables>, user: string): Promise<string[]> {
  const rows = await db
    .selectFrom('device_group_users')
    .select('device_group')
    .where('user', '=', user)
    .orderBy('device_group')
    .execute();
  return rows.map(({ device_group }) => device_group);
}

function read(row: Selectable<DeviceGroupTable>): DeviceGroup {
  const rules: DeviceGroupRule[] = JSON.parse(row.rules);
  return { id: row.id, tenant: row.tenant, name: row.name, rank: row.rank, rules };
}
