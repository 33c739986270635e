import { RequestError } from '../../model/request-error.ts';
import { findUser } from '../../store/users.ts';
import type { DirectoryParts } from '../directory/parts.ts';
import { type User, userBy } from '../directory/users.ts';
import { passwordMatches, passwordsAreBusy } from '../password.ts';
import { forgive, reserve, takeBack } from './throttle.ts';

export interface Attempt {
  /** As typed. */
  readonly upn: string;
  readonly password: string;
  /** Where it comes from. */
  readonly address: string;
  /** The user must belong to this tenant; undefined: to any. */
  readonly tenant: string | undefined;
}

export type SignInResult =
  | { readonly kind: 'signedIn'; readonly user: User }
  /** The name, the password, the tenant or the account is wrong; never says which. `tried` is for the audit log alone. */
  | { readonly kind: 'wrong'; readonly tried: { readonly id: string; readonly tenant: string } | undefined }
  | { readonly kind: 'wait'; readonly seconds: number };

/** More is no password of ours, and not worth hashing. */
const MAX_CHARS = 1024;

/**
 * Proves a user by name and password. Unknown names take the same steps in the same time as known ones. Throws
 * `TooManyRequests` (429) when too many are being proved at once.
 */
export async function signInByPassword(parts: DirectoryParts, attempt: Attempt): Promise<SignInResult> {
  const upn = attempt.upn.trim().toLowerCase().slice(0, MAX_CHARS);
  if (passwordsAreBusy()) {
    throw new RequestError('TooManyRequests', 429, 'Too many sign-ins at once', { retryAfterSeconds: 5 });
  }
  const waitMs = (await reserve(parts, 'address', attempt.address)) || (await reserve(parts, 'user', upn));
  if (waitMs > 0) return { kind: 'wait', seconds: Math.ceil(waitMs / 1000) };
  const stored = upn.includes('@') ? await findUser(parts.store.db, upn) : undefined;
  const isRight = await passwordMatches(
    attempt.password.slice(0, MAX_CHARS),
    stored?.password === '' ? undefined : stored?.password,
  );
  const wrong = { kind: 'wrong', tried: stored } as const;
  if (stored === undefined || !isRight || !stored.enabled) return wrong;
  if (attempt.tenant !== undefined && stored.tenant !== attempt.tenant) return wrong;
  await forgive(parts, 'user', upn);
  await takeBack(parts, 'address', attempt.address);
  const user = await userBy(parts, stored.id);
  return user === undefined ? wrong : { kind: 'signedIn', user };
}
