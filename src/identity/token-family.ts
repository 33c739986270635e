import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  dropEndedFamilies,
  findGrant,
  findLivingFamily,
  type GrantKind,
  insertFamily,
  insertGrant,
  revokeFamily,
  spendGrant,
  type TokenFamily,
} from '../store/token-families.ts';
import { type DirectoryParts, now } from './directory/parts.ts';
import type { Asked } from './target.ts';

/** What a code or refresh token stands for. */
export interface HeldGrant extends Asked {
  /** Seconds since 1970: when the user gave the password. */
  readonly signedInAt: number;
}

/** What a code is bound to beside that. */
export interface CodeGrant extends HeldGrant {
  readonly redirectUri: string;
  /** False where the token request names none, because the authorization request did not either. */
  readonly redirectUriWasSent: boolean;
  readonly isPublic: boolean;
  readonly challenge: { readonly value: string; readonly method: 'S256' | 'plain' } | undefined;
  readonly nonce: string | undefined;
}

export interface RefreshGrant extends HeldGrant {
  readonly isPublic: boolean;
}

const CODE_LIFE_MS = 10 * 60_000;
/** From the last use, as the directory's default. */
const REFRESH_LIFE_MS = 90 * 86_400_000;
/** Access tokens may outlive the grant that they came from. */
const ACCESS_LIFE_MS = 3_600_000;

/** Begins what grows out of one sign-in for one application. */
export async function startFamily(
  parts: DirectoryParts,
  family: Omit<TokenFamily, 'id'>,
): Promise<TokenFamily> {
  const at = now(parts);
  const made = { ...family, id: randomUUID() };
  await dropEndedFamilies(parts.store.db, new Date(at.getTime() - 86_400_000));
  await insertFamily(parts.store.db, made, at, new Date(at.getTime() + CODE_LIFE_MS));
  return made;
}

export function issueCode(parts: DirectoryParts, family: string, grant: CodeGrant): Promise<string> {
  return issue(parts, 'authorization_codes', family, grant, CODE_LIFE_MS);
}

export function issueRefreshToken(
  parts: DirectoryParts,
  family: string,
  grant: RefreshGrant,
): Promise<string> {
  return issue(parts, 'refresh_tokens', family, grant, REFRESH_LIFE_MS);
}

async function issue(
  parts: DirectoryParts,
  kind: GrantKind,
  family: string,
  grant: HeldGrant,
  lifeMs: number,
): Promise<string> {
  const text = randomBytes(32).toString('base64url');
  const expiresAt = new Date(parts.clock.nowMs() + lifeMs);
  const until = new Date(expiresAt.getTime() + ACCESS_LIFE_MS);
  const stored = { family, grant: JSON.stringify(grant), expiresAt };
  await insertGrant(parts.store.db, kind, hashOf(text), stored, until);
  return text;
}

/** What a client holds, looked up but not spent. */
export interface Presented<Grant> {
  readonly hash: string;
  readonly family: TokenFamily;
  readonly grant: Grant;
  readonly isUsed: boolean;
  readonly isExpired: boolean;
}

/** Undefined for what was never issued or is forgotten; `revoked` when its family was ended. */
export async function presentedCode(
  parts: DirectoryParts,
  code: string,
): Promise<Presented<CodeGrant> | 'revoked' | undefined> {
  return presented<CodeGrant>(parts, 'authorization_codes', code);
}

export async function presentedRefreshToken(
  parts: DirectoryParts,
  token: string,
): Promise<Presented<RefreshGrant> | 'revoked' | undefined> {
  return presented<RefreshGrant>(parts, 'refresh_tokens', token);
}

async function presented<Grant>(
  parts: DirectoryParts,
  kind: GrantKind,
  text: string,
): Promise<Presented<Grant> | 'revoked' | undefined> {
  const hash = hashOf(text);
  const stored = await findGrant(parts.store.db, kind, hash);
  if (stored === undefined) return undefined;
  const family = await findLivingFamily(parts.store.db, stored.family);
  if (family === undefined) return 'revoked';
  const grant: Grant = JSON.parse(stored.grant);
  const isExpired = stored.expiresAt.getTime() <= parts.clock.nowMs();
  return { hash, family, grant, isUsed: stored.isUsed, isExpired };
}

/** Spends it; false when another request did so first, or long ago: then the whole family is ended. */
export async function spend(
  parts: DirectoryParts,
  kind: GrantKind,
  { hash, family }: Presented<HeldGrant>,
): Promise<boolean> {
  if (await spendGrant(parts.store.db, kind, hash, now(parts))) return true;
  await revokeFamily(parts.store.db, family.id, now(parts));
  return false;
}

/** True when tokens of this family are still good. */
export async function isLiving(parts: DirectoryParts, family: string): Promise<boolean> {
  return (await findLivingFamily(parts.store.db, family)) !== undefined;
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
