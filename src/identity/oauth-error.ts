import { RequestError } from '../model/request-error.ts';

/**
 * DATA: the refusals of the token service: OAuth's word, the directory's number, the status.
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const CASES = {
  wrongSecret: { error: 'invalid_client', aadsts: 7000215, status: 401 },
  expiredSecret: { error: 'invalid_client', aadsts: 7000222, status: 401 },
  noCredential: { error: 'invalid_client', aadsts: 7000218, status: 401 },
  badAssertion: { error: 'invalid_client', aadsts: 700027, status: 401 },
  unknownApplication: { error: 'unauthorized_client', aadsts: 700016, status: 400 },
  unknownTenant: { error: 'invalid_request', aadsts: 90002, status: 400 },
  tenantNeeded: { error: 'invalid_request', aadsts: 50194, status: 400 },
  unknownResource: { error: 'invalid_resource', aadsts: 500011, status: 400 },
  badScope: { error: 'invalid_scope', aadsts: 70011, status: 400 },
  scopeNotDefault: { error: 'invalid_scope', aadsts: 1002012, status: 400 },
  missingParameter: { error: 'invalid_request', aadsts: 900144, status: 400 },
  repeatedParameter: { error: 'invalid_request', aadsts: 9000411, status: 400 },
  invalidInput: { error: 'invalid_request', aadsts: 90013, status: 400 },
  unsupportedGrant: { error: 'unsupported_grant_type', aadsts: 70003, status: 400 },
  postOnly: { error: 'invalid_request', aadsts: 900561, status: 400 },
} as const;

export type OAuthCase = keyof typeof CASES;

/** A refusal in the directory's dialect. `code` is OAuth's `error`; `aadsts` the directory's number. */
export class OAuthError extends RequestError {
  readonly aadsts: number;

  constructor(kind: OAuthCase, message: string, status?: number) {
    const { error, aadsts, status: usual } = CASES[kind];
    super(error, status ?? usual, message, { detail: `AADSTS${aadsts}` });
    this.name = 'OAuthError';
    this.aadsts = aadsts;
  }
}

/**
 * The directory's error body. The description is one line, as today's answers are: clients cut their text out between
 * the first colon and ` Trace ID:`. `error_codes` is never empty.
 */
export function oauthErrorBody(
  error: { readonly code: string; readonly message: string; readonly aadsts: number },
  ids: { readonly trace: string; readonly correlation: string; readonly now: Date; readonly origin: string },
): object {
  const timestamp = `${ids.now.toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    error: error.code,
    error_description:
      `AADSTS${error.aadsts}: ${error.message} ` +
      `Trace ID: ${ids.trace} Correlation ID: ${ids.correlation} Timestamp: ${timestamp}`,
    error_codes: [error.aadsts],
    timestamp,
    trace_id: ids.trace,
    correlation_id: ids.correlation,
    error_uri: `${ids.origin}/error?code=${error.aadsts}`,
  };
}
