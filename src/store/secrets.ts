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
  readonly name: string;
  /** The secret's first characters, by which people tell one from another; '' for those of older versions. */
  readonly hint: string;
  readonly created_at: string;
  readonly expires_at: string | null;
}

export interface StoredSecret {
  readonly id: string;
  readonly salt: string;
  readonly hash: string;
  readonly name: string;
  readonly hint: string;
  /** Undefined: never. */
  readonly expiresAt: Date | undefined;
}

export async function insertSecret(
  db: Kysely<Tables>,
  application: string,
  secret: StoredSecret,
  now: Date,
): Promise<void> {
  const { expiresAt, ...columns } = secret;
  await db
    .insertInto('application_secrets')
    .values({
      ...columns,
      application,
      created_at: now.toISOString(),
      expires_at: expiresAt?.toISOString() ?? null,
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
  return rows.map(({ id, salt, hash, name, hint, expires_at }) => ({
    id,
    salt,
    hash,
    name,
    hint,
    expiresAt: expires_at === null ? undefined : new Date(expires_at),
  }));
}

export async function deleteSecret(db: Kysely<Tables>, application: string, id: string): Promise<boolean> {
  const result = await db
    .deleteFrom('application_secrets')
    .where('application', '=', application)
    .where('id', '=', id)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}
