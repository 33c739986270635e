import type { AlertEvidenceTable, AlertRowsTable, AlertTable } from './alerts.ts';
import type { ApplicationTable } from './applications.ts';
import type { CertificateTable } from './certificates.ts';
import type { ClientAssertionTable } from './client-assertions.ts';
import type { ConsentTable } from './consents.ts';
import type { DetectionCursorTable, DetectionRequestTable, DetectionTable } from './detections.ts';
import type { DeviceCodeTable } from './device-codes.ts';
import type { DeviceGroupTable, DeviceGroupUserTable } from './device-groups.ts';
import type { IncidentEntityTable, IncidentTable } from './incidents.ts';
import type {
  IngestBatchTable,
  IngestCursorTable,
  IngestFileTable,
  IngestRequestTable,
} from './ingest-journal.ts';
import type { LibraryVersionTable, SavedFunctionTable, WatchlistTable } from './library.ts';
import type { QuotaUsageTable } from './quota-usage.ts';
import type { RuleRunTable, RuleSuppressionTable, RuleTable } from './rules.ts';
import type { SecretTable } from './secrets.ts';
import type { ServicePrincipalTable } from './service-principals.ts';
import type { SessionTable } from './sessions.ts';
import type { SignInFailureTable } from './sign-in-failures.ts';
import type { SigningKeyTable } from './signing-keys.ts';
import type { TenantLimitTable } from './tenant-limits.ts';
import type { TenantDomainTable, TenantTable } from './tenants.ts';
import type { GrantTable, TokenFamilyTable } from './token-families.ts';
import type { TrustedIssuerTable } from './trusted-issuers.ts';
import type { UserTable } from './users.ts';

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
  readonly tenant_domains: TenantDomainTable;
  readonly tenant_limits: TenantLimitTable;
  readonly trusted_issuers: TrustedIssuerTable;
  readonly application_certificates: CertificateTable;
  readonly service_principals: ServicePrincipalTable;
  readonly client_assertions: ClientAssertionTable;
  readonly users: UserTable;
  readonly device_groups: DeviceGroupTable;
  readonly device_group_users: DeviceGroupUserTable;
  readonly consents: ConsentTable;
  readonly token_families: TokenFamilyTable;
  readonly authorization_codes: GrantTable;
  readonly refresh_tokens: GrantTable;
  readonly device_codes: DeviceCodeTable;
  readonly sessions: SessionTable;
  readonly sign_in_failures: SignInFailureTable;
  readonly ingest_cursors: IngestCursorTable;
  readonly ingest_requests: IngestRequestTable;
  readonly ingest_files: IngestFileTable;
  readonly ingest_batches: IngestBatchTable;
  readonly detection_cursors: DetectionCursorTable;
  readonly detections: DetectionTable;
  readonly detection_requests: DetectionRequestTable;
  readonly alerts: AlertTable;
  readonly alert_evidence: AlertEvidenceTable;
  readonly alert_rows: AlertRowsTable;
  readonly incidents: IncidentTable;
  readonly incident_entities: IncidentEntityTable;
  readonly rules: RuleTable;
  readonly rule_runs: RuleRunTable;
  readonly rule_suppressions: RuleSuppressionTable;
  readonly quota_usage: QuotaUsageTable;
  readonly saved_functions: SavedFunctionTable;
  readonly watchlists: WatchlistTable;
  readonly library_versions: LibraryVersionTable;
}
