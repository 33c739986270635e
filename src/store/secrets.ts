import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export interface SecretTable {
  readonly id: string;
  /** Client id of the owner. */
  readonly application: string;
  /** Base64url. */
  readonly salt: string;
  /** Base64url; how it is made is identity's affair. */
  readonly hash: string;
  readonly created_at: string;
  readonly expires_at: string | null;
}

export interface StoredSecret {
  readonly id: string;
  readonly salt: string;
  readonly hash: string;
  /** Undefined: never. */
  readonly expiresAt: Date | undefined;
}

export async function insertSecret(
  db: Kysely<Tables>,
  application: string,
  secret: StoredSecret,
  now: Date,
): Promise<void> {
  await db
    .insertInto('application_secrets')
    .values({
      id: secret.id,
      application,
      salt: secret.salt,
      hash: secret.hash,
      created_at: now.toISOString(),
      expires_at: secret.expiresAt?.toISOString() ?? null,
    })
    .execute();
}

/** All secrets of an application, expired ones too, oldest first. */
export async function secretsOf(db: Kysely<Tables>, application: string): Promise<StoredSecret[]> {
  const rows = await db
    .selectFrom('application_secrets')
    .selectAll()
    .where('application', '=', application)
    .orderBy('created_at')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    salt: row.salt,
    hash: row.hash,
    expiresAt: row.expires_at === null ? undefined : new Date(row.expires_at),
  }));
}
