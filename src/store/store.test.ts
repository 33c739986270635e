import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { deleteApplication, findApplication, insertApplication } from './applications.ts';
import { insertSecret, secretsOf } from './secrets.ts';
import { listSigningKeys, replaceSigningKey } from './signing-keys.ts';
import { openStore, STORE_FILE, type Store } from './store.ts';
import { findTenant, insertTenant, listTenants } from './tenants.ts';

const opened: Store[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'spoor-store-'));
  folders.push(path);
  return path;
}

async function open(path: string): Promise<Store> {
  const store = await openStore(path);
  opened.push(store);
  return store;
}

const NOW = new Date('2021-03-20T10:15:00Z');
const TENANT = { id: '5f0b7c1e-2a44-4c55-9b1d-7c0f3d5a9e21', name: 'Example', domain: 'example.org' };
const APP = {
  id: 'b7a2d3c4-11e0-4f6a-8a53-90c1d2e3f405',
  tenant: TENANT.id,
  objectId: '41c5f0de-5d4b-4c3a-8f29-18273645a5b6',
  name: 'x',
  roles: ['AdvancedHunting.Read.All'],
  scopes: ['AdvancedHunting.Read'],
  redirectUris: [{ uri: 'https://app.example/', kind: 'web' as const }],
  isPublic: true,
  isMultiTenant: false,
  logoutUrl: undefined,
};

test('is durable, keeps foreign keys, and only its owner can read it', async () => {
  const path = join(folder(), 'made', 'by', 'us');
  const { db } = await open(path);
  const pragma = async (name: string) =>
    Object.values((await sql.raw<Record<string, unknown>>(`PRAGMA ${name}`).execute(db)).rows[0] ?? {})[0];
  expect(await pragma('journal_mode')).toBe('wal');
  expect(await pragma('synchronous')).toBe(2);
  expect(await pragma('foreign_keys')).toBe(1);
  for (const suffix of ['', '-wal', '-shm']) {
    expect(statSync(join(path, STORE_FILE + suffix)).mode & 0o077).toBe(0);
  }
});

test('records outlive the process that wrote them, and a second opening migrates nothing twice', async () => {
  const path = folder();
  const first = await openStore(path);
  expect(await insertTenant(first.db, TENANT, NOW)).toBe(true);
  expect(await insertTenant(first.db, TENANT, NOW)).toBe(false);
  await insertApplication(first.db, APP, NOW);
  await first.close();
  const { db } = await open(path);
  expect(await listTenants(db)).toEqual([TENANT]);
  expect(await findTenant(db, 'example.org')).toEqual(TENANT);
  expect(await findApplication(db, TENANT.id, APP.id)).toEqual(APP);
  expect(await findApplication(db, APP.objectId, APP.id)).toBeUndefined();
});

test('an application goes with its secrets', async () => {
  const { db } = await open(folder());
  await insertTenant(db, TENANT, NOW);
  await insertApplication(db, APP, NOW);
  const secret = { id: 's', salt: 'a', hash: 'b', name: 'n', hint: 'h', expiresAt: NOW };
  await insertSecret(db, APP.id, secret, NOW);
  expect(await secretsOf(db, APP.id)).toEqual([secret]);
  expect(await deleteApplication(db, TENANT.id, APP.id)).toBe(true);
  expect(await deleteApplication(db, TENANT.id, APP.id)).toBe(false);
  expect(await secretsOf(db, APP.id)).toEqual([]);
});

test('one key signs; its predecessors are kept as long as asked', async () => {
  const { db } = await open(folder());
  const at = (minute: number) => new Date(NOW.getTime() + minute * 60_000);
  await replaceSigningKey(db, { kid: 'a', privateJwk: '{}' }, at(0), at(-60));
  await replaceSigningKey(db, { kid: 'b', privateJwk: '{}' }, at(10), at(-50));
  expect(await listSigningKeys(db)).toMatchObject([
    { kid: 'b', retiredAt: undefined },
    { kid: 'a', retiredAt: at(10) },
  ]);
  await replaceSigningKey(db, { kid: 'c', privateJwk: '{}' }, at(90), at(30));
  expect((await listSigningKeys(db)).map(({ kid }) => kid)).toEqual(['c', 'b']);
});

test('a failed transaction leaves nothing, and state of a newer version is refused', async () => {
  const path = folder();
  const store = await openStore(path);
  const failing = store.db.transaction().execute(async (tx) => {
    await insertTenant(tx, TENANT, NOW);
    throw new Error('stop');
  });
  await expect(failing).rejects.toThrow('stop');
  expect(await listTenants(store.db)).toEqual([]);
  await sql`INSERT INTO schema_migrations VALUES ('9999-future', '2030-01-01')`.execute(store.db);
  await store.close();
  await expect(openStore(path)).rejects.toThrow();
});
