import { RequestError } from '../model/request-error.ts';
import { subjectOf } from './access-token.ts';
import { userBy } from './directory/users.ts';
import { type VerifyParts, verifyBearer } from './verify.ts';

/**
 * What OpenID Connect's userinfo says of the user of a token with the scope `openid`. Rejects with `Unauthorized` (401)
 * or `Forbidden` (403).
 * Source: https://learn.microsoft.com/entra/identity-platform/userinfo
 */
export async function userInfo(parts: VerifyParts, authorization: string | undefined): Promise<object> {
  const caller = await verifyBearer(parts, authorization, ['graph']);
  const [user, app] = await Promise.all([
    userBy(parts.directory.parts, caller.user ?? ''),
    parts.directory.application(caller.tenant, caller.app),
  ]);
  if (user === undefined || app === undefined || !caller.scopes.includes('openid')) {
    throw new RequestError('Forbidden', 403, 'Missing user scopes. API required scopes: openid.');
  }
  return {
    sub: subjectOf(user, app),
    ...(caller.scopes.includes('profile')
      ? { name: user.name, family_name: user.familyName, given_name: user.givenName }
      : {}),
    ...(caller.scopes.includes('email') ? { email: user.upn } : {}),
  };
}
