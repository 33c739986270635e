import type { Kysely, Migration } from 'kysely';

/** What was delivered, what of it is written, and the arrival numbers given so far. */
export const ingest: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('ingest_cursors')
      .addColumn('tenant', 'text', (column) => column.primaryKey())
      .addColumn('next_arrival', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('ingest_requests')
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('counts', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('ingest_requests_key', ['tenant', 'key'])
      .execute();
    await db.schema
      .createTable('ingest_files')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('quick', 'text', (column) => column.notNull())
      .addColumn('content', 'text')
      .addColumn('shift_ms', 'bigint')
      .addColumn('counts', 'text')
      .addColumn('created_at', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex('ingest_files_by_quick')
      .on('ingest_files')
      .columns(['tenant', 'quick'])
      .execute();
    await db.schema
      .createTable('ingest_batches')
      .addColumn('file', 'text', (column) =>
        column.notNull().references('ingest_files.id').onDelete('cascade'),
      )
      .addColumn('seq', 'integer', (column) => column.notNull())
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('first_arrival', 'bigint', (column) => column.notNull())
      .addColumn('last_arrival', 'bigint', (column) => column.notNull())
      .addColumn('rows_by_table', 'text', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('committed', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('ingest_batches_key', ['file', 'seq'])
      .execute();
    await db.schema
      .createIndex('ingest_batches_by_state')
      .on('ingest_batches')
      .columns(['committed', 'tenant'])
      .execute();
  },
};
