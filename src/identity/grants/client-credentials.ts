import { type ClientProof, issueAppToken, TOKEN_LIFE_SECONDS } from '../access-token.ts';
import type { Application, Tenant } from '../directory.ts';
import { OAuthError } from '../oauth-error.ts';
import { familiesOf, isApplicationId } from '../resources.ts';
import {
  type GrantParts,
  namedClient,
  proveClient,
  requiredField,
  requiredTenant,
  shown,
  type TokenRequest,
} from '../token-request.ts';

interface Client {
  readonly tenant: Tenant;
  readonly app: Application;
  readonly proof: ClientProof;
}

/**
 * The client credentials grant. The answer's members are in the order that scripts count on: a bash sample takes the
 * seventh comma-separated one for the token.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export async function clientCredentials(parts: GrantParts, request: TokenRequest): Promise<object> {
  const tenant = await requiredTenant(parts.directory, request.tenant);
  const app = await namedClient(request, tenant, parts.directory);
  const client = { tenant, app, proof: await proveClient(parts, request, tenant, app) };
  return request.endpoint === 1 ? answerV1(parts, request, client) : answerV2(parts, request, client);
}

async function answerV1(
  parts: GrantParts,
  request: TokenRequest,
  { tenant, app, proof }: Client,
): Promise<object> {
  const resource = requiredField(request.form, 'resource').trim();
  refuseUnknown(parts, resource, tenant);
  const { token, notBefore, expiresOn } = await issueAppToken(parts, tenant.id, app, proof, resource, 1);
  const number = (value: number) => (parts.v1NumbersAsStrings ? String(value) : value);
  return {
    token_type: 'Bearer',
    expires_in: number(TOKEN_LIFE_SECONDS),
    ext_expires_in: number(TOKEN_LIFE_SECONDS),
    expires_on: number(expiresOn),
    not_before: number(notBefore),
    resource,
    access_token: token,
  };
}

async function answerV2(
  parts: GrantParts,
  request: TokenRequest,
  { tenant, app, proof }: Client,
): Promise<object> {
  const resource = resourceOfScope(requiredField(request.form, 'scope'));
  refuseUnknown(parts, resource, tenant);
  // The version is the API's choice, not the endpoint's: these APIs are registered for version 1 under their URIs.
  const version = isApplicationId(resource) ? 2 : 1;
  const audience = version === 2 ? resource.toLowerCase().replace(/^api:\/\//, '') : resource;
  const { token } = await issueAppToken(parts, tenant.id, app, proof, audience, version);
  return {
    token_type: 'Bearer',
    expires_in: TOKEN_LIFE_SECONDS,
    ext_expires_in: TOKEN_LIFE_SECONDS,
    access_token: token,
  };
}

/** Scopes of sign-in, which mean nothing for an application but are sent along by some clients. */
const SIGN_IN_SCOPES: ReadonlySet<string> = new Set(['offline_access', 'openid', 'profile', 'email']);
const DEFAULT_SUFFIX = '/.default';

/**
 * `<resource>/.default`: exactly one such suffix is taken off, so `https://host//.default` means `https://host/`.
 */
function resourceOfScope(scope: string): string {
  const scopes = scope.split(/[ \t\r\n]+/).filter((part) => part !== '' && !SIGN_IN_SCOPES.has(part));
  const [only, second] = scopes;
  if (only === undefined || second !== undefined) {
    throw new OAuthError(
      'badScope',
      `The provided value for the input parameter 'scope' is not valid. The scope ${shown(scope)} is not valid.`,
    );
  }
  if (!only.toLowerCase().endsWith(DEFAULT_SUFFIX) || only.length === DEFAULT_SUFFIX.length) {
    throw new OAuthError(
      'scopeNotDefault',
      `The provided value for scope ${shown(scope)} is not valid. Client credential flows must have a scope ` +
        'value with /.default suffixed to the resource identifier (application ID URI).',
    );
  }
  return only.slice(0, -DEFAULT_SUFFIX.length);
}

function refuseUnknown(parts: GrantParts, resource: string, tenant: Tenant): void {
  if (familiesOf(resource, parts.address) !== undefined) return;
  throw new OAuthError(
    'unknownResource',
    `The resource principal named ${shown(resource)} was not found in the tenant named ${shown(tenant.name)}.`,
  );
}
