import { createHash } from 'node:crypto';
import {
  clearFailures,
  removeFailure,
  reserveAttempt,
  type SignInFailures,
} from '../../store/sign-in-failures.ts';
import { type DirectoryParts, now } from '../directory/parts.ts';

interface Limit {
  /** Failures without a wait. */
  readonly free: number;
  /** The first wait; it doubles with each further failure. */
  readonly firstWaitMs: number;
}

/** DATA: how fast may be guessed. The longest wait is a lock-out, which ends by itself. */
const LIMITS = {
  /** Passwords of one sign-in name, whether there is such a user or not. */
  user: { free: 5, firstWaitMs: 5_000 },
  /** Passwords from one address, for the same password tried on many names. */
  address: { free: 100, firstWaitMs: 10_000 },
  /** Codes of the device page from one address: there are 20^8 of them. */
  deviceCode: { free: 10, firstWaitMs: 30_000 },
} as const satisfies Readonly<Record<string, Limit>>;

const LONGEST_WAIT_MS = 15 * 60_000;
const FORGET_AFTER_MS = 60 * 60_000;

export type Counted = keyof typeof LIMITS;

/** Counts an attempt. Gives 0, or the milliseconds to wait, in which case the attempt must not be made. */
export async function reserve(parts: DirectoryParts, kind: Counted, who: string): Promise<number> {
  const at = now(parts);
  const forgetBefore = new Date(at.getTime() - FORGET_AFTER_MS);
  return reserveAttempt(parts.store.db, keyOf(kind, who), at, forgetBefore, (failures) =>
    Math.max(0, failures.lastAt.getTime() + waitAfter(LIMITS[kind], failures) - at.getTime()),
  );
}

/** The attempt was right: earlier failures of this name are forgotten. */
export async function forgive(parts: DirectoryParts, kind: Counted, who: string): Promise<void> {
  await clearFailures(parts.store.db, keyOf(kind, who));
}

/** The attempt was right: it alone is not counted. An address can hold other people. */
export async function takeBack(parts: DirectoryParts, kind: Counted, who: string): Promise<void> {
  await removeFailure(parts.store.db, keyOf(kind, who));
}

function waitAfter({ free, firstWaitMs }: Limit, { failures }: SignInFailures): number {
  if (failures < free) return 0;
  return Math.min(firstWaitMs * 2 ** Math.min(failures - free, 20), LONGEST_WAIT_MS);
}

/** Hashed, so that the table does not list names that people typed, some of them passwords. */
function keyOf(kind: Counted, who: string): string {
  return createHash('sha256').update(`${kind}:${who}`).digest('base64url');
}
