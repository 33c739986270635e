import type { Kysely, Migration } from 'kysely';

/** The rest of the directory: domains, users, certificates, consent, device groups, and what sign-in leaves behind. */
export const identity: Migration = {
  async up(db: Kysely<unknown>) {
    await applications(db);
    await people(db);
    await grants(db);
    await signIn(db);
  },
};

async function applications(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tenant_domains')
    .addColumn('domain', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull().references('tenants.id').onDelete('cascade'))
    .execute();
  const added = [
    ['scopes', '[]'],
    ['redirect_uris', '[]'],
    ['is_public', 0],
    ['is_multi_tenant', 0],
  ] as const;
  for (const [name, fallback] of added) {
    await db.schema
      .alterTable('applications')
      .addColumn(name, typeof fallback === 'number' ? 'integer' : 'text', (column) =>
        column.notNull().defaultTo(fallback),
      )
      .execute();
  }
  await db.schema.alterTable('applications').addColumn('logout_url', 'text').execute();
  for (const name of ['name', 'hint']) {
    await db.schema
      .alterTable('application_secrets')
      .addColumn(name, 'text', (column) => column.notNull().defaultTo(''))
      .execute();
  }
  await db.schema
    .createTable('application_certificates')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('application', 'text', (column) =>
      column.notNull().references('applications.id').onDelete('cascade'),
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('x5t', 'text', (column) => column.notNull())
    .addColumn('x5t_s256', 'text', (column) => column.notNull())
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('not_before', 'text', (column) => column.notNull())
    .addColumn('not_after', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addUniqueConstraint('application_certificates_once', ['application', 'x5t_s256'])
    .execute();
  await db.schema
    .createTable('service_principals')
    .addColumn('application', 'text', (column) =>
      column.notNull().references('applications.id').onDelete('cascade'),
    )
    .addColumn('tenant', 'text', (column) => column.notNull().references('tenants.id').onDelete('cascade'))
    .addColumn('object_id', 'text', (column) => column.notNull().unique())
    .addColumn('roles', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('service_principals_key', ['application', 'tenant'])
    .execute();
  await db.schema
    .createTable('client_assertions')
    .addColumn('application', 'text', (column) => column.notNull())
    .addColumn('jti', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('client_assertions_key', ['application', 'jti'])
    .execute();
}

async function people(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull().references('tenants.id'))
    .addColumn('upn', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('given_name', 'text', (column) => column.notNull())
    .addColumn('family_name', 'text', (column) => column.notNull())
    .addColumn('password', 'text', (column) => column.notNull())
    .addColumn('roles', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('users_by_tenant').on('users').column('tenant').execute();
  await db.schema
    .createTable('device_groups')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull().references('tenants.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('rank', 'integer', (column) => column.notNull())
    .addColumn('rules', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addUniqueConstraint('device_groups_by_name', ['tenant', 'name'])
    .execute();
  await db.schema
    .createTable('device_group_users')
    .addColumn('device_group', 'text', (column) =>
      column.notNull().references('device_groups.id').onDelete('cascade'),
    )
    .addColumn('user', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('device_group_users_key', ['device_group', 'user'])
    .execute();
  await db.schema
    .createTable('consents')
    .addColumn('tenant', 'text', (column) => column.notNull().references('tenants.id').onDelete('cascade'))
    .addColumn('application', 'text', (column) =>
      column.notNull().references('applications.id').onDelete('cascade'),
    )
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('api', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('consents_key', ['tenant', 'application', 'user', 'api'])
    .execute();
}

async function grants(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('token_families')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('application', 'text', (column) =>
      column.notNull().references('applications.id').onDelete('cascade'),
    )
    .addColumn('user', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('revoked_at', 'text')
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('token_families_by_user').on('token_families').column('user').execute();
  for (const table of ['authorization_codes', 'refresh_tokens']) {
    await db.schema
      .createTable(table)
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('family', 'text', (column) =>
        column.notNull().references('token_families.id').onDelete('cascade'),
      )
      .addColumn('grant', 'text', (column) => column.notNull())
      .addColumn('used_at', 'text')
      .addColumn('expires_at', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex(`${table}_by_family`).on(table).column('family').execute();
  }
  await db.schema
    .createTable('device_codes')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('user_code', 'text', (column) => column.notNull().unique())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('application', 'text', (column) =>
      column.notNull().references('applications.id').onDelete('cascade'),
    )
    .addColumn('grant', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('user', 'text')
    .addColumn('polled_at', 'text')
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .execute();
}

async function signIn(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('user', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('signed_in_at', 'text', (column) => column.notNull())
    .addColumn('seen_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('sessions_by_user').on('sessions').column('user').execute();
  await db.schema
    .createTable('sign_in_failures')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('last_at', 'text', (column) => column.notNull())
    .execute();
}
