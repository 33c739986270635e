import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../model/clock.ts';
import { isSafeUrl, type TrustedIssuer } from './outside-issuers.ts';

/** What a token of a trusted issuer says, once proved. */
export interface OutsideToken {
  readonly trusted: TrustedIssuer;
  /** Client id there, '' where the token names none. */
  readonly app: string;
  readonly audience: string;
  /** Permissions here, by the administrator's map. */
  readonly permissions: readonly string[];
  /** Sign-in name of the user, where the issuer's tokens are users'. */
  readonly upn: string | undefined;
}

export interface OutsideTokens {
  /** The issuer of this name, where it is trusted. */
  trusted(issuer: string): Promise<TrustedIssuer | undefined>;
  /** Throws jose's errors, and `OutsideKeysError` when the issuer's keys cannot be had. */
  verify(token: string, trusted: TrustedIssuer): Promise<OutsideToken>;
}

/** The issuer does not answer, or not with what it should. */
export class OutsideKeysError extends Error {}

/** Public keys only: a shared secret could be anybody's, and `none` proves nothing. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];
const FETCH_MS = 5_000;
const RETRY_AFTER_MS = 30_000;
const KEYS_LIVE_MS = 3_600_000;

type KeySet = ReturnType<typeof createRemoteJWKSet>;

export interface OutsideParts {
  /** Of the server's own file; they come before those of the directory. */
  readonly fixed: readonly TrustedIssuer[];
  /** The issuer of this name in the directory. */
  readonly named: (issuer: string) => Promise<TrustedIssuer | undefined>;
  readonly clock: Clock;
}

/** Keys are fetched at the first token, kept an hour, and fetched anew for a key id that is not among them. */
export function createOutsideTokens({ fixed, named, clock }: OutsideParts): OutsideTokens {
  const ofFile = new Map(fixed.map((trusted) => [trusted.issuer, trusted]));
  const sources = new Map<string, () => Promise<KeySet>>();
  const keysOf = (trusted: TrustedIssuer) => {
    // An administrator who names another address must not wait for the old keys to end.
    const place = `${trusted.issuer} ${trusted.jwksUri ?? ''}`;
    const source = sources.get(place) ?? keySource(trusted, clock);
    sources.set(place, source);
    return source();
  };
  return {
    trusted: async (issuer) => ofFile.get(issuer) ?? (await named(issuer)),
    async verify(token, trusted) {
      const { payload } = await verified(token, await keysOf(trusted), trusted, clock);
      return {
        trusted,
        app: [payload['azp'], payload['appid'], payload['client_id']].find(isText) ?? '',
        audience: trusted.audiences.find((audience) => [payload.aud].flat().includes(audience)) ?? '',
        permissions: permissionsOf(payload, trusted),
        upn: trusted.userClaim === undefined ? undefined : (claimsAt(payload, trusted.userClaim)[0] ?? ''),
      };
    },
  };
}

async function verified(token: string, keys: KeySet, trusted: TrustedIssuer, clock: Clock) {
  try {
    return await jwtVerify(token, keys, {
      issuer: trusted.issuer,
      audience: [...trusted.audiences],
      algorithms: ALGORITHMS,
      currentDate: new Date(clock.nowMs()),
      requiredClaims: ['exp'],
    });
  } catch (error) {
    const isTheirs = error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError);
    throw isTheirs ? new OutsideKeysError('the keys of the issuer cannot be had', { cause: error }) : error;
  }
}

/** Addresses come from the administrator, or from the document of the issuer that is named there. */
function keySource(trusted: TrustedIssuer, clock: Clock): () => Promise<KeySet> {
  let found: Promise<KeySet> | undefined;
  let failedAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (found === undefined) {
      if (clock.nowMs() - failedAtMs < RETRY_AFTER_MS)
        throw new OutsideKeysError('the issuer did not answer lately');
      found = keySet(trusted).catch((error: unknown) => {
        found = undefined;
        failedAtMs = clock.nowMs();
        throw new OutsideKeysError('the issuer cannot be asked for its keys', { cause: error });
      });
    }
    return found;
  };
}

async function keySet(trusted: TrustedIssuer): Promise<KeySet> {
  const uri = trusted.jwksUri ?? (await discoveredKeys(trusted.issuer));
  return createRemoteJWKSet(new URL(uri), { timeoutDuration: FETCH_MS, cacheMaxAge: KEYS_LIVE_MS });
}

async function discoveredKeys(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(FETCH_MS) });
  const document: unknown = await response.json();
  if (!response.ok || typeof document !== 'object' || document === null)
    throw new Error('no discovery document');
  const { issuer: named, jwks_uri: uri } = document as { issuer?: unknown; jwks_uri?: unknown };
  // A document that speaks for another issuer is not this one's (OpenID Connect Discovery 4.3).
  if (named !== issuer || typeof uri !== 'string') throw new Error('the document is not of this issuer');
  if (!isSafeUrl(uri)) throw new Error('the keys of the issuer are not at an https address');
  return uri;
}

function permissionsOf(payload: JWTPayload, trusted: TrustedIssuer): readonly string[] {
  const names = claimsAt(payload, trusted.rolesClaim);
  return [
    ...new Set(
      names.flatMap((name) => (Object.hasOwn(trusted.roles, name) ? (trusted.roles[name] ?? []) : [])),
    ),
  ];
}

/** Texts at a path of claims: one, several, or several in one with blanks between, as `scope` has them. */
function claimsAt(payload: JWTPayload, path: string): readonly string[] {
  let at: unknown = Object.hasOwn(payload, path) ? payload[path] : undefined;
  if (at === undefined) {
    at = payload;
    for (const step of path.split('.')) {
      at =
        typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined;
    }
  }
  if (typeof at === 'string') return at.split(' ');
  return Array.isArray(at) ? at.filter(isText) : [];
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
