import { OAuthError } from '../oauth-error.ts';
import { signInByPassword } from '../sign-in/password-sign-in.ts';
import { targetOf } from '../target.ts';
import {
  type GrantParts,
  optionalField,
  requiredField,
  requiredTenant,
  type TokenRequest,
} from '../token-request.ts';
import { answerSignIn } from '../user-answer.ts';
import { provedClient } from './client-of-user.ts';

/**
 * The resource owner password grant, off unless a setting allows it: RFC 9700 section 2.4 forbids it. Unknown users and
 * wrong passwords get one answer; the directory has a number of its own for the former (50034), which tells who is there.
 */
export async function password(parts: GrantParts, request: TokenRequest): Promise<object> {
  if (!parts.policy.passwordGrant) {
    throw new OAuthError('unsupportedGrant', "The app requested an unsupported grant type 'password'.");
  }
  const { form } = request;
  const tenant = await requiredTenant(parts.directory, request.tenant);
  const client = await provedClient(parts, request, tenant);
  const asked = {
    endpoint: request.endpoint,
    resource: optionalField(form, 'resource'),
    scope: optionalField(form, 'scope'),
  };
  const target = targetOf(parts.address, client.app, asked);
  const result = await signInByPassword(parts.directory.parts, {
    upn: requiredField(form, 'username'),
    password: requiredField(form, 'password'),
    address: request.remoteAddress,
    tenant: tenant.id,
  });
  if (result.kind === 'wait') {
    throw new OAuthError(
      'accountLocked',
      'The account is locked, you have tried to sign in too many times with an incorrect user ID or password.',
    );
  }
  if (result.kind === 'wrong') {
    throw new OAuthError(
      'wrongPassword',
      'Error validating credentials due to invalid username or password.',
    );
  }
  return answerSignIn(parts, request, { ...client, user: result.user, asked, target });
}
