import { OAuthError } from '../oauth-error.ts';
import { targetOf } from '../target.ts';
import { presentedRefreshToken, spend } from '../token-family.ts';
import {
  type GrantParts,
  namedClient,
  optionalField,
  proveClient,
  refuseCredentials,
  requiredField,
  type TokenRequest,
} from '../token-request.ts';
import { answerForUser } from '../user-answer.ts';
import { tenantOfGrant, userOfGrant } from './client-of-user.ts';

/**
 * A refresh token for new tokens, a refresh token among them: the old one is spent, and when it comes a second time one
 * of two holders is a thief, so the whole family ends. Any resource may be asked for that the user has agreed to.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, RFC 9700 section 4.14
 */
export async function refreshToken(parts: GrantParts, request: TokenRequest): Promise<object> {
  const { form } = request;
  const directory = parts.directory.parts;
  const presented = await presentedRefreshToken(directory, requiredField(form, 'refresh_token'));
  if (presented === undefined)
    throw new OAuthError('invalidGrant', 'The provided refresh token is not known.');
  if (presented === 'revoked') throw revoked();
  const { grant, family } = presented;
  const tenant = await tenantOfGrant(parts, request, family.tenant);
  const app = await namedClient(request, tenant, parts.directory);
  if (app.id !== family.application) {
    throw new OAuthError('invalidGrant', 'The provided refresh token was issued to another client.');
  }
  const proof = grant.isPublic ? refuseCredentials(request) : await proveClient(parts, request, tenant, app);
  if (presented.isExpired) {
    throw new OAuthError('expiredRefreshToken', 'The refresh token has expired due to inactivity.');
  }
  const asked = {
    endpoint: request.endpoint,
    resource: optionalField(form, 'resource') ?? grant.resource,
    scope: withOffline(optionalField(form, 'scope') ?? grant.scope),
  };
  // Looked at before the token is spent: a wrong scope must not cost the client its sign-in.
  const target = presented.isUsed ? undefined : targetOf(parts.address, app, asked);
  if (!(await spend(directory, 'refresh_tokens', presented)) || target === undefined) throw revoked();
  return answerForUser(parts, request, {
    tenant,
    client: { app, user: await userOfGrant(parts, family.user), proof, family: family.id },
    target,
    refresh: { ...grant, ...asked },
    nonce: undefined,
  });
}

/** Whoever refreshes goes on refreshing, whether the scope says so again or not. */
function withOffline(scope: string | undefined): string | undefined {
  if (scope === undefined || scope.split(/\s+/).includes('offline_access')) return scope;
  return `${scope} offline_access`;
}

function revoked(): OAuthError {
  return new OAuthError('revokedGrant', 'The provided grant has expired due to it being revoked.');
}
