import type { Application } from '../../store/applications.ts';
import { deleteSecret, insertSecret, secretsOf } from '../../store/secrets.ts';
import { hashSecret, makeClientSecret, secretMatches } from '../client-secret.ts';
import { type DirectoryParts, invalid, now } from './parts.ts';

const MAX_SECRETS = 100;
const MAX_NAME_CHARS = 256;

export interface NewSecret {
  readonly name?: string | undefined;
  /** Undefined: never. */
  readonly expiresAt?: Date | undefined;
}

export interface SecretSummary {
  readonly id: string;
  readonly name: string;
  /** The secret's first characters. */
  readonly hint: string;
  readonly expiresAt: Date | undefined;
}

/** A secret more. `secret` is shown this once; only its hash is kept. Throws `InvalidInput` (400). */
export async function addSecret(
  parts: DirectoryParts,
  app: Application,
  wanted: NewSecret,
): Promise<SecretSummary & { readonly secret: string }> {
  const { db } = parts.store;
  const { name = '', expiresAt } = wanted;
  if (name.length > MAX_NAME_CHARS) throw invalid(`a secret's name has at most ${MAX_NAME_CHARS} characters`);
  if (expiresAt !== undefined && !(expiresAt.getTime() > parts.clock.nowMs())) {
    throw invalid('a secret expires in the future');
  }
  if ((await secretsOf(db, app.id)).length >= MAX_SECRETS) {
    throw invalid(`an application has at most ${MAX_SECRETS} secrets`);
  }
  const secret = makeClientSecret();
  const stored = { ...hashSecret(secret, expiresAt), name };
  await insertSecret(db, app.id, stored, now(parts));
  return { id: stored.id, name, hint: stored.hint, expiresAt, secret };
}

/** Oldest first, expired ones too. */
export async function listSecrets(
  parts: DirectoryParts,
  app: Application,
): Promise<readonly SecretSummary[]> {
  const secrets = await secretsOf(parts.store.db, app.id);
  return secrets.map(({ id, name, hint, expiresAt }) => ({ id, name, hint, expiresAt }));
}

/** Takes effect at once; false when there was none. */
export async function removeSecret(parts: DirectoryParts, app: Application, id: string): Promise<boolean> {
  return deleteSecret(parts.store.db, app.id, id.toLowerCase());
}

export type SecretCheck = 'valid' | 'expired' | 'wrong';

export async function checkSecret(
  parts: DirectoryParts,
  app: Application,
  secret: string,
): Promise<SecretCheck> {
  let result: SecretCheck = 'wrong';
  for (const stored of await secretsOf(parts.store.db, app.id)) {
    if (!secretMatches(secret, stored)) continue;
    const expired = stored.expiresAt !== undefined && stored.expiresAt.getTime() <= parts.clock.nowMs();
    if (!expired) return 'valid';
    result = 'expired';
  }
  return result;
}
