import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { RequestError } from '../model/request-error.ts';

/** What a server proves itself with. */
export interface TlsCertificate {
  /** PEM: the certificate, then those that lead to its root. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** SHA-256 of the certificate, base64url: by it the command line knows its server. */
  readonly fingerprint: string;
}

/** Reads a certificate and its key. Throws `BadCertificate` (500) with what is wrong. */
export function readCertificate(certFile: string, keyFile: string): TlsCertificate {
  return checkedCertificate(read(certFile), read(keyFile), certFile);
}

/** Throws `BadCertificate` (500) unless they belong together. */
export function checkedCertificate(cert: string, key: string, name: string): TlsCertificate {
  let belong: boolean;
  let raw: Buffer;
  try {
    const certificate = new X509Certificate(cert);
    raw = certificate.raw;
    belong = certificate.checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw bad(`${name} or its key is not PEM: ${why}`);
  }
  if (!belong) throw bad(`the key is not that of the certificate in ${name}`);
  return { cert, key, fingerprint: createHash('sha256').update(raw).digest('base64url') };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw bad(error instanceof Error ? error.message : String(error));
  }
}

function bad(message: string): RequestError {
  return new RequestError('BadCertificate', 500, message);
}
