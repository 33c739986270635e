import type { Caller } from '../model/caller.ts';
import type { Principal } from '../model/query-session.ts';
import { findApplication, findApplicationAnywhere } from '../store/applications.ts';
import { findServicePrincipal } from '../store/service-principals.ts';
import { findUser } from '../store/users.ts';
import type { DirectoryParts } from './directory/parts.ts';

/** The caller as the directory knows it: the user, or the application where no user stands behind it. */
export async function principalOf({ store: { db } }: DirectoryParts, caller: Caller): Promise<Principal> {
  const { tenant, app, user } = caller;
  if (user !== undefined) {
    const found = await findUser(db, user);
    const known = found?.tenant === tenant ? found : undefined;
    return { kind: 'user', id: user, tenant, objectId: user, upn: known?.upn, name: known?.name };
  }
  const registered = await findApplication(db, tenant, app);
  if (registered !== undefined) {
    const { objectId, name } = registered;
    return { kind: 'app', id: app, tenant, objectId, upn: undefined, name };
  }
  const { objectId } = (await findServicePrincipal(db, tenant, app)) ?? {};
  const name = objectId === undefined ? undefined : (await findApplicationAnywhere(db, app))?.name;
  return { kind: 'app', id: app, tenant, objectId, upn: undefined, name };
}
