import { randomBytes } from 'node:crypto';
import {
  changeDeviceGroup,
  createDeviceGroup,
  type DeviceGroup,
  deviceGroupUsers,
  listDeviceGroups,
  removeDeviceGroup,
  setDeviceGroupUsers,
} from '../directory/device-groups.ts';
import type { DirectoryParts } from '../directory/parts.ts';
import { changeUser, createUser, listUsers, removeUser } from '../directory/users.ts';
import type { GroupEntry, UserEntry } from './document.ts';
import { differences, type PlannedTenant, type Step } from './step.ts';

/** 24 random characters. */
export function generatePassword(): string {
  return randomBytes(18).toString('base64url');
}

export async function planUsers(
  parts: DirectoryParts,
  tenant: PlannedTenant,
  entries: readonly UserEntry[],
  prune: boolean,
): Promise<readonly Step[]> {
  const present = tenant.now === undefined ? [] : await listUsers(parts, tenant.now);
  const steps = entries.flatMap((entry): Step[] => {
    const name = entry.upn.toLowerCase();
    const now = present.find(({ upn }) => upn === name);
    const changes = differences({ ...(now ?? {}) }, entry.settings);
    if (now === undefined) return [newUser(tenant, entry, changes)];
    if (changes.length === 0) return [];
    const change = async (later: DirectoryParts) => {
      await changeUser(later, await tenant.made(later), now.id, entry.settings);
      return undefined;
    };
    return [{ action: 'change', kind: 'user', name, changes, run: change }];
  });
  const extra = prune
    ? present.filter(({ upn }) => !entries.some((entry) => entry.upn.toLowerCase() === upn))
    : [];
  const removals = extra.map(
    ({ id, upn }): Step => ({
      action: 'remove',
      kind: 'user',
      name: upn,
      changes: [],
      async run(later) {
        await removeUser(later, await tenant.made(later), id);
        return undefined;
      },
    }),
  );
  return [...steps, ...removals];
}

function newUser(tenant: PlannedTenant, entry: UserEntry, changes: readonly string[]): Step {
  const name = entry.upn.toLowerCase();
  return {
    action: 'create',
    kind: 'user',
    name,
    changes,
    async run(parts) {
      const password = entry.generatePassword ? generatePassword() : undefined;
      await createUser(parts, await tenant.made(parts), { ...entry.settings, upn: entry.upn, password });
      return password === undefined ? undefined : { kind: 'password', of: name, value: password };
    },
  };
}

export async function planGroups(
  parts: DirectoryParts,
  tenant: PlannedTenant,
  entries: readonly GroupEntry[],
  prune: boolean,
): Promise<readonly Step[]> {
  const present = tenant.now === undefined ? [] : await listDeviceGroups(parts, tenant.now);
  const people = tenant.now === undefined ? [] : await listUsers(parts, tenant.now);
  const steps: Step[] = [];
  for (const entry of entries) {
    const now = present.find(({ name }) => name === entry.name);
    steps.push(...groupSteps(tenant, entry, now));
    if (entry.users === undefined) continue;
    const ids = now === undefined ? [] : await deviceGroupUsers(parts, now);
    const seeing = ids.map((id) => people.find((user) => user.id === id)?.upn ?? id);
    const users = [...new Set(entry.users.map((upn) => upn.toLowerCase()))];
    const changes = differences({ users: seeing }, { users });
    if (changes.length > 0) steps.push(membership(tenant, entry.name, users, changes));
  }
  const extra = prune ? present.filter(({ name }) => !entries.some((entry) => entry.name === name)) : [];
  const removals = extra.map(
    ({ id, name }): Step => ({
      action: 'remove',
      kind: 'group',
      name,
      changes: [],
      async run(later) {
        await removeDeviceGroup(later, await tenant.made(later), id);
        return undefined;
      },
    }),
  );
  return [...steps, ...removals];
}

function groupSteps(tenant: PlannedTenant, entry: GroupEntry, now: DeviceGroup | undefined): readonly Step[] {
  const { name, settings } = entry;
  const changes = differences({ ...(now ?? { name }) }, settings);
  if (now !== undefined && changes.length === 0) return [];
  return [
    {
      action: now === undefined ? 'create' : 'change',
      kind: 'group',
      name,
      changes,
      async run(parts) {
        const made = await tenant.made(parts);
        if (now === undefined) await createDeviceGroup(parts, made, { ...settings, name });
        else await changeDeviceGroup(parts, made, now.id, settings);
        return undefined;
      },
    },
  ];
}

function membership(
  tenant: PlannedTenant,
  group: string,
  users: readonly string[],
  changes: readonly string[],
): Step {
  return {
    action: 'change',
    kind: 'members',
    name: group,
    changes,
    async run(parts) {
      await setDeviceGroupUsers(parts, await tenant.made(parts), group, users);
      return undefined;
    },
  };
}
