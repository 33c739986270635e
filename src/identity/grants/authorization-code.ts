import { createHash, timingSafeEqual } from 'node:crypto';
import { OAuthError } from '../oauth-error.ts';
import { targetOf } from '../target.ts';
import { type CodeGrant, presentedCode, spend } from '../token-family.ts';
import { type GrantParts, optionalField, requiredField, type TokenRequest } from '../token-request.ts';
import { answerForUser } from '../user-answer.ts';
import { holderOf, userOfGrant } from './client-of-user.ts';

/**
 * A code for tokens. All that the code is bound to is checked before it is spent, but for its second use, which ends
 * all that came of the first.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, RFC 6749 section 4.1, RFC 7636
 */
export async function authorizationCode(parts: GrantParts, request: TokenRequest): Promise<object> {
  const { form } = request;
  const directory = parts.directory.parts;
  const found = await presentedCode(directory, requiredField(form, 'code'));
  const holder = await holderOf(parts, request, 'authorization code', found);
  const { presented, tenant, app, proof } = holder;
  const { grant, family } = presented;
  checkRedirectUri(optionalField(form, 'redirect_uri'), grant);
  checkVerifier(optionalField(form, 'code_verifier'), grant);
  if (presented.isExpired) {
    throw new OAuthError(
      'expiredGrant',
      'The provided authorization code has expired. Send a new interactive request.',
    );
  }
  if (!(await spend(directory, 'authorization_codes', presented))) {
    throw new OAuthError('usedCode', 'The authorization code was already redeemed.');
  }
  const asked = {
    endpoint: request.endpoint,
    resource: optionalField(form, 'resource') ?? grant.resource,
    scope: optionalField(form, 'scope') ?? grant.scope,
  };
  return answerForUser(parts, request, {
    tenant,
    client: { app, user: await userOfGrant(parts, family.user), proof, family: family.id },
    target: targetOf(parts.address, app, asked),
    refresh: { ...asked, signedInAt: grant.signedInAt, isPublic: grant.isPublic },
    nonce: grant.nonce,
  });
}

function checkRedirectUri(sent: string | undefined, { redirectUri, redirectUriWasSent }: CodeGrant): void {
  if (sent === redirectUri || (sent === undefined && !redirectUriWasSent)) return;
  throw new OAuthError(
    'wrongRedirectUri',
    'The reply URL specified in the request does not match the one of the authorization request.',
  );
}

/** A verifier without a challenge is refused too: someone took the challenge out (RFC 9700 section 4.8.2). */
function checkVerifier(verifier: string | undefined, { challenge }: CodeGrant): void {
  if (challenge === undefined && verifier === undefined) return;
  if (challenge === undefined || verifier === undefined || !/^[\w.~-]{43,128}$/.test(verifier))
    throw wrongVerifier();
  const made =
    challenge.method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url');
  const [a, b] = [digest(made), digest(challenge.value)];
  if (!timingSafeEqual(a, b)) throw wrongVerifier();
}

function wrongVerifier(): OAuthError {
  return new OAuthError(
    'wrongVerifier',
    'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  );
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
