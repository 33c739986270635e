import type { ClientProof } from '../access-token.ts';
import { applicationAnywhere } from '../directory/applications.ts';
import { type User, userBy } from '../directory/users.ts';
import type { Application, Tenant } from '../directory.ts';
import { OAuthError } from '../oauth-error.ts';
import type { Presented } from '../token-family.ts';
import {
  type GrantParts,
  isTenantless,
  namedClient,
  proveClient,
  refuseCredentials,
  requiredField,
  requiredTenant,
  type TokenRequest,
  tenantNeeded,
  unknownApplication,
} from '../token-request.ts';

/**
 * The tenant of a request that presents a user's grant: the one in the path, or behind `common` the user's own, where
 * the application is open to several. Throws `OAuthError` for another tenant than the grant's.
 */
async function tenantOfGrant(parts: GrantParts, request: TokenRequest, tenant: string): Promise<Tenant> {
  if (isTenantless(request.tenant)) {
    const app = await applicationAnywhere(parts.directory.parts, request.basic?.id ?? clientId(request));
    if (app !== undefined && !app.isMultiTenant) throw tenantNeeded();
    return requiredTenant(parts.directory, tenant);
  }
  const asked = await requiredTenant(parts.directory, request.tenant);
  if (asked.id === tenant) return asked;
  throw new OAuthError('grantOfOtherTenant', 'The grant is intended to be used against another tenant.');
}

/** The user of a grant, who may have been removed or switched off since. Throws `OAuthError`. */
export async function userOfGrant(parts: GrantParts, id: string): Promise<User> {
  const user = await userBy(parts.directory.parts, id);
  if (user?.enabled === true) return user;
  throw revokedGrant();
}

export interface ProvedClient {
  readonly tenant: Tenant;
  readonly app: Application;
  readonly proof: ClientProof;
}

/** The application that the request names; a public one has nothing to prove. Throws `OAuthError`. */
export async function provedClient(
  parts: GrantParts,
  request: TokenRequest,
  tenant: Tenant,
): Promise<ProvedClient> {
  const app = await namedClient(request, tenant, parts.directory);
  const proof = app.isPublic ? refuseCredentials(request) : await proveClient(parts, request, tenant, app);
  return { tenant, app, proof };
}

/** The client that presents what was issued to it, of the kind that it was then. Throws `OAuthError`. */
export async function holderOf<Grant extends { readonly isPublic: boolean }>(
  parts: GrantParts,
  request: TokenRequest,
  called: 'authorization code' | 'refresh token',
  presented: Presented<Grant> | 'revoked' | undefined,
): Promise<ProvedClient & { readonly presented: Presented<Grant> }> {
  if (presented === undefined) throw new OAuthError('invalidGrant', `The provided ${called} is not known.`);
  if (presented === 'revoked') throw revokedGrant();
  const { grant, family } = presented;
  const tenant = await tenantOfGrant(parts, request, family.tenant);
  const app = await namedClient(request, tenant, parts.directory);
  if (app.id !== family.application) {
    throw new OAuthError('invalidGrant', `The provided ${called} was issued to another client.`);
  }
  const proof = grant.isPublic ? refuseCredentials(request) : await proveClient(parts, request, tenant, app);
  return { presented, tenant, app, proof };
}

export function revokedGrant(): OAuthError {
  return new OAuthError('revokedGrant', 'The provided grant has expired due to it being revoked.');
}

/** The application of a request that names no tenant. Throws `OAuthError` where it is not open to several. */
export async function tenantlessClient(parts: GrantParts, id: string): Promise<Application> {
  const app = await applicationAnywhere(parts.directory.parts, id);
  if (app === undefined) throw unknownApplication(id, 'common');
  if (!app.isMultiTenant) throw tenantNeeded();
  return app;
}

function clientId({ form }: TokenRequest): string {
  return requiredField(form, 'client_id');
}
