import type { ApplicationTable } from './applications.ts';
import type {
  IngestBatchTable,
  IngestCursorTable,
  IngestFileTable,
  IngestRequestTable,
} from './ingest-journal.ts';
import type { SecretTable } from './secrets.ts';
import type { SigningKeyTable } from './signing-keys.ts';
import type { TenantTable } from './tenants.ts';

/**
 * The tables of the control state, each described beside its records. A new kind of record adds its table here and
 * its migration to migrations/index.ts.
 * Columns use only what SQLite and PostgreSQL share: text (times as ISO 8601 UTC, lists as JSON) and integers.
 */
export interface Tables {
  readonly tenants: TenantTable;
  readonly applications: ApplicationTable;
  readonly application_secrets: SecretTable;
  readonly signing_keys: SigningKeyTable;
  readonly ingest_cursors: IngestCursorTable;
  readonly ingest_requests: IngestRequestTable;
  readonly ingest_files: IngestFileTable;
  readonly ingest_batches: IngestBatchTable;
}
