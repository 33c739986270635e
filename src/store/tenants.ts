import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export interface TenantTable {
  /** A lower-case GUID. */
  readonly id: string;
  readonly name: string;
  /** Lower case; a second name for the tenant in URLs. */
  readonly domain: string | null;
  readonly created_at: string;
}

/** Domains beside the first. */
export interface TenantDomainTable {
  /** Lower case. */
  readonly domain: string;
  readonly tenant: string;
}

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly domain: string | undefined;
}

/** Adds a tenant; false when one with this id or domain is there already, which is left as it is. */
export async function insertTenant(db: Kysely<Tables>, tenant: Tenant, now: Date): Promise<boolean> {
  const { id, name, domain } = tenant;
  const result = await db
    .insertInto('tenants')
    .values({ id, name, domain: domain ?? null, created_at: now.toISOString() })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** By id or by any of its domains, all in lower case. */
export async function findTenant(db: Kysely<Tables>, idOrDomain: string): Promise<Tenant | undefined> {
  const row = await db
    .selectFrom('tenants')
    .selectAll()
    .where((where) =>
      where.or([
        where('id', '=', idOrDomain),
        where('domain', '=', idOrDomain),
        where(
          'id',
          '=',
          where.selectFrom('tenant_domains').select('tenant').where('domain', '=', idOrDomain),
        ),
      ]),
    )
    .executeTakeFirst();
  return row === undefined ? undefined : { id: row.id, name: row.name, domain: row.domain ?? undefined };
}

/** Every tenant, oldest first. */
export async function listTenants(db: Kysely<Tables>): Promise<Tenant[]> {
  const rows = await db.selectFrom('tenants').selectAll().orderBy('created_at').orderBy('id').execute();
  return rows.map(({ id, name, domain }) => ({ id, name, domain: domain ?? undefined }));
}

export async function insertTenantDomain(db: Kysely<Tables>, tenant: string, domain: string): Promise<void> {
  await db.insertInto('tenant_domains').values({ tenant, domain }).execute();
}

export async function deleteTenantDomain(
  db: Kysely<Tables>,
  tenant: string,
  domain: string,
): Promise<boolean> {
  const result = await db
    .deleteFrom('tenant_domains')
    .where('tenant', '=', tenant)
    .where('domain', '=', domain)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Domains beside the first, in alphabetical order. */
export async function listTenantDomains(db: Kysely<Tables>, tenant: string): Promise<string[]> {
  const rows = await db
    .selectFrom('tenant_domains')
    .select('domain')
    .where('tenant', '=', tenant)
    .orderBy('domain')
    .execute();
  return rows.map(({ domain }) => domain);
}
