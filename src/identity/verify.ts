import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Caller } from '../model/caller.ts';
import type { Clock } from '../model/clock.ts';
import { RequestError } from '../model/request-error.ts';
import { issuer } from './access-token.ts';
import { type User, userBy } from './directory/users.ts';
import type { Directory } from './directory.ts';
import { type KeyStore, SIGNING_ALGORITHM } from './key-store.ts';
import type { TrustedIssuer } from './outside-issuers.ts';
import { OutsideKeysError, type OutsideTokens } from './outside-tokens.ts';
import { type ApiFamily, familiesOf, OWN_URL_OPENS } from './resources.ts';
import type { Permission } from './roles.ts';
import { scopeEntry } from './scopes.ts';
import type { ServerAddress } from './server-address.ts';
import { isLiving } from './token-family.ts';
import { hasUserRole } from './user-roles.ts';

export interface VerifyParts {
  readonly directory: Directory;
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly address: ServerAddress;
  readonly outside: OutsideTokens;
}

/** Longer headers are refused unread. */
const MAX_TOKEN_CHARS = 16_384;

/**
 * Who a bearer token speaks for. Rejects with `RequestError` `Unauthorized` (401); the message never tells which check
 * failed beyond missing, malformed, expired and not valid; the detail does.
 */
export async function verifyBearer(
  parts: VerifyParts,
  authorization: string | undefined,
  families: readonly ApiFamily[],
): Promise<Caller> {
  const token = bearerToken(authorization);
  const outsider = issuerOf(token);
  const trusted = isOurs(parts, outsider) ? undefined : await parts.outside.trusted(outsider);
  if (trusted !== undefined) return outsideCaller(parts, token, trusted, families);
  const payload = await verifiedPayload(parts, token);
  const { aud, ver } = payload;
  const tenant = textClaim(payload, 'tid');
  const version = ver === '2.0' ? 2 : 1;
  const issuers = [parts.address.primary(), ...parts.address.others].map((url) =>
    issuer(url, tenant, version),
  );
  if (payload.iss === undefined || !issuers.includes(payload.iss)) {
    throw notValid(`issuer ${payload.iss} is not one of ${issuers.join(', ')}`);
  }
  if (typeof aud !== 'string') throw notValid('the audience is not one text');
  const opened = familiesOf(aud, parts.address) ?? [];
  if (!families.some((family) => opened.includes(family))) {
    throw unauthorized(
      'The access token has the wrong audience.',
      `audience ${aud} does not open ${families}`,
    );
  }
  const clientId = textClaim(payload, version === 1 ? 'appid' : 'azp');
  const app = await parts.directory.application(tenant, clientId);
  if (app === undefined) {
    // The SIEM API tells this one apart: a good token of a tenant that is gone, or is somebody else's.
    if (opened.includes('siem') && (await parts.directory.tenant(tenant)) === undefined) {
      throw new RequestError('Forbidden', 403, 'The tenant is deleted, or is not managed here.');
    }
    throw notValid(`application ${clientId} is not in tenant ${tenant}`);
  }
  const common = { tenant: tenant.toLowerCase(), app: app.id, audience: aud };
  // A token with scopes, however few, is a user's: it never counts as the application's own.
  if (payload['scp'] === undefined && payload['sid'] === undefined) {
    return { ...common, user: undefined, roles: rolesOf(payload), scopes: [] };
  }
  const user = await userOfToken(parts, payload, common.tenant);
  return { ...common, user: user.id, roles: [], scopes: effectiveScopes(user, scopesOf(payload), opened) };
}

/** Not proved: it only says whose keys to look for. '' where there is none. */
function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    return '';
  }
}

/** This server's own tokens are never taken by an outsider's rules, whatever the settings say. */
function isOurs({ address }: VerifyParts, iss: string): boolean {
  return [address.primary(), ...address.others].some((url) => iss.startsWith(`${url}/`));
}

async function outsideCaller(
  parts: VerifyParts,
  token: string,
  trusted: TrustedIssuer,
  families: readonly ApiFamily[],
): Promise<Caller> {
  const found = await parts.outside.verify(token, trusted).catch((error: unknown) => {
    if (error instanceof OutsideKeysError) {
      throw new RequestError(
        'ServiceUnavailable',
        503,
        'The issuer of the access token cannot be asked now',
        {
          retryAfterSeconds: 30,
          cause: error,
        },
      );
    }
    throw refusedToken(error);
  });
  const { permissions, audience, upn } = found;
  const opened = familiesOf(audience, parts.address) ?? OWN_URL_OPENS;
  if (!families.some((family) => opened.includes(family))) {
    throw unauthorized(
      'The access token has the wrong audience.',
      `audience ${audience} does not open ${families}`,
    );
  }
  const common = { tenant: trusted.tenant, app: found.app, audience };
  if (upn === undefined) return { ...common, user: undefined, roles: permissions, scopes: [] };
  const user = await userBy(parts.directory.parts, upn);
  if (user === undefined || user.tenant !== trusted.tenant || !user.enabled)
    throw notValid('no such user here');
  return { ...common, user: user.id, roles: [], scopes: effectiveScopes(user, permissions, opened) };
}

