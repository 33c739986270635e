import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** Client assertions that were taken, until they end. */
export interface ClientAssertionTable {
  readonly application: string;
  readonly jti: string;
  /** Where it came from. */
  readonly address: string;
  readonly expires_at: string;
}

/**
 * Remembers an assertion; gives the address of its first use, which is `address` for a new one. Forgets those that
 * have ended.
 */
export async function firstUseOfAssertion(
  db: Kysely<Tables>,
  assertion: { readonly application: string; readonly jti: string; readonly address: string },
  now: Date,
  expiresAt: Date,
): Promise<{ readonly isNew: boolean; readonly address: string }> {
  await db.deleteFrom('client_assertions').where('expires_at', '<', now.toISOString()).execute();
  const result = await db
    .insertInto('client_assertions')
    .values({ ...assertion, expires_at: expiresAt.toISOString() })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (result.numInsertedOrUpdatedRows === 1n) return { isNew: true, address: assertion.address };
  const row = await db
    .selectFrom('client_assertions')
    .select('address')
    .where('application', '=', assertion.application)
    .where('jti', '=', assertion.jti)
    .executeTakeFirstOrThrow();
  return { isNew: false, address: row.address };
}
