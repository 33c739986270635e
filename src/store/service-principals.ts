import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** An application of another tenant, admitted by an administrator of this one. */
export interface ServicePrincipalTable {
  readonly application: string;
  readonly tenant: string;
  readonly object_id: string;
  /** JSON array of role names. */
  readonly roles: string;
  readonly created_at: string;
}

export interface ServicePrincipal {
  readonly application: string;
  readonly tenant: string;
  readonly objectId: string;
  readonly roles: readonly string[];
}

/** Admits an application, or gives an admitted one other roles; its object id then stays. */
export async function putServicePrincipal(
  db: Kysely<Tables>,
  principal: ServicePrincipal,
  now: Date,
): Promise<void> {
  const roles = JSON.stringify(principal.roles);
  await db
    .insertInto('service_principals')
    .values({
      application: principal.application,
      tenant: principal.tenant,
      object_id: principal.objectId,
      roles,
      created_at: now.toISOString(),
    })
    .onConflict((conflict) => conflict.columns(['application', 'tenant']).doUpdateSet({ roles }))
    .execute();
}

export async function findServicePrincipal(
  db: Kysely<Tables>,
  tenant: string,
  application: string,
): Promise<ServicePrincipal | undefined> {
  const row = await db
    .selectFrom('service_principals')
    .selectAll()
    .where('application', '=', application)
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const roles: string[] = JSON.parse(row.roles);
  return { application: row.application, tenant: row.tenant, objectId: row.object_id, roles };
}

/** The admitted applications of a tenant, in the order of their names. */
export async function listServicePrincipals(
  db: Kysely<Tables>,
  tenant: string,
): Promise<(ServicePrincipal & { readonly name: string; readonly home: string })[]> {
  const rows = await db
    .selectFrom('service_principals')
    .innerJoin('applications', 'applications.id', 'service_principals.application')
    .selectAll('service_principals')
    .select(['applications.name as name', 'applications.tenant as home'])
    .where('service_principals.tenant', '=', tenant)
    .orderBy('applications.name')
    .orderBy('applications.id')
    .execute();
  return rows.map(({ application, object_id, roles, name, home }) => {
    const names: string[] = JSON.parse(roles);
    return { application, tenant, objectId: object_id, roles: names, name, home };
  });
}

/** With all that the tenant's users and administrators agreed to; false when it was not admitted. */
export async function deleteServicePrincipal(
  db: Kysely<Tables>,
  tenant: string,
  application: string,
): Promise<boolean> {
  return await db.transaction().execute(async (transaction) => {
    const here = { tenant, application };
    await transaction
      .deleteFrom('consents')
      .where((row) => row.and(here))
      .execute();
    const result = await transaction
      .deleteFrom('service_principals')
      .where((row) => row.and(here))
      .executeTakeFirst();
    return result.numDeletedRows === 1n;
  });
}
