import { randomUUID } from 'node:crypto';
import {
  deleteTenantDomain,
  findTenant,
  insertTenant,
  insertTenantDomain,
  listTenantDomains,
  type Tenant,
} from '../../store/tenants.ts';
import {
  checkedDomain,
  checkedGuid,
  checkedName,
  conflict,
  type DirectoryParts,
  notFound,
  now,
} from './parts.ts';

export type { Tenant } from '../../store/tenants.ts';

export interface NewTenant {
  /** A GUID in any case; made when missing. */
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly domain?: string | undefined;
}

/** By id or by any of its domains, in any case. */
export async function tenantBy(parts: DirectoryParts, idOrDomain: string): Promise<Tenant | undefined> {
  return findTenant(parts.store.db, idOrDomain.toLowerCase());
}

/** As `tenantBy`; throws `ResourceNotFound` (404). */
export async function existingTenant(parts: DirectoryParts, idOrDomain: string): Promise<Tenant> {
  const found = await tenantBy(parts, idOrDomain);
  if (found === undefined) throw notFound('tenant');
  return found;
}

/**
 * Makes the tenant unless its id is there already. Throws `InvalidInput` (400), and `Conflict` (409) when the domain
 * belongs to another tenant.
 */
export async function createTenant(
  parts: DirectoryParts,
  wanted: NewTenant,
): Promise<Tenant & { readonly created: boolean }> {
  const { db } = parts.store;
  const id = wanted.id === undefined ? randomUUID() : checkedGuid(wanted.id, 'a tenant id');
  const domain = wanted.domain === undefined ? undefined : checkedDomain(wanted.domain);
  const owner = domain === undefined ? undefined : await findTenant(db, domain);
  if (owner !== undefined && owner.id !== id)
    throw conflict(`domain \`${domain}\` belongs to another tenant`);
  const name = checkedName(wanted.name ?? domain ?? id);
  const created = await insertTenant(db, { id, name, domain }, now(parts));
  const stored = await findTenant(db, id);
  if (stored === undefined) throw conflict(`domain \`${domain}\` belongs to another tenant`);
  return { ...stored, created };
}

/** A domain more; nothing happens where the tenant has it. Throws `Conflict` (409) where another one has it. */
export async function addTenantDomain(parts: DirectoryParts, tenant: Tenant, domain: string): Promise<void> {
  const lower = checkedDomain(domain);
  const owner = await findTenant(parts.store.db, lower);
  if (owner?.id === tenant.id) return;
  if (owner !== undefined) throw conflict(`domain \`${lower}\` belongs to another tenant`);
  await insertTenantDomain(parts.store.db, tenant.id, lower);
}

/** Takes away a domain that was added; the first one stays. False when there was none. */
export async function removeTenantDomain(
  parts: DirectoryParts,
  tenant: Tenant,
  domain: string,
): Promise<boolean> {
  return deleteTenantDomain(parts.store.db, tenant.id, domain.toLowerCase());
}

/** Every domain of the tenant, the first one first. */
export async function tenantDomains(parts: DirectoryParts, tenant: Tenant): Promise<readonly string[]> {
  const others = await listTenantDomains(parts.store.db, tenant.id);
  return tenant.domain === undefined ? others : [tenant.domain, ...others];
}
