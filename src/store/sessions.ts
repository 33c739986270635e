import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export interface SessionTable {
  /** SHA-256 of the cookie's value, base64url. */
  readonly hash: string;
  readonly user: string;
  readonly signed_in_at: string;
  readonly seen_at: string;
  readonly expires_at: string;
}

export interface StoredSession {
  readonly user: string;
  readonly signedInAt: Date;
  readonly seenAt: Date;
  readonly expiresAt: Date;
}

/** Adds a session and forgets those that have ended. */
export async function insertSession(db: Kysely<Tables>, hash: string, session: StoredSession): Promise<void> {
  await db.deleteFrom('sessions').where('expires_at', '<', session.signedInAt.toISOString()).execute();
  await db
    .insertInto('sessions')
    .values({
      hash,
      user: session.user,
      signed_in_at: session.signedInAt.toISOString(),
      seen_at: session.seenAt.toISOString(),
      expires_at: session.expiresAt.toISOString(),
    })
    .execute();
}

export async function findSession(db: Kysely<Tables>, hash: string): Promise<StoredSession | undefined> {
  const row = await db.selectFrom('sessions').selectAll().where('hash', '=', hash).executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    user: row.user,
    signedInAt: new Date(row.signed_in_at),
    seenAt: new Date(row.seen_at),
    expiresAt: new Date(row.expires_at),
  };
}

export async function touchSession(db: Kysely<Tables>, hash: string, seenAt: Date): Promise<void> {
  await db.updateTable('sessions').set({ seen_at: seenAt.toISOString() }).where('hash', '=', hash).execute();
}

export async function deleteSession(db: Kysely<Tables>, hash: string): Promise<void> {
  await db.deleteFrom('sessions').where('hash', '=', hash).execute();
}

export async function deleteSessionsOfUser(db: Kysely<Tables>, user: string): Promise<void> {
  await db.deleteFrom('sessions').where('user', '=', user).execute();
}
