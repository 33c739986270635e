import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** All that grew out of one sign-in for one application: its code, refresh tokens and access tokens. */
export interface TokenFamilyTable {
  /** A GUID; `sid` of the tokens. */
  readonly id: string;
  readonly tenant: string;
  readonly application: string;
  readonly user: string;
  readonly revoked_at: string | null;
  /** When nothing of it can be valid any more. */
  readonly expires_at: string;
  readonly created_at: string;
}

export interface TokenFamily {
  readonly id: string;
  readonly tenant: string;
  readonly application: string;
  readonly user: string;
}

/** Rows of `authorization_codes` and `refresh_tokens`. */
export interface GrantTable {
  /** SHA-256 of what the client holds, base64url. */
  readonly hash: string;
  readonly family: string;
  /** JSON; identity's affair. */
  readonly grant: string;
  readonly used_at: string | null;
  readonly expires_at: string;
}

export type GrantKind = 'authorization_codes' | 'refresh_tokens';

export interface StoredGrant {
  readonly family: string;
  /** JSON text. */
  readonly grant: string;
  readonly isUsed: boolean;
  readonly expiresAt: Date;
}

export async function insertFamily(
  db: Kysely<Tables>,
  family: TokenFamily,
  now: Date,
  expiresAt: Date,
): Promise<void> {
  await db
    .insertInto('token_families')
    .values({
      ...family,
      revoked_at: null,
      expires_at: expiresAt.toISOString(),
      created_at: now.toISOString(),
    })
    .execute();
}

/** Undefined when there is none or when it was revoked. */
export async function findLivingFamily(db: Kysely<Tables>, id: string): Promise<TokenFamily | undefined> {
  return db
    .selectFrom('token_families')
    .select(['id', 'tenant', 'application', 'user'])
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
}

export async function revokeFamily(db: Kysely<Tables>, id: string, now: Date): Promise<void> {
  await db
    .updateTable('token_families')
    .set({ revoked_at: now.toISOString() })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
}

/** Ends all that a user granted, to one application or to every one. */
export async function revokeFamiliesOfUser(
  db: Kysely<Tables>,
  user: string,
  application: string | undefined,
  now: Date,
): Promise<void> {
  let query = db
    .updateTable('token_families')
    .set({ revoked_at: now.toISOString() })
    .where('user', '=', user)
    .where('revoked_at', 'is', null);
  if (application !== undefined) query = query.where('application', '=', application);
  await query.execute();
}

/** Adds a code or refresh token, and lets its family live at least as long. */
export async function insertGrant(
  db: Kysely<Tables>,
  kind: GrantKind,
  hash: string,
  grant: { readonly family: string; readonly grant: string; readonly expiresAt: Date },
  familyUntil: Date,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto(kind)
      .values({
        hash,
        family: grant.family,
        grant: grant.grant,
        used_at: null,
        expires_at: grant.expiresAt.toISOString(),
      })
      .execute();
    await tx
      .updateTable('token_families')
      .set({ expires_at: familyUntil.toISOString() })
      .where('id', '=', grant.family)
      .where('expires_at', '<', familyUntil.toISOString())
      .execute();
  });
}

export async function findGrant(
  db: Kysely<Tables>,
  kind: GrantKind,
  hash: string,
): Promise<StoredGrant | undefined> {
  const row = await db.selectFrom(kind).selectAll().where('hash', '=', hash).executeTakeFirst();
  if (row === undefined) return undefined;
  const { family, grant, used_at, expires_at } = row;
  return { family, grant, isUsed: used_at !== null, expiresAt: new Date(expires_at) };
}

/** True for the one caller that uses it first. */
export async function spendGrant(
  db: Kysely<Tables>,
  kind: GrantKind,
  hash: string,
  now: Date,
): Promise<boolean> {
  const result = await db
    .updateTable(kind)
    .set({ used_at: now.toISOString() })
    .where('hash', '=', hash)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Forgets families that ended before this time, with their codes and refresh tokens. */
export async function dropEndedFamilies(db: Kysely<Tables>, before: Date): Promise<void> {
  await db.deleteFrom('token_families').where('expires_at', '<', before.toISOString()).execute();
}
