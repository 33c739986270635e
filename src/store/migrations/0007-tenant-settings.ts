import type { Kysely, Migration } from 'kysely';

/** Limits of a tenant's own, and issuers whose tokens open a tenant. */
export const tenantSettings: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('tenant_limits')
      .addColumn('tenant', 'text', (column) => column.primaryKey())
      .addColumn('limits', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('trusted_issuers')
      .addColumn('issuer', 'text', (column) => column.primaryKey())
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('settings', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'text', (column) => column.notNull())
      .execute();
  },
};
