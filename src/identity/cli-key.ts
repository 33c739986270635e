import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { KEY_FILE as CLI_KEY_FILE } from '../model/data-folder.ts';
/** `Authorization: SpoorKey <key>`. */
export const CLI_KEY_SCHEME = 'SpoorKey';

/** The client id that stands for the command line in logs and callers; no application can have it. */
export const CLI_APPLICATION = '00000000-0000-0000-0000-000000000000';

const KEY_BYTES = 32;

/**
 * The key by which the command line proves that it may read the data folder: made at the first start, readable by its
 * owner only. Throws a plain error when others can read it or when it holds anything else.
 */
export function loadOrCreateCliKey(dataDir: string): string {
  const path = join(dataDir, CLI_KEY_FILE);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  try {
    const handle = openSync(path, 'wx', 0o600);
    writeSync(handle, `${randomBytes(KEY_BYTES).toString('base64url')}\n`);
    fsyncSync(handle);
    closeSync(handle);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readCliKey(dataDir);
}

/** Reads the key that a server made. Throws a plain error as `loadOrCreateCliKey` does, and when there is none. */
export function readCliKey(dataDir: string): string {
  const path = join(dataDir, CLI_KEY_FILE);
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    throw new Error(
      `\`${CLI_KEY_FILE}\` can be read by others: make it readable by its owner only (chmod 600)`,
    );
  }
  const key = readFileSync(path, 'utf8').trim();
  if (!/^[\w-]{43}$/.test(key))
    throw new Error(`\`${CLI_KEY_FILE}\` holds no key: delete it and start again`);
  return key;
}

/** Compares in constant time, whatever the lengths. */
export function cliKeyMatches(authorization: string | undefined, key: string): boolean {
  const sent = /^spoorkey +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(sha256(sent), sha256(key));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
