import type { Kysely } from 'kysely';
import type { TenantLimits } from '../model/tenant-limits.ts';
import type { Tables } from './tables.ts';

/** Limits of tenants that have not the server's. */
export interface TenantLimitTable {
  readonly tenant: string;
  /** JSON of `TenantLimits`. */
  readonly limits: string;
  readonly updated_at: string;
}

/** Undefined: as the server's settings say. */
export async function findTenantLimits(
  db: Kysely<Tables>,
  tenant: string,
): Promise<TenantLimits | undefined> {
  const row = await db
    .selectFrom('tenant_limits')
    .select('limits')
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  return row === undefined ? undefined : (JSON.parse(row.limits) as TenantLimits);
}

/** Puts these in place of what there was; undefined takes them away. */
export async function saveTenantLimits(
  db: Kysely<Tables>,
  tenant: string,
  limits: TenantLimits | undefined,
  now: Date,
): Promise<void> {
  if (limits === undefined) {
    await db.deleteFrom('tenant_limits').where('tenant', '=', tenant).execute();
    return;
  }
  const values = { limits: JSON.stringify(limits), updated_at: now.toISOString() };
  await db
    .insertInto('tenant_limits')
    .values({ tenant, ...values })
    .onConflict((conflict) => conflict.column('tenant').doUpdateSet(values))
    .execute();
}
