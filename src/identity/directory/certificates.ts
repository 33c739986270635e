import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import type { Application } from '../../store/applications.ts';
import {
  certificatesOf,
  deleteCertificate,
  insertCertificate,
  type StoredCertificate,
} from '../../store/certificates.ts';
import { conflict, type DirectoryParts, invalid, now } from './parts.ts';

export type Certificate = StoredCertificate;

const MAX_PEM_CHARS = 20_000;
const LEAST_RSA_BITS = 2048;

/**
 * Registers a certificate, given as PEM, whose key then signs the application's assertions. Its issuer does not
 * matter: it is trusted because it is registered. Throws `InvalidInput` (400) for anything but a certificate with an
 * RSA key of 2048 bits or more, or one that has ended; `Conflict` (409) for one that is registered.
 */
export async function addCertificate(
  parts: DirectoryParts,
  app: Application,
  pem: string,
  name?: string,
): Promise<Certificate> {
  const { db } = parts.store;
  const certificate = parsed(pem);
  const { publicKey, raw } = certificate;
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (publicKey.asymmetricKeyType !== 'rsa' || bits < LEAST_RSA_BITS) {
    throw invalid(`the key of a certificate is RSA of at least ${LEAST_RSA_BITS} bits`);
  }
  const notAfter = new Date(certificate.validTo);
  if (notAfter.getTime() <= parts.clock.nowMs()) throw invalid('the certificate has ended');
  const stored: StoredCertificate = {
    id: randomUUID(),
    name: (name ?? certificate.subject.replaceAll('\n', ', ')).slice(0, 256),
    x5t: createHash('sha1').update(raw).digest('base64url'),
    x5tS256: thumbprint(raw),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    notBefore: new Date(certificate.validFrom),
    notAfter,
  };
  const existing = await certificatesOf(db, app.id);
  if (existing.some(({ x5tS256 }) => x5tS256 === stored.x5tS256)) {
    throw conflict('the certificate is registered already');
  }
  await insertCertificate(db, app.id, stored, now(parts));
  return stored;
}

/** What tells a certificate from all others (`x5t#S256`). Throws `InvalidInput` (400) for anything but PEM of one. */
export function thumbprintOf(pem: string): string {
  return thumbprint(parsed(pem).raw);
}

function thumbprint(raw: Buffer): string {
  return createHash('sha256').update(raw).digest('base64url');
}

/** Oldest first, ended ones too. */
export async function listCertificates(
  parts: DirectoryParts,
  app: Application,
): Promise<readonly Certificate[]> {
  return certificatesOf(parts.store.db, app.id);
}

/** Takes effect at once; false when there was none. */
export async function removeCertificate(
  parts: DirectoryParts,
  app: Application,
  id: string,
): Promise<boolean> {
  return deleteCertificate(parts.store.db, app.id, id.toLowerCase());
}

function parsed(pem: string): X509Certificate {
  if (pem.length > MAX_PEM_CHARS) throw invalid(`a certificate has at most ${MAX_PEM_CHARS} characters`);
  if (/PRIVATE KEY/.test(pem)) throw invalid('a certificate is registered without its private key');
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw Object.assign(invalid('not a certificate in PEM'), { cause: error });
  }
}
