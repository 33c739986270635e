import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { KEY_FILE } from '../model/data-folder.ts';
import { cliKeyMatches, loadOrCreateCliKey, readCliKey } from './cli-key.ts';
import { hashSecret, makeClientSecret, secretMatches } from './client-secret.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'spoor-key-'));
  folders.push(path);
  return path;
}

test('client secrets survive an unescaped form, and no two are alike', () => {
  const secrets = Array.from({ length: 200 }, makeClientSecret);
  expect(new Set(secrets).size).toBe(200);
  for (const secret of secrets) {
    expect(secret).toMatch(/^[A-Za-z0-9~._-]{43}$/);
    expect(new URLSearchParams(`s=${secret}`).get('s')).toBe(secret);
  }
});

test('only the secret itself matches its hash, which differs each time and does not hold it', () => {
  const secret = makeClientSecret();
  const stored = hashSecret(secret, undefined);
  expect(secretMatches(secret, stored)).toBe(true);
  for (const other of ['', secret.slice(1), `${secret}x`, secret.toLowerCase(), 'x'.repeat(1e6), '\0']) {
    expect(secretMatches(other, stored)).toBe(false);
  }
  expect(hashSecret(secret, undefined).hash).not.toBe(stored.hash);
  expect(JSON.stringify(stored)).not.toContain(secret);
});

test('the command line`s key is made once and is its owner`s alone', () => {
  const path = folder();
  const key = loadOrCreateCliKey(path);
  expect(statSync(join(path, KEY_FILE)).mode & 0o777).toBe(0o600);
  expect(loadOrCreateCliKey(path)).toBe(key);
  expect(readCliKey(path)).toBe(key);
  chmodSync(join(path, KEY_FILE), 0o640);
  expect(() => readCliKey(path)).toThrow(/others/);
  chmodSync(join(path, KEY_FILE), 0o600);
  writeFileSync(join(path, KEY_FILE), '');
  expect(() => loadOrCreateCliKey(path)).toThrow(/holds no key/);
});

test('an empty key never matches, whatever is sent', () => {
  const key = loadOrCreateCliKey(folder());
  expect(cliKeyMatches(`SpoorKey ${key}`, key)).toBe(true);
  expect(cliKeyMatches(`spoorkey  ${key} `, key)).toBe(true);
  for (const sent of [
    undefined,
    '',
    'SpoorKey',
    'SpoorKey ',
    key,
    `Bearer ${key}`,
    `SpoorKey ${key}x`,
    `SpoorKey ${key} x`,
  ]) {
    expect(cliKeyMatches(sent, key)).toBe(false);
  }
});
