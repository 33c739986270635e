import { createHash, randomBytes } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import type { Clock } from '../model/clock.ts';
import type { User } from './directory/users.ts';
import type { Application } from './directory.ts';
import { type KeyStore, SIGNING_ALGORITHM } from './key-store.ts';
import type { ServerAddress } from './server-address.ts';
import type { Target } from './target.ts';
import { roleTemplates } from './user-roles.ts';

export const TOKEN_LIFE_SECONDS = 3599;
/** Tokens begin five minutes in the past, as the directory's do, for clients whose clock is behind. */
const BACKDATE_SECONDS = 300;

export interface IssuedToken {
  readonly token: string;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly expiresOn: number;
}

export interface SigningParts {
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly address: ServerAddress;
}

/** The issuer of this server's tokens: always its public URL. */
export function issuer(publicUrl: string, tenant: string, version: 1 | 2): string {
  return version === 1 ? `${publicUrl}/${tenant}/` : `${publicUrl}/${tenant}/v2.0`;
}

/** How a client proved itself, as tokens say it (`appidacr`, `azpacr`). */
export type ClientProof = 'none' | 'secret' | 'certificate';
const PROOF_CLAIM: Readonly<Record<ClientProof, string>> = { none: '0', secret: '1', certificate: '2' };

/**
 * An application's own token. Members as in the directory's tokens of the version.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export async function issueAppToken(
  parts: SigningParts,
  tenant: string,
  app: Application,
  proof: ClientProof,
  audience: string,
  version: 1 | 2,
): Promise<IssuedToken> {
  const iss = issuer(parts.address.primary(), tenant, version);
  return signed(parts, version, (times) => ({
    aud: audience,
    iss,
    ...times,
    ...clientClaims(app, proof, version),
    ...(version === 1 ? { idp: iss } : {}),
    oid: app.objectId,
    rh: opaque(),
    ...(app.roles.length === 0 ? {} : { roles: app.roles }),
    sub: app.objectId,
    tid: tenant,
    uti: opaque(),
    ver: `${version}.0`,
  }));
}

/** What a user's token says beside its audience. */
export interface UserGrant {
  readonly app: Application;
  readonly user: User;
  readonly proof: ClientProof;
  /** Id of the token family: the token ends with it. */
  readonly family: string;
  readonly address: string;
}

/** A token by which an application acts for a user; it carries no application permissions. */
export async function issueUserToken(
  parts: SigningParts,
  { app, user, proof, family, address }: UserGrant,
  target: Pick<Target, 'audience' | 'version' | 'scopes' | 'signIn' | 'api'>,
): Promise<IssuedToken> {
  const { audience, version } = target;
  const iss = issuer(parts.address.primary(), user.tenant, version);
  const signIn = target.api === 'graph' ? target.signIn.filter((name) => name !== 'offline_access') : [];
  return signed(parts, version, (times) => ({
    aud: audience,
    iss,
    ...times,
    ...(version === 1 ? { acr: '1', amr: ['pwd'] } : {}),
    ...clientClaims(app, proof, version),
    ...(version === 1
      ? { ...names(user), idp: iss, ipaddr: address, unique_name: user.upn, upn: user.upn }
      : { preferred_username: user.upn }),
    name: user.name,
    oid: user.id,
    rh: opaque(),
    scp: [...target.scopes, ...signIn].join(' '),
    sid: family,
    sub: subjectOf(user, app),
    tid: user.tenant,
    uti: opaque(),
    ver: `${version}.0`,
    wids: roleTemplates(user.roles),
  }));
}

/** A user's id at one application: others cannot compare theirs with it. */
export function subjectOf(user: User, app: Application): string {
  return createHash('sha256').update(`${user.id}:${app.id}`).digest('base64url');
}

export function names(user: User): object {
  return {
    ...(user.familyName === '' ? {} : { family_name: user.familyName }),
    ...(user.givenName === '' ? {} : { given_name: user.givenName }),
  };
}

/** Signs claims that begin now. */
export async function signed(
  parts: SigningParts,
  version: 1 | 2,
  claims: (times: { readonly iat: number; readonly nbf: number; readonly exp: number }) => JWTPayload,
): Promise<IssuedToken> {
  const now = Math.floor(parts.clock.nowMs() / 1000);
  const notBefore = now - BACKDATE_SECONDS;
  const expiresOn = now + TOKEN_LIFE_SECONDS;
  const { kid, key } = await parts.keys.signingKey();
  const header = { typ: 'JWT', alg: SIGNING_ALGORITHM, ...(version === 1 ? { x5t: kid } : {}), kid };
  const payload = claims({ iat: notBefore, nbf: notBefore, exp: expiresOn });
  const token = await new SignJWT(payload).setProtectedHeader(header).sign(key);
  return { token, notBefore, expiresOn };
}

function clientClaims(app: Application, proof: ClientProof, version: 1 | 2): object {
  const acr = PROOF_CLAIM[proof];
  return version === 1
    ? { aio: opaque(), appid: app.id, appidacr: acr }
    : { aio: opaque(), azp: app.id, azpacr: acr };
}

/** `aio`, `rh` and `uti` mean nothing to a resource, which still may ask for their presence. */
function opaque(): string {
  return randomBytes(16).toString('base64url');
}
