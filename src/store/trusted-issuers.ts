import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** Issuers whose tokens open a tenant, beside those of the server's own file. */
export interface TrustedIssuerTable {
  /** `iss`, to the letter. */
  readonly issuer: string;
  /** The tenant that its tokens open. */
  readonly tenant: string;
  /** JSON; its members are the identity room's. */
  readonly settings: string;
  readonly updated_at: string;
}

export interface StoredIssuer {
  readonly issuer: string;
  readonly tenant: string;
  readonly settings: string;
}

export async function findIssuer(db: Kysely<Tables>, issuer: string): Promise<StoredIssuer | undefined> {
  return db
    .selectFrom('trusted_issuers')
    .select(['issuer', 'tenant', 'settings'])
    .where('issuer', '=', issuer)
    .executeTakeFirst();
}

/** Those of a tenant, by name. */
export async function listIssuers(db: Kysely<Tables>, tenant: string): Promise<StoredIssuer[]> {
  return db
    .selectFrom('trusted_issuers')
    .select(['issuer', 'tenant', 'settings'])
    .where('tenant', '=', tenant)
    .orderBy('issuer')
    .execute();
}

/** Adds it, or changes its settings. False, and nothing is done, where it opens another tenant. */
export async function saveIssuer(db: Kysely<Tables>, stored: StoredIssuer, now: Date): Promise<boolean> {
  const { settings } = stored;
  const updated_at = now.toISOString();
  const result = await db
    .insertInto('trusted_issuers')
    .values({ ...stored, updated_at })
    .onConflict((conflict) =>
      conflict
        .column('issuer')
        .doUpdateSet({ settings, updated_at })
        .where('trusted_issuers.tenant', '=', stored.tenant),
    )
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export async function deleteIssuer(db: Kysely<Tables>, tenant: string, issuer: string): Promise<boolean> {
  const result = await db
    .deleteFrom('trusted_issuers')
    .where('issuer', '=', issuer)
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}
