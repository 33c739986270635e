import { decodeProtectedHeader, jwtVerify } from 'jose';
import { SIGNING_ALGORITHM } from './key-store.ts';
import type { GrantParts } from './token-request.ts';

/** Whom an id token of ours was made for, ended or not; undefined for anything else. */
export async function clientOfIdToken(
  { keys }: Pick<GrantParts, 'keys'>,
  token: string,
): Promise<{ readonly client: string; readonly user: string } | undefined> {
  if (token === '' || token.length > 16_384) return undefined;
  try {
    const { kid = '' } = decodeProtectedHeader(token);
    const key = await keys.verificationKey(kid);
    if (key === undefined) return undefined;
    // An ended token still says whose it was (RP-Initiated Logout 1.0, section 2).
    const { payload } = await jwtVerify(token, key, {
      algorithms: [SIGNING_ALGORITHM],
      currentDate: new Date(0),
      clockTolerance: Number.MAX_SAFE_INTEGER,
    });
    const { aud, oid } = payload;
    return typeof aud === 'string' && typeof oid === 'string' ? { client: aud, user: oid } : undefined;
  } catch {
    return undefined;
  }
}
