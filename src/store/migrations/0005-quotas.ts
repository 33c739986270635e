import type { Kysely, Migration } from 'kysely';

/** What tenants have used of their quotas. */
export const quotas: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('quota_usage')
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('counted', 'text', (column) => column.notNull())
      .addColumn('second', 'bigint', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('amount', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('quota_usage_key', ['tenant', 'counted', 'second'])
      .execute();
    await db.schema.createIndex('quota_usage_by_time').on('quota_usage').column('at_ms').execute();
  },
};
