import { randomUUID } from 'node:crypto';
import {
  deleteServicePrincipal,
  listServicePrincipals,
  putServicePrincipal,
} from '../../store/service-principals.ts';
import { ROLES } from '../roles.ts';
import type { Application } from './applications.ts';
import { checkedChoices, type DirectoryParts, invalid, now } from './parts.ts';
import type { Tenant } from './tenants.ts';

/** Another tenant's application that may ask for tokens of this one. */
export interface AdmittedApplication {
  /** Client id. */
  readonly id: string;
  readonly name: string;
  /** Id of the tenant that registered it. */
  readonly home: string;
  /** Its identity in this tenant: the `oid` of its tokens. */
  readonly objectId: string;
  readonly roles: readonly string[];
}

/** Admits another tenant's application, with these application permissions. Throws `InvalidInput` (400). */
export async function admitApplication(
  parts: DirectoryParts,
  tenant: Tenant,
  app: Application,
  roles: readonly string[],
): Promise<void> {
  if (app.tenant === tenant.id) return;
  if (!app.isMultiTenant) throw invalid('the application is not open to other tenants');
  await putServicePrincipal(
    parts.store.db,
    {
      application: app.id,
      tenant: tenant.id,
      objectId: randomUUID(),
      roles: checkedChoices(roles, ROLES, 'role'),
    },
    now(parts),
  );
}

/** In the order of their names. */
export async function listAdmittedApplications(
  { store: { db } }: DirectoryParts,
  tenant: Tenant,
): Promise<readonly AdmittedApplication[]> {
  const principals = await listServicePrincipals(db, tenant.id);
  return principals.map(({ application, name, home, objectId, roles }) => ({
    id: application,
    name,
    home,
    objectId,
    roles,
  }));
}

/** Takes the admission back with all that was agreed to; its tokens open nothing from then on. False: it had none. */
export async function dismissApplication(
  { store: { db } }: DirectoryParts,
  tenant: Tenant,
  id: string,
): Promise<boolean> {
  return deleteServicePrincipal(db, tenant.id, id.toLowerCase());
}
