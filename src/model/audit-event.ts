/** What a call of the server's interfaces was. Members are the columns of the table SpoorAuditEvents. */
export interface AuditEvent {
  /** ISO 8601, UTC. */
  readonly Timestamp: string;
  readonly ActionType: 'Query' | 'Token' | 'SignIn' | 'Administration' | 'Ingest' | 'Api';
  readonly Application: string;
  readonly AccountObjectId: string;
  readonly IPAddress: string;
  readonly UserAgent: string;
  readonly Method: string;
  readonly Route: string;
  readonly StatusCode: number;
  readonly QueryText: string;
  readonly RowCount: number | null;
  readonly DurationMs: number;
  readonly RequestId: string;
  readonly ClientRequestId: string;
}

export const AUDIT_TABLE = 'SpoorAuditEvents';
