import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Application } from './directory.ts';
import { SIGNING_ALGORITHM } from './key-store.ts';
import type { GrantParts } from './token-request.ts';

export const TOKEN_LIFE_SECONDS = 3599;
/** Tokens begin five minutes in the past, as the directory's do, for clients whose clock is behind. */
export const BACKDATE_SECONDS = 300;

export interface IssuedToken {
  readonly token: string;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly expiresOn: number;
}

/** The issuer of this server's tokens: always its public URL. */
export function issuer(publicUrl: string, tenant: string, version: 1 | 2): string {
  return version === 1 ? `${publicUrl}/${tenant}/` : `${publicUrl}/${tenant}/v2.0`;
}

/**
 * An application's own token. Members as in the directory's tokens of the version.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export async function issueAppToken(
  parts: GrantParts,
  app: Application,
  audience: string,
  version: 1 | 2,
): Promise<IssuedToken> {
  const now = Math.floor(parts.clock.nowMs() / 1000);
  const notBefore = now - BACKDATE_SECONDS;
  const expiresOn = now + TOKEN_LIFE_SECONDS;
  const iss = issuer(parts.address.primary(), app.tenant, version);
  const { kid, key } = await parts.keys.signingKey();
  const client = version === 1 ? { appid: app.id, appidacr: '1', idp: iss } : { azp: app.id, azpacr: '1' };
  const payload = {
    aud: audience,
    iss,
    iat: notBefore,
    nbf: notBefore,
    exp: expiresOn,
    ...client,
    oid: app.objectId,
    ...(app.roles.length === 0 ? {} : { roles: app.roles }),
    sub: app.objectId,
    tid: app.tenant,
    uti: randomBytes(16).toString('base64url'),
    ver: version === 1 ? '1.0' : '2.0',
  };
  const header = { typ: 'JWT', alg: SIGNING_ALGORITHM, ...(version === 1 ? { x5t: kid } : {}), kid };
  const token = await new SignJWT(payload).setProtectedHeader(header).sign(key);
  return { token, notBefore, expiresOn };
}
