import { ASSERTION_ALGORITHMS } from './client-assertion.ts';
import type { Directory } from './directory.ts';
import { SIGNING_ALGORITHM } from './key-store.ts';
import type { IdentityPolicy } from './policy.ts';
import { requiredTenant } from './token-request.ts';

const CLAIMS = [
  'sub',
  'iss',
  'aud',
  'exp',
  'iat',
  'nbf',
  'auth_time',
  'nonce',
  'name',
  'given_name',
  'family_name',
  'preferred_username',
  'email',
  'tid',
  'oid',
  'ver',
  'roles',
  'scp',
];

/** `common` and its kin have documents of their own, whose issuer is a template. */
const SHARED: ReadonlySet<string> = new Set(['common', 'organizations', 'consumers']);

/**
 * The OpenID Connect document of a tenant. Every URL is below `origin`; the first segment of every endpoint is the
 * tenant, from which MSAL for Python reads it. Throws `OAuthError` for an unknown tenant.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
 */
export async function discoveryDocument(
  directory: Directory,
  asked: string,
  version: 1 | 2,
  origin: string,
  policy: IdentityPolicy,
): Promise<object> {
  const shared = SHARED.has(asked.toLowerCase());
  const segment = shared ? asked.toLowerCase() : (await requiredTenant(directory, asked)).id;
  const base = `${origin}/${segment}`;
  const oauth = version === 1 ? `${base}/oauth2` : `${base}/oauth2/v2.0`;
  const named = shared ? '{tenantid}' : segment;
  return {
    token_endpoint: `${oauth}/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    jwks_uri: version === 1 ? `${base}/discovery/keys` : `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: [SIGNING_ALGORITHM],
    response_types_supported: ['code'],
    grant_types_supported: [
      'authorization_code',
      'client_credentials',
      'refresh_token',
      'urn:ietf:params:oauth:grant-type:device_code',
      ...(policy.passwordGrant ? ['password'] : []),
    ],
    code_challenge_methods_supported: policy.plainPkce ? ['S256', 'plain'] : ['S256'],
    // Behind `common` no issuer is known, so answers name none.
    authorization_response_iss_parameter_supported: !shared,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: version === 1 ? `${origin}/${named}/` : `${origin}/${named}/v2.0`,
    authorization_endpoint: `${oauth}/authorize`,
    device_authorization_endpoint: `${oauth}/devicecode`,
    end_session_endpoint: `${oauth}/logout`,
    userinfo_endpoint: version === 1 ? `${base}/openid/userinfo` : `${origin}/oidc/userinfo`,
    claims_supported: CLAIMS,
  };
}

/**
 * What MSAL asks before it trusts an authority. The answer always names this server, whatever host was asked about:
 * an error would stop the client, and another host's name would send it away.
 */
export function instanceDocument(origin: string, tenant: string): object {
  const { host } = new URL(origin);
  return {
    tenant_discovery_endpoint: `${origin}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}
