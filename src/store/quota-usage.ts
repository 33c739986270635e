import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** What a tenant used of its quotas at a time: one row for all of one kind in a second. */
export interface QuotaUsageTable {
  readonly tenant: string;
  /** `calls`, `running` or `cpu`. */
  readonly counted: string;
  /** Milliseconds since 1970 of the last use in it; the row is found by its second. */
  readonly at_ms: number;
  readonly second: number;
  /** Calls, or microseconds. */
  readonly amount: number;
}

export interface UsageRow {
  readonly tenant: string;
  readonly counted: string;
  readonly atMs: number;
  readonly amount: number;
}

/** Uses after a time, oldest first. */
export async function loadUsage(db: Kysely<Tables>, afterMs: number): Promise<UsageRow[]> {
  const rows = await db
    .selectFrom('quota_usage')
    .selectAll()
    .where('at_ms', '>', afterMs)
    .orderBy('at_ms')
    .execute();
  return rows.map((row) => ({
    tenant: row.tenant,
    counted: row.counted,
    atMs: Number(row.at_ms),
    amount: Number(row.amount),
  }));
}

/** Adds uses to the rows of their seconds and deletes what is older, in one transaction. */
export async function addUsage(
  db: Kysely<Tables>,
  uses: readonly UsageRow[],
  forgetBeforeMs: number,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const { tenant, counted, atMs, amount } of uses) {
      await tx
        .insertInto('quota_usage')
        .values({ tenant, counted, at_ms: atMs, second: Math.floor(atMs / 1000), amount })
        .onConflict((conflict) =>
          conflict.columns(['tenant', 'counted', 'second']).doUpdateSet((row) => ({
            at_ms: atMs,
            amount: row('quota_usage.amount', '+', amount),
          })),
        )
        .execute();
    }
    await tx.deleteFrom('quota_usage').where('at_ms', '<', forgetBeforeMs).execute();
  });
}
