import type { TenantLimits } from '../../model/tenant-limits.ts';
import { findTenantLimits, saveTenantLimits } from '../../store/tenant-limits.ts';
import { type DirectoryParts, now } from './parts.ts';
import type { Tenant } from './tenants.ts';

/** What the tenant has in place of the server's limits; undefined: nothing. */
export async function limitsOfTenant(
  parts: DirectoryParts,
  tenant: Tenant,
): Promise<TenantLimits | undefined> {
  return findTenantLimits(parts.store.db, tenant.id);
}

/** Holds for the next call of the tenant. Undefined, or nothing in it: the server's limits alone. */
export async function setTenantLimits(
  parts: DirectoryParts,
  tenant: Tenant,
  limits: TenantLimits | undefined,
): Promise<void> {
  const isEmpty = limits === undefined || Object.keys(limits).length === 0;
  await saveTenantLimits(parts.store.db, tenant.id, isEmpty ? undefined : limits, now(parts));
}
