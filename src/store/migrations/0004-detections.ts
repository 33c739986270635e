import type { Kysely, Migration } from 'kysely';

/** Detections as a SIEM pulls them, the alerts and incidents they make, and the rules that find them. */
export const detections: Migration = {
  async up(db: Kysely<unknown>) {
    await rawDetections(db);
    await alerts(db);
    await incidents(db);
    await rules(db);
  },
};

async function rawDetections(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('detection_cursors')
    .addColumn('tenant', 'text', (column) => column.primaryKey())
    .addColumn('last_seq', 'bigint', (column) => column.notNull())
    .addColumn('last_processed', 'text', (column) => column.notNull())
    .addColumn('last_incident', 'bigint', (column) => column.notNull())
    .addColumn('last_rule', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('detections')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('processed', 'text', (column) => column.notNull())
    .addColumn('dedup_key', 'text')
    .addColumn('alert', 'text', (column) => column.notNull())
    .addColumn('rule', 'text')
    .addColumn('machine_group', 'text', (column) => column.notNull())
    .addColumn('device_tags', 'text', (column) => column.notNull())
    .addColumn('cloud_tags', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('detections_key', ['tenant', 'seq'])
    .execute();
  for (const column of ['processed', 'dedup_key']) {
    await db.schema
      .createIndex(`detections_by_${column}`)
      .on('detections')
      .columns(['tenant', column])
      .unique()
      .execute();
  }
  await db.schema.createIndex('detections_by_alert').on('detections').columns(['tenant', 'alert']).execute();
  await db.schema
    .createTable('detection_requests')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('members', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('detection_requests_key', ['tenant', 'key'])
    .execute();
}

async function alerts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('alerts')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('incident', 'bigint', (column) => column.notNull())
    .addColumn('rule', 'text', (column) => column.notNull())
    .addColumn('merge_key', 'text', (column) => column.notNull())
    .addColumn('created', 'text', (column) => column.notNull())
    .addColumn('updated', 'text', (column) => column.notNull())
    .addColumn('first_event', 'text', (column) => column.notNull())
    .addColumn('last_event', 'text', (column) => column.notNull())
    .addColumn('resolved', 'text')
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('category', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('assigned_to', 'text')
    .addColumn('classification', 'text')
    .addColumn('determination', 'text')
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('detections', 'integer', (column) => column.notNull())
    .addColumn('facts', 'text', (column) => column.notNull())
    .addColumn('comments', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('alerts_key', ['tenant', 'id'])
    .execute();
  const indexes = { merge: ['merge_key', 'created'], created: ['created'], incident: ['incident'] };
  for (const [name, columns] of Object.entries(indexes)) {
    await db.schema
      .createIndex(`alerts_by_${name}`)
      .on('alerts')
      .columns(['tenant', ...columns])
      .execute();
  }
  await db.schema
    .createTable('alert_evidence')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('alert', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('created', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('alert_evidence_key', ['tenant', 'alert', 'key'])
    .execute();
  await db.schema
    .createTable('alert_rows')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('created', 'text', (column) => column.notNull())
    .addColumn('records', 'text', (column) => column.notNull())
    .execute();
}

async function incidents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('incidents')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'bigint', (column) => column.notNull())
    .addColumn('redirect', 'bigint')
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('created', 'text', (column) => column.notNull())
    .addColumn('updated', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('assigned_to', 'text')
    .addColumn('classification', 'text', (column) => column.notNull())
    .addColumn('determination', 'text', (column) => column.notNull())
    .addColumn('tags', 'text', (column) => column.notNull())
    .addColumn('comments', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('incidents_key', ['tenant', 'id'])
    .execute();
  await db.schema
    .createIndex('incidents_by_created')
    .on('incidents')
    .columns(['tenant', 'created'])
    .execute();
  await db.schema
    .createTable('incident_entities')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('entity', 'text', (column) => column.notNull())
    .addColumn('incident', 'bigint', (column) => column.notNull())
    .addColumn('seen', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('incident_entities_key', ['tenant', 'entity'])
    .execute();
}

async function rules(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rules')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('number', 'bigint', (column) => column.notNull())
    .addColumn('detector', 'text', (column) => column.notNull())
    .addColumn('form', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('continuous', 'integer', (column) => column.notNull())
    .addColumn('switched_off', 'integer', (column) => column.notNull())
    .addColumn('created', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('modified', 'text', (column) => column.notNull())
    .addColumn('modified_by', 'text', (column) => column.notNull())
    .addColumn('query_modified', 'text', (column) => column.notNull())
    .addColumn('arrival', 'bigint', (column) => column.notNull())
    .addColumn('covered_until', 'text')
    .addColumn('next_run', 'text', (column) => column.notNull())
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('rules_key', ['tenant', 'name'])
    .execute();
  await db.schema.createIndex('rules_by_number').on('rules').columns(['tenant', 'number']).unique().execute();
  await db.schema
    .createTable('rule_runs')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('rule', 'text', (column) => column.notNull())
    .addColumn('started', 'text', (column) => column.notNull())
    .addColumn('ended', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('counts', 'text', (column) => column.notNull())
    .addColumn('error_code', 'text')
    .addColumn('error', 'text')
    .execute();
  await db.schema
    .createIndex('rule_runs_by_rule')
    .on('rule_runs')
    .columns(['tenant', 'rule', 'started'])
    .execute();
  await db.schema
    .createTable('rule_suppressions')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('until', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('rule_suppressions_key', ['tenant', 'key'])
    .execute();
}
