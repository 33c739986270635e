import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/**
 * Work of one hash: 32 MiB, some 250 ms of one core.
 * Source: OWASP Password Storage Cheat Sheet, scrypt with N = 2^15, r = 8, p = 3.
 */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const;
const HASH_BYTES = 32;
/** Hashes at the same time; more wait, so that sign-ins cannot take the machine's memory or all of its threads. */
const SLOTS = 2;
const MAX_WAITING = 200;

let running = 0;
const waiting: (() => void)[] = [];

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64url: the cost is kept with the hash, so that it can grow. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/**
 * Compares in constant time. Without a stored hash it works as long and says no, so that the time does not tell
 * whether there is such a user.
 */
export async function passwordMatches(password: string, stored: string | undefined): Promise<boolean> {
  const [scheme, N, r, p, salt = '', hash = ''] = (stored ?? '').split('$');
  if (scheme !== 'scrypt') {
    await derive(password, Buffer.alloc(16), COST);
    return false;
  }
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const made = await derive(password, Buffer.from(salt, 'base64url'), cost);
  return timingSafeEqual(made, Buffer.from(hash, 'base64url'));
}

/** True when no more sign-ins can wait; the next one should be sent away. */
export function passwordsAreBusy(): boolean {
  return waiting.length >= MAX_WAITING;
}

/** Normalised, so that the same password typed on another keyboard is the same (RFC 8265). */
async function derive(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  if (running >= SLOTS) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const options = { ...cost, maxmem: 128 * 2 ** 20 };
      scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, key) => {
        if (error === null) resolve(key);
        else reject(error);
      });
    });
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}
