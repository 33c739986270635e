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
  assertionClient: { error: 'invalid_client', aadsts: 700021, status: 401 },
  assertionAudience: { error: 'invalid_client', aadsts: 700023, status: 401 },
  assertionTime: { error: 'invalid_client', aadsts: 700024, status: 401 },
  assertionReused: { error: 'invalid_client', aadsts: 700027, status: 401 },
  credentialOfPublicClient: { error: 'invalid_client', aadsts: 700025, status: 401 },
  invalidGrant: { error: 'invalid_grant', aadsts: 70000, status: 400 },
  expiredGrant: { error: 'invalid_grant', aadsts: 70008, status: 400 },
  expiredRefreshToken: { error: 'invalid_grant', aadsts: 700082, status: 400 },
  usedCode: { error: 'invalid_grant', aadsts: 54005, status: 400 },
  revokedGrant: { error: 'invalid_grant', aadsts: 50173, status: 400 },
  grantOfOtherTenant: { error: 'invalid_grant', aadsts: 700005, status: 400 },
  wrongVerifier: { error: 'invalid_grant', aadsts: 501481, status: 400 },
  wrongRedirectUri: { error: 'invalid_client', aadsts: 50011, status: 400 },
  wrongPassword: { error: 'invalid_grant', aadsts: 50126, status: 400 },
  accountLocked: { error: 'invalid_grant', aadsts: 50053, status: 400 },
  noConsent: { error: 'invalid_grant', aadsts: 65001, status: 400 },
  unknownScope: { error: 'invalid_scope', aadsts: 650053, status: 400 },
  noPermissions: { error: 'invalid_resource', aadsts: 650057, status: 400 },
  authorizationPending: { error: 'authorization_pending', aadsts: 70016, status: 400 },
  slowDown: { error: 'slow_down', aadsts: 70016, status: 400 },
  authorizationDeclined: { error: 'authorization_declined', aadsts: 70017, status: 400 },
  badVerificationCode: { error: 'bad_verification_code', aadsts: 70018, status: 400 },
  expiredDeviceCode: { error: 'expired_token', aadsts: 70020, status: 400 },
  unsupportedResponseType: { error: 'unsupported_response_type', aadsts: 700054, status: 400 },
  pkceNeeded: { error: 'invalid_request', aadsts: 9002325, status: 400 },
  badChallenge: { error: 'invalid_request', aadsts: 501491, status: 400 },
  loginRequired: { error: 'login_required', aadsts: 50058, status: 400 },
  interactionRequired: { error: 'interaction_required', aadsts: 65001, status: 400 },
  consentDeclined: { error: 'access_denied', aadsts: 65004, status: 400 },
  adminConsentNeeded: { error: 'access_denied', aadsts: 90094, status: 400 },
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
