import type { Directory } from './directory.ts';
import { SIGNING_ALGORITHM } from './key-store.ts';
import { requiredTenant } from './token-request.ts';

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
): Promise<object> {
  const shared = SHARED.has(asked.toLowerCase());
  const segment = shared ? asked.toLowerCase() : (await requiredTenant(directory, asked)).id;
  const base = `${origin}/${segment}`;
  const oauth = version === 1 ? `${base}/oauth2` : `${base}/oauth2/v2.0`;
  const named = shared ? '{tenantid}' : segment;
  return {
    token_endpoint: `${oauth}/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    jwks_uri: version === 1 ? `${base}/discovery/keys` : `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: [SIGNING_ALGORITHM],
    response_types_supported: ['code'],
    grant_types_supported: ['client_credentials'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: version === 1 ? `${origin}/${named}/` : `${origin}/${named}/v2.0`,
    authorization_endpoint: `${oauth}/authorize`,
    device_authorization_endpoint: `${oauth}/devicecode`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nbf', 'tid', 'oid', 'ver', 'roles'],
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
