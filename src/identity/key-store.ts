import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import type { Clock } from '../model/clock.ts';
import { listSigningKeys, replaceSigningKey, type StoredSigningKey } from '../store/signing-keys.ts';
import type { Store } from '../store/store.ts';

/** The only algorithm that signs and that is accepted. */
export const SIGNING_ALGORITHM = 'RS256';

type Key = Exclude<Awaited<ReturnType<typeof importJWK>>, Uint8Array>;

export interface SigningKey {
  readonly kid: string;
  readonly key: Key;
}

export interface PublicKeyRecord extends JWK {
  readonly kid: string;
}

export interface KeyStore {
  /** The key that signs now; replaced by a new one when it is older than the rotation period. */
  signingKey(): Promise<SigningKey>;
  /** A key that still verifies, by its id; undefined when there is none. */
  verificationKey(kid: string): Promise<Key | undefined>;
  /** All keys that still verify, public members only. */
  publicKeys(): Promise<readonly PublicKeyRecord[]>;
  /** Makes a new key sign. Tokens of its predecessors verify until the last of them has ended. */
  rotate(): Promise<void>;
}

export interface KeyStoreOptions {
  readonly rotateAfterMs: number;
  /** The longest life of a token: how long a retired key goes on verifying. */
  readonly tokenLifeMs: number;
}

interface Loaded {
  readonly kid: string;
  readonly createdAtMs: number;
  readonly verifiesUntilMs: number;
  readonly publicJwk: PublicKeyRecord;
  readonly publicKey: Key;
  readonly privateKey: Key;
}

const MODULUS_BITS = 2048;
/** An unknown key id makes the store look again, at most this often: another process may have rotated. */
const RELOAD_AFTER_MS = 5_000;

/** Keys live in the control state; the first use makes the first key. */
export function createKeyStore({ db }: Store, clock: Clock, options: KeyStoreOptions): KeyStore {
  let keys: readonly Loaded[] = [];
  let loadedAtMs = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> = Promise.resolve();
  let rotating: Promise<void> | undefined;

  /** One reading after the other, so that an older one never replaces a newer. */
  function load(): Promise<void> {
    loading = loading.then(readAll, readAll);
    return loading;
  }

  async function readAll(): Promise<void> {
    keys = await Promise.all(
      (await listSigningKeys(db)).map((stored) => revive(stored, options.tokenLifeMs)),
    );
    loadedAtMs = clock.nowMs();
  }

  async function makeKey(): Promise<void> {
    const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, {
      modulusLength: MODULUS_BITS,
      extractable: true,
    });
    const jwk = await exportJWK(privateKey);
    // As long as the directory's own key ids, which are SHA-1 thumbprints.
    const kid = createHash('sha1')
      .update(await calculateJwkThumbprint(jwk))
      .digest('base64url');
    const nowMs = clock.nowMs();
    const keepSince = new Date(nowMs - options.tokenLifeMs);
    await replaceSigningKey(db, { kid, privateJwk: JSON.stringify(jwk) }, new Date(nowMs), keepSince);
    await load();
  }

  function rotate(): Promise<void> {
    rotating ??= makeKey().finally(() => {
      rotating = undefined;
    });
    return rotating;
  }

  const current = () => keys.find((key) => key.verifiesUntilMs === Number.POSITIVE_INFINITY);
  const verifying = () => keys.filter((key) => key.verifiesUntilMs > clock.nowMs());

  async function ready(): Promise<Loaded> {
    if (keys.length === 0) await load();
    const isFresh = (key: Loaded | undefined) =>
      key !== undefined && clock.nowMs() - key.createdAtMs < options.rotateAfterMs;
    if (!isFresh(current())) await rotate();
    const key = current();
    if (key === undefined) throw new Error('no signing key after a rotation');
    return key;
  }

  return {
    rotate,
    async signingKey() {
      const { kid, privateKey } = await ready();
      return { kid, key: privateKey };
    },
    async verificationKey(kid) {
      await ready();
      const find = () => verifying().find((key) => key.kid === kid)?.publicKey;
      if (find() === undefined && clock.nowMs() - loadedAtMs > RELOAD_AFTER_MS) await load();
      return find();
    },
    async publicKeys() {
      await ready();
      return verifying().map(({ publicJwk }) => publicJwk);
    },
  };
}

async function revive(stored: StoredSigningKey, tokenLifeMs: number): Promise<Loaded> {
  const jwk: JWK = JSON.parse(stored.privateJwk);
  const { kid } = stored;
  const { kty, n, e } = jwk;
  if (kty !== 'RSA' || n === undefined || e === undefined) throw new Error('a stored signing key is not RSA');
  // `x5t` repeats the id as in the directory's documents, for libraries that look a key up by it.
  const publicJwk = { kty, use: 'sig', kid, x5t: kid, n, e, alg: SIGNING_ALGORITHM };
  return {
    kid,
    createdAtMs: stored.createdAt.getTime(),
    verifiesUntilMs:
      stored.retiredAt === undefined ? Number.POSITIVE_INFINITY : stored.retiredAt.getTime() + tokenLifeMs,
    publicJwk,
    publicKey: await importRsa({ kty, n, e }),
    privateKey: await importRsa(jwk),
  };
}

async function importRsa(jwk: JWK): Promise<Key> {
  const key = await importJWK(jwk, SIGNING_ALGORITHM);
  if (key instanceof Uint8Array) throw new Error('a stored signing key is not RSA');
  return key;
}