/** The user of a token whose sign-in has not been ended since. */
async function userOfToken({ directory }: VerifyParts, payload: JWTPayload, tenant: string): Promise<User> {
  const [user, living] = await Promise.all([
    userBy(directory.parts, textClaim(payload, 'oid')),
    isLiving(directory.parts, textClaim(payload, 'sid')),
  ]);
  if (user === undefined || user.tenant !== tenant || !user.enabled)
    throw notValid('no such user, or switched off');
  if (!living) throw notValid('the grant behind the token was revoked');
  return user;
}

/** What the user's roles leave of the scopes; the one scope of older APIs stands for what they are about. */
function effectiveScopes(
  user: User,
  scopes: readonly string[],
  opened: readonly ApiFamily[],
): readonly string[] {
  const implied = !scopes.includes('user_impersonation')
    ? []
    : opened.includes('siem')
      ? ['Alert.Read']
      : ['AdvancedHunting.Read'];
  return [...new Set([...scopes, ...implied])].filter((scope) => {
    const needs = scopeEntry(scope)?.needs;
    return needs === undefined || hasUserRole(user.roles, needs);
  });
}

/** Throws `Forbidden` (403) unless the caller holds the role, or as a user the delegated permission. */
export function requirePermission(caller: Caller, needed: Permission): void {
  if (caller.user === undefined) {
    if (caller.roles.includes(needed.role)) return;
    throw new RequestError(
      'Forbidden',
      403,
      `Missing application roles. API required roles: ${needed.role}, application roles: ${caller.roles.join(',')}.`,
    );
  }
  if (needed.scope !== undefined && caller.scopes.includes(needed.scope)) return;
  throw new RequestError(
    'Forbidden',
    403,
    `Missing user scopes. API required scopes: ${needed.scope ?? 'none allows it'}, ` +
      `user scopes: ${caller.scopes.join(',')}.`,
  );
}

function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined || authorization.trim() === '') {
    throw unauthorized('The access token is missing.', 'no Authorization header');
  }
  const match = /^bearer +([\w-]+\.[\w-]+\.[\w-]*) *$/i.exec(authorization.slice(0, MAX_TOKEN_CHARS + 1));
  const token = match?.[1];
  if (token === undefined || authorization.length > MAX_TOKEN_CHARS) {
    throw unauthorized('The access token is malformed.', 'not three base64url parts after Bearer');
  }
  return token;
}

async function verifiedPayload(parts: VerifyParts, token: string): Promise<JWTPayload> {
  const key = await verificationKey(parts, token);
  const seen = verified.get(key)?.get(token);
  if (seen !== undefined && isTimely(seen, parts.clock)) return seen;
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [SIGNING_ALGORITHM],
      currentDate: new Date(parts.clock.nowMs()),
      requiredClaims: ['aud', 'iss', 'exp', 'nbf', 'tid', 'ver'],
    });
    remember(key, token, payload);
    return payload;
  } catch (error) {
    throw refusedToken(error);
  }
}

/**
 * What tokens say whose signature by the key was right: clients send the same one with every call, and its check is a
 * good part of a short one. That the key still holds, and the times of the token, are looked at each time.
 */
const verified = new WeakMap<object, Map<string, JWTPayload>>();
const MAX_OF_A_KEY = 1000;

function remember(key: object, token: string, payload: JWTPayload): void {
  const known = verified.get(key) ?? new Map<string, JWTPayload>();
  if (known.size >= MAX_OF_A_KEY) known.clear();
  verified.set(key, known.set(token, payload));
}

function isTimely({ nbf = Number.POSITIVE_INFINITY, exp = 0 }: JWTPayload, clock: Clock): boolean {
  const now = Math.floor(clock.nowMs() / 1000);
  return nbf <= now && now < exp;
}

function refusedToken(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return unauthorized('The access token has expired.', error.message);
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf') {
    return unauthorized('The access token is not yet valid.', error.message);
  }
  return error instanceof errors.JOSEError ? notValid(`${error.code}: ${error.message}`) : error;
}

async function verificationKey(parts: VerifyParts, token: string) {
  let header: { alg?: string; kid?: string };
  try {
    header = decodeProtectedHeader(token);
  } catch (error) {
    throw unauthorized('The access token is malformed.', String(error));
  }
  // Checked before any key is looked up: a public key must never be taken for a shared secret.
  if (header.alg !== SIGNING_ALGORITHM) throw notValid(`algorithm ${header.alg}`);
  if (typeof header.kid !== 'string') throw notValid('no key id');
  const key = await parts.keys.verificationKey(header.kid);
  if (key === undefined) throw notValid('unknown key id');
  return key;
}

function textClaim(payload: JWTPayload, name: string): string {
  const value = payload[name];
  if (typeof value !== 'string') throw notValid(`claim ${name} is not text`);
  return value;
}

function rolesOf(payload: JWTPayload): readonly string[] {
  const { roles } = payload;
  return Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [];
}

function scopesOf(payload: JWTPayload): readonly string[] {
  const { scp } = payload;
  return typeof scp === 'string' ? scp.split(' ').filter((scope) => scope !== '') : [];
}

function notValid(detail: string): RequestError {
  return unauthorized('The access token is not valid.', detail);
}

function unauthorized(message: string, detail: string): RequestError {
  return new RequestError('Unauthorized', 401, message, { detail });
}
