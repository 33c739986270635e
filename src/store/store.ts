import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Kysely, Migrator, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { MIGRATIONS } from './migrations/index.ts';
import type { Tables } from './tables.ts';

/** Control state: tenants, applications, keys, journals. Hunting data is never in here. */
export interface Store {
  readonly db: Kysely<Tables>;
  close(): Promise<void>;
}

export const STORE_FILE = 'control.db';

/** How long a statement waits for another process that holds the file. */
const BUSY_TIMEOUT_MS = 10_000;

/**
 * Opens the control state of a data folder, made with owner-only rights where it does not exist, and brings it up to
 * the newest migration. A commit is on the disk when it returns (write-ahead log, `synchronous = FULL`).
 * Rejects with a plain error when the file is not ours, is damaged or was written by a newer version.
 */
export async function openStore(dataDir: string): Promise<Store> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, STORE_FILE);
  // Made by us first, so that the engine never creates it with the process's default rights.
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return { db, close: () => db.destroy() };
}

async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
    migrationTableName: 'schema_migrations',
    migrationLockTableName: 'schema_migrations_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    throw new Error('the control state could not be brought to this version', { cause: error });
  }
}
