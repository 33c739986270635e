import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export interface SigningKeyTable {
  readonly kid: string;
  /** The private key as JSON Web Key text. The file is readable by its owner only. */
  readonly private_jwk: string;
  readonly created_at: string;
  readonly retired_at: string | null;
}

export interface StoredSigningKey {
  readonly kid: string;
  readonly privateJwk: string;
  readonly createdAt: Date;
  /** When it stopped signing; undefined while it signs. It verifies until its last token has ended. */
  readonly retiredAt: Date | undefined;
}

/** Newest first. */
export async function listSigningKeys(db: Kysely<Tables>): Promise<StoredSigningKey[]> {
  const rows = await db.selectFrom('signing_keys').selectAll().orderBy('created_at', 'desc').execute();
  return rows.map((row) => ({
    kid: row.kid,
    privateJwk: row.private_jwk,
    createdAt: new Date(row.created_at),
    retiredAt: row.retired_at === null ? undefined : new Date(row.retired_at),
  }));
}

/** In one step: adds the key that signs from now on, retires its predecessors, drops those retired before `keepSince`. */
export async function replaceSigningKey(
  db: Kysely<Tables>,
  key: { readonly kid: string; readonly privateJwk: string },
  now: Date,
  keepSince: Date,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx
      .updateTable('signing_keys')
      .set({ retired_at: now.toISOString() })
      .where('retired_at', 'is', null)
      .execute();
    await tx.deleteFrom('signing_keys').where('retired_at', '<', keepSince.toISOString()).execute();
    await tx
      .insertInto('signing_keys')
      .values({
        kid: key.kid,
        private_jwk: key.privateJwk,
        created_at: now.toISOString(),
        retired_at: null,
      })
      .execute();
  });
}
