import type { Caller } from '../model/caller.ts';
import type { GroupScope } from '../model/device-scope.ts';
import { RequestError } from '../model/request-error.ts';
import { listDeviceGroups } from './directory/device-groups.ts';
import type { DirectoryParts } from './directory/parts.ts';
import { existingTenant } from './directory/tenants.ts';
import { userBy, visibleDeviceGroups } from './directory/users.ts';
import { hasUserRole } from './user-roles.ts';

/**
 * The devices that a caller's data may be of, as the directory stands now; undefined is all: an application's own token,
 * or an administrator's. Rejects with `Forbidden` (403) for a user without the role, switched off, or of nobody's.
 */
export async function deviceVisibility(
  parts: DirectoryParts,
  caller: Caller,
): Promise<GroupScope | undefined> {
  if (caller.user === undefined) return undefined;
  const user = await userBy(parts, caller.user);
  if (user === undefined || user.tenant !== caller.tenant || !user.enabled) {
    throw forbidden('The user is not one of the tenant, or is switched off.');
  }
  if (!hasUserRole(user.roles, 'view-data')) throw forbidden('The user lacks the role `view-data`.');
  const visible = await visibleDeviceGroups(parts, user);
  if (visible === undefined) return undefined;
  const groups = await listDeviceGroups(parts, await existingTenant(parts, user.tenant));
  return {
    kind: 'groups',
    groups: groups.map(({ id, rules }) => ({ rules, visible: visible.includes(id) })),
  };
}

function forbidden(message: string): RequestError {
  return new RequestError('Forbidden', 403, message);
}
