import { createHash, randomBytes } from 'node:crypto';
import { deleteSession, findSession, insertSession, touchSession } from '../../store/sessions.ts';
import { type DirectoryParts, now } from '../directory/parts.ts';
import { type User, userBy } from '../directory/users.ts';

/** A browser in which a user has signed in. */
export interface Session {
  readonly user: User;
  /** When the password was given. */
  readonly signedInAt: Date;
}

const LONGEST_MS = 24 * 3_600_000;
const IDLE_MS = 8 * 3_600_000;
/** Not every request need be written down. */
const TOUCH_AFTER_MS = 60_000;

/** Begins a session; gives the cookie's value, which is new each time and of which only a hash is kept. */
export async function startSession(parts: DirectoryParts, user: User): Promise<string> {
  const value = randomBytes(32).toString('base64url');
  const at = now(parts);
  await insertSession(parts.store.db, hashOf(value), {
    user: user.id,
    signedInAt: at,
    seenAt: at,
    expiresAt: new Date(at.getTime() + LONGEST_MS),
  });
  return value;
}

/** The session of a cookie; undefined when it has ended, or when its user is gone or switched off. */
export async function sessionOf(
  parts: DirectoryParts,
  cookie: string | undefined,
): Promise<Session | undefined> {
  if (cookie === undefined) return undefined;
  const hash = hashOf(cookie);
  const stored = await findSession(parts.store.db, hash);
  const at = parts.clock.nowMs();
  if (stored === undefined || stored.expiresAt.getTime() <= at) return undefined;
  if (stored.seenAt.getTime() + IDLE_MS <= at) return undefined;
  const user = await userBy(parts, stored.user);
  if (user === undefined || !user.enabled) return undefined;
  if (stored.seenAt.getTime() + TOUCH_AFTER_MS <= at) await touchSession(parts.store.db, hash, now(parts));
  return { user, signedInAt: stored.signedInAt };
}

export async function endSession(parts: DirectoryParts, cookie: string | undefined): Promise<void> {
  if (cookie !== undefined) await deleteSession(parts.store.db, hashOf(cookie));
}

function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}
