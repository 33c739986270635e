import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export interface SignInFailureTable {
  /** What is counted, hashed: a sign-in name, or an address. */
  readonly key: string;
  readonly failures: number;
  readonly last_at: string;
}

export interface SignInFailures {
  readonly failures: number;
  readonly lastAt: Date;
}

/**
 * Counts an attempt before it is made, so that many at once are not all let through; a right one is taken back. In one
 * step: `waitMs` says of the failures so far how long the next attempt must wait, and where that is not 0 it is not
 * counted. The count begins anew where the last was before `forgetBefore`.
 */
export async function reserveAttempt(
  db: Kysely<Tables>,
  key: string,
  now: Date,
  forgetBefore: Date,
  waitMs: (failures: SignInFailures) => number,
): Promise<number> {
  return db.transaction().execute(async (tx) => {
    await tx.deleteFrom('sign_in_failures').where('last_at', '<', forgetBefore.toISOString()).execute();
    const row = await tx.selectFrom('sign_in_failures').selectAll().where('key', '=', key).executeTakeFirst();
    const wait = row === undefined ? 0 : waitMs({ failures: row.failures, lastAt: new Date(row.last_at) });
    if (wait > 0) return wait;
    const counted = { failures: (row?.failures ?? 0) + 1, last_at: now.toISOString() };
    await tx
      .insertInto('sign_in_failures')
      .values({ key, ...counted })
      .onConflict((conflict) => conflict.column('key').doUpdateSet(counted))
      .execute();
    return 0;
  });
}

/** Takes one count back, of an attempt that turned out right. */
export async function removeFailure(db: Kysely<Tables>, key: string): Promise<void> {
  await db
    .updateTable('sign_in_failures')
    .set((set) => ({ failures: set('failures', '-', 1) }))
    .where('key', '=', key)
    .where('failures', '>', 0)
    .execute();
}

export async function clearFailures(db: Kysely<Tables>, key: string): Promise<void> {
  await db.deleteFrom('sign_in_failures').where('key', '=', key).execute();
}
