import {
  type IssuedToken,
  issuer,
  issueUserToken,
  names,
  signed,
  subjectOf,
  TOKEN_LIFE_SECONDS,
  type UserGrant,
} from './access-token.ts';
import { consentedScopes } from './directory/consents.ts';
import type { Tenant } from './directory.ts';
import { OAuthError } from './oauth-error.ts';
import { type Asked, scopeText, type Target } from './target.ts';
import { issueRefreshToken, type RefreshGrant, startFamily } from './token-family.ts';
import { type GrantParts, optionalField, shown, type TokenRequest } from './token-request.ts';

/** All that a grant found out before tokens are made. */
export interface Granted {
  readonly tenant: Tenant;
  readonly client: Pick<UserGrant, 'app' | 'user' | 'proof' | 'family'>;
  readonly target: Target;
  /** Kept for the next refresh; undefined: none is possible. */
  readonly refresh: RefreshGrant | undefined;
  readonly nonce: string | undefined;
}

/**
 * The answer of a grant that acts for a user. Members as the directory's answers have them. Throws `OAuthError` when
 * the user has not agreed to what is asked.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow and azuread-dev/v1-protocols-oauth-code
 */
export async function answerForUser(
  parts: GrantParts,
  request: TokenRequest,
  granted: Granted,
): Promise<object> {
  const { tenant, client, target, refresh } = granted;
  await requireConsent(parts, tenant, client, target);
  request.grantedTo?.(client.user);
  const grant = { ...client, address: request.remoteAddress };
  const access = await issueUserToken(parts, grant, target);
  // Endpoints of version 1 always give both.
  const wantsRefresh = request.endpoint === 1 || target.signIn.includes('offline_access');
  const wantsId = request.endpoint === 1 || target.signIn.includes('openid');
  const refreshToken =
    refresh === undefined || !wantsRefresh
      ? {}
      : { refresh_token: await issueRefreshToken(parts.directory.parts, client.family, refresh) };
  const idToken = wantsId ? { id_token: (await issueIdToken(parts, request, granted)).token } : {};
  return {
    ...head(parts, request, target, access),
    access_token: access.token,
    ...refreshToken,
    ...idToken,
    ...clientInfo(request, client),
  };
}

/** The answer to a sign-in of this moment: what grows out of it is a family of its own. */
export async function answerSignIn(
  parts: GrantParts,
  request: TokenRequest,
  signIn: Omit<UserGrant, 'family' | 'address'> & {
    readonly tenant: Tenant;
    readonly asked: Asked;
    readonly target: Target;
  },
): Promise<object> {
  const { tenant, app, user, proof, asked, target } = signIn;
  const family = await startFamily(parts.directory.parts, {
    tenant: tenant.id,
    application: app.id,
    user: user.id,
  });
  const signedInAt = Math.floor(parts.clock.nowMs() / 1000);
  return answerForUser(parts, request, {
    tenant,
    client: { app, user, proof, family: family.id },
    target,
    refresh: { ...asked, signedInAt, isPublic: app.isPublic },
    nonce: undefined,
  });
}

function head(parts: GrantParts, { endpoint }: TokenRequest, target: Target, access: IssuedToken): object {
  if (endpoint === 2) {
    return {
      token_type: 'Bearer',
      scope: scopeText(target),
      expires_in: TOKEN_LIFE_SECONDS,
      ext_expires_in: TOKEN_LIFE_SECONDS,
    };
  }
  const number = (value: number) => (parts.v1NumbersAsStrings ? String(value) : value);
  return {
    token_type: 'Bearer',
    scope: target.scopes.join(' '),
    expires_in: number(TOKEN_LIFE_SECONDS),
    ext_expires_in: number(TOKEN_LIFE_SECONDS),
    expires_on: number(access.expiresOn),
    not_before: number(access.notBefore),
    resource: target.resource,
  };
}

async function requireConsent(
  parts: GrantParts,
  tenant: Tenant,
  { app, user }: Granted['client'],
  target: Target,
): Promise<void> {
  const agreed = await consentedScopes(parts.directory.parts, tenant, app, user.id, target.api);
  const missing = target.scopes.find((scope) => !agreed.has(scope));
  if (missing === undefined) return;
  throw new OAuthError(
    'noConsent',
    `The user or administrator has not consented to use the application with ID '${app.id}' named ` +
      `'${shown(app.name)}'. Send an interactive authorization request for this user and resource.`,
  );
}

/** Source: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference */
async function issueIdToken(
  parts: GrantParts,
  { endpoint, origin }: TokenRequest,
  { client, target, nonce, refresh }: Granted,
): Promise<IssuedToken> {
  const { app, user, family } = client;
  const has = (scope: 'email' | 'profile') => endpoint === 1 || target.signIn.includes(scope);
  return signed(parts, endpoint, (times) => ({
    aud: app.id,
    iss: issuer(origin, user.tenant, endpoint),
    ...times,
    ...(refresh === undefined ? {} : { auth_time: refresh.signedInAt }),
    ...(endpoint === 1 ? { amr: ['pwd'], unique_name: user.upn, upn: user.upn } : {}),
    ...(endpoint === 2 && has('email') ? { email: user.upn } : {}),
    ...(has('profile') ? { ...names(user), name: user.name } : {}),
    ...(endpoint === 2 && has('profile') ? { preferred_username: user.upn } : {}),
    ...(nonce === undefined ? {} : { nonce }),
    oid: user.id,
    sid: family,
    sub: subjectOf(user, app),
    tid: user.tenant,
    ver: `${endpoint}.0`,
  }));
}

/** By this MSAL knows the account: its id at home, and the tenant. */
function clientInfo({ form }: TokenRequest, { user }: Granted['client']): object {
  if (optionalField(form, 'client_info') !== '1') return {};
  const info = JSON.stringify({ uid: user.id, utid: user.tenant });
  return { client_info: Buffer.from(info).toString('base64url') };
}
