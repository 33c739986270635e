import type { Kysely, Migration } from 'kysely';

/** Saved functions and watchlists of tenants. */
export const library: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('saved_functions')
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('parameters', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('folder', 'text', (column) => column.notNull())
      .addColumn('calls', 'text', (column) => column.notNull())
      .addColumn('docstring', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('saved_functions_key', ['tenant', 'name'])
      .execute();
    await db.schema
      .createTable('watchlists')
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('alias_key', 'text', (column) => column.notNull())
      .addColumn('alias', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('search_key', 'text', (column) => column.notNull())
      .addColumn('columns', 'text', (column) => column.notNull())
      .addColumn('table_name', 'text', (column) => column.notNull())
      .addColumn('rows', 'integer', (column) => column.notNull())
      .addColumn('updated_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('watchlists_key', ['tenant', 'alias_key'])
      .execute();
    await db.schema
      .createTable('library_versions')
      .addColumn('tenant', 'text', (column) => column.primaryKey())
      .addColumn('version', 'integer', (column) => column.notNull())
      .execute();
  },
};
