import { OAuthError } from '../oauth-error.ts';
import { targetOf } from '../target.ts';
import { presentedRefreshToken, spend } from '../token-family.ts';
import { type GrantParts, optionalField, requiredField, type TokenRequest } from '../token-request.ts';
import { answerForUser } from '../user-answer.ts';
import { holderOf, revokedGrant, userOfGrant } from './client-of-user.ts';

/**
 * A refresh token for new tokens, a refresh token among them: the old one is spent, and when it comes a second time one
 * of two holders is a thief, so the whole family ends. Any resource may be asked for that the user has agreed to.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, RFC 9700 section 4.14
 */
export async function refreshToken(parts: GrantParts, request: TokenRequest): Promise<object> {
  const { form } = request;
  const directory = parts.directory.parts;
  const found = await presentedRefreshToken(directory, requiredField(form, 'refresh_token'));
  const holder = await holderOf(parts, request, 'refresh token', found);
  const { presented, tenant, app, proof } = holder;
  const { grant, family } = presented;
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
  if (!(await spend(directory, 'refresh_tokens', presented)) || target === undefined) throw revokedGrant();
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
