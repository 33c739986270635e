import { randomUUID } from 'node:crypto';
import {
  type DeviceGroup,
  type DeviceGroupRule,
  deleteDeviceGroup,
  insertDeviceGroup,
  listDeviceGroups as listRecords,
  replaceDeviceGroupUsers,
  updateDeviceGroup,
  usersOfDeviceGroup,
} from '../../store/device-groups.ts';
import { checkedName, conflict, type DirectoryParts, invalid, notFound, now } from './parts.ts';
import type { Tenant } from './tenants.ts';
import { existingUser } from './users.ts';

export type { DeviceGroup, DeviceGroupRule } from '../../store/device-groups.ts';

export const RULE_PROPERTIES = ['name', 'domain', 'tag', 'os'] as const;
export const RULE_OPERATORS = ['equals', 'startsWith', 'endsWith', 'contains'] as const;
const MAX_RULES = 50;
const MAX_RANK = 1_000_000;

export interface DeviceGroupSettings {
  readonly name?: string | undefined;
  /** 1 is the highest; a new group without one comes last. */
  readonly rank?: number | undefined;
  /** All must hold. */
  readonly rules?: readonly DeviceGroupRule[] | undefined;
}

/** Throws `InvalidInput` (400), `Conflict` (409) for a name that is taken. */
export async function createDeviceGroup(
  parts: DirectoryParts,
  tenant: Tenant,
  wanted: DeviceGroupSettings & { readonly name: string },
): Promise<DeviceGroup> {
  const { db } = parts.store;
  const last = Math.max(0, ...(await listRecords(db, tenant.id)).map(({ rank }) => rank));
  const group: DeviceGroup = {
    id: randomUUID(),
    tenant: tenant.id,
    name: checkedName(wanted.name),
    rank: checkedRank(wanted.rank ?? last + 1),
    rules: checkedRules(wanted.rules ?? []),
  };
  if (!(await insertDeviceGroup(db, group, now(parts)))) throw nameTaken(group.name);
  return group;
}

/** By name or id. Throws `InvalidInput` (400), `ResourceNotFound` (404), `Conflict` (409). */
export async function changeDeviceGroup(
  parts: DirectoryParts,
  tenant: Tenant,
  nameOrId: string,
  settings: DeviceGroupSettings,
): Promise<DeviceGroup> {
  const { db } = parts.store;
  const old = await existingDeviceGroup(parts, tenant, nameOrId);
  const group: DeviceGroup = {
    ...old,
    name: checkedName(settings.name ?? old.name),
    rank: checkedRank(settings.rank ?? old.rank),
    rules: checkedRules(settings.rules ?? old.rules),
  };
  const others = (await listRecords(db, tenant.id)).filter(({ id }) => id !== old.id);
  if (others.some(({ name }) => name === group.name)) throw nameTaken(group.name);
  await updateDeviceGroup(db, group);
  return group;
}

/** Highest rank first. */
export async function listDeviceGroups(
  parts: DirectoryParts,
  tenant: Tenant,
): Promise<readonly DeviceGroup[]> {
  return listRecords(parts.store.db, tenant.id);
}

/** By name or id. Throws `ResourceNotFound` (404). */
export async function existingDeviceGroup(
  parts: DirectoryParts,
  tenant: Tenant,
  nameOrId: string,
): Promise<DeviceGroup> {
  const groups = await listRecords(parts.store.db, tenant.id);
  const found =
    groups.find(({ name }) => name === nameOrId) ?? groups.find(({ id }) => id === nameOrId.toLowerCase());
  if (found === undefined) throw notFound('device group');
  return found;
}

/** By name or id; false when there was none. */
export async function removeDeviceGroup(
  parts: DirectoryParts,
  tenant: Tenant,
  nameOrId: string,
): Promise<boolean> {
  const groups = await listRecords(parts.store.db, tenant.id);
  const found = groups.find(({ name, id }) => name === nameOrId || id === nameOrId.toLowerCase());
  return found !== undefined && deleteDeviceGroup(parts.store.db, tenant.id, found.id);
}

/** Makes exactly these users (ids or sign-in names) see the group's devices. Throws `ResourceNotFound` (404). */
export async function setDeviceGroupUsers(
  parts: DirectoryParts,
  tenant: Tenant,
  nameOrId: string,
  users: readonly string[],
): Promise<void> {
  const group = await existingDeviceGroup(parts, tenant, nameOrId);
  const ids = await Promise.all(users.map(async (user) => (await existingUser(parts, tenant, user)).id));
  await replaceDeviceGroupUsers(parts.store.db, group.id, [...new Set(ids)]);
}

/** Object ids of the users who see the group's devices. */
export async function deviceGroupUsers(
  parts: DirectoryParts,
  group: DeviceGroup,
): Promise<readonly string[]> {
  return usersOfDeviceGroup(parts.store.db, group.id);
}

function checkedRank(rank: number): number {
  if (!Number.isInteger(rank) || rank < 1 || rank > MAX_RANK) {
    throw invalid(`the rank of a device group is 1 to ${MAX_RANK}`);
  }
  return rank;
}

function checkedRules(rules: readonly DeviceGroupRule[]): readonly DeviceGroupRule[] {
  if (rules.length > MAX_RULES) throw invalid(`a device group has at most ${MAX_RULES} rules`);
  return rules.map(({ property, operator, value }) => {
    if (!RULE_PROPERTIES.includes(property)) {
      throw invalid(`a device group rule is about one of ${RULE_PROPERTIES.join(', ')}`);
    }
    if (!RULE_OPERATORS.includes(operator)) {
      throw invalid(`the operator of a device group rule is one of ${RULE_OPERATORS.join(', ')}`);
    }
    if (typeof value !== 'string' || value === '' || value.length > 1024) {
      throw invalid('the value of a device group rule has 1 to 1024 characters');
    }
    return { property, operator, value };
  });
}

function nameTaken(name: string) {
  return conflict(`a device group called ${JSON.stringify(name)} exists`);
}
