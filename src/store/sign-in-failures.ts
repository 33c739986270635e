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

export async function findFailures(db: Kysely<Tables>, key: string): Promise<SignInFailures | undefined> {
  const row = await db.selectFrom('sign_in_failures').selectAll().where('key', '=', key).executeTakeFirst();
  return row === undefined ? undefined : { failures: row.failures, lastAt: new Date(row.last_at) };
}

/** Counts one more; the count begins anew where the last was before `forgetBefore`. */
export async function addFailure(
  db: Kysely<Tables>,
  key: string,
  now: Date,
  forgetBefore: Date,
): Promise<void> {
  await db.deleteFrom('sign_in_failures').where('last_at', '<', forgetBefore.toISOString()).execute();
  await db
    .insertInto('sign_in_failures')
    .values({ key, failures: 1, last_at: now.toISOString() })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet((set) => ({
        failures: set('sign_in_failures.failures', '+', 1),
        last_at: now.toISOString(),
      })),
    )
    .execute();
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
