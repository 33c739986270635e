import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export interface ConsentTable {
  readonly tenant: string;
  readonly application: string;
  /** Object id of the user who agreed; '' where an administrator agreed for everyone. */
  readonly user: string;
  readonly api: string;
  /** JSON array of delegated scope names. */
  readonly scopes: string;
  readonly created_at: string;
}

export interface Consent {
  readonly tenant: string;
  readonly application: string;
  /** Undefined: everyone of the tenant, by an administrator. */
  readonly user: string | undefined;
  readonly api: string;
  readonly scopes: readonly string[];
}

/** Writes a consent in place of an older one of the same user to the same API. */
export async function putConsent(db: Kysely<Tables>, consent: Consent, now: Date): Promise<void> {
  const scopes = JSON.stringify(consent.scopes);
  await db
    .insertInto('consents')
    .values({
      tenant: consent.tenant,
      application: consent.application,
      user: consent.user ?? '',
      api: consent.api,
      scopes,
      created_at: now.toISOString(),
    })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'application', 'user', 'api']).doUpdateSet({ scopes }),
    )
    .execute();
}

/** The consents to one application, or to all of a tenant's. */
export async function listConsents(
  db: Kysely<Tables>,
  tenant: string,
  application: string | undefined,
): Promise<Consent[]> {
  let query = db.selectFrom('consents').selectAll().where('tenant', '=', tenant);
  if (application !== undefined) query = query.where('application', '=', application);
  const rows = await query.orderBy('application').orderBy('user').orderBy('api').execute();
  return rows.map((row) => {
    const scopes: string[] = JSON.parse(row.scopes);
    return {
      tenant: row.tenant,
      application: row.application,
      user: row.user === '' ? undefined : row.user,
      api: row.api,
      scopes,
    };
  });
}

/** Withdraws a user's consent to an application, or with no user the administrator's; gives how many there were. */
export async function deleteConsents(
  db: Kysely<Tables>,
  tenant: string,
  application: string,
  user: string | undefined,
): Promise<number> {
  const result = await db
    .deleteFrom('consents')
    .where('tenant', '=', tenant)
    .where('application', '=', application)
    .where('user', '=', user ?? '')
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
