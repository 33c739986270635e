import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { StoredSecret } from '../store/secrets.ts';

/** 30 random bytes, 240 bits. */
const SECRET_BYTES = 30;
/** Kept in the clear, so that people can tell secrets apart; 222 bits stay secret. */
const HINT_CHARS = 3;

/**
 * A new client secret. Only `A-Za-z0-9~._-` occur: sample scripts put the secret into a form unescaped, where a `+`
 * would arrive as a blank. The mark in the fourth to fifth place is the directory's, by which secret scanners know one.
 */
export function makeClientSecret(): string {
  const text = randomBytes(SECRET_BYTES).toString('base64url');
  return `${text.slice(0, 3)}8Q~${text.slice(3)}`;
}

/**
 * What is stored of a secret: a keyed hash under a salt of its own. A fast hash is right here, for these secrets are
 * made by us with 240 random bits: there is no guessing to slow down, and every token request pays for the check.
 */
export function hashSecret(secret: string, expiresAt: Date | undefined): StoredSecret {
  const salt = randomBytes(16).toString('base64url');
  return {
    id: randomUUID(),
    salt,
    hash: digest(secret, salt).toString('base64url'),
    name: '',
    hint: secret.slice(0, HINT_CHARS),
    expiresAt,
  };
}

/** Compares in constant time. */
export function secretMatches(secret: string, stored: StoredSecret): boolean {
  return timingSafeEqual(digest(secret, stored.salt), Buffer.from(stored.hash, 'base64url'));
}

function digest(secret: string, salt: string): Buffer {
  return createHmac('sha256', salt).update(secret, 'utf8').digest();
}
