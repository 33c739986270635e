// tsyringe, which the certificate library stands on, wants it loaded before.
import 'reflect-metadata';
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { CA_FILE, TLS_FOLDER } from '../model/data-folder.ts';
import { checkedCertificate, type TlsCertificate } from './certificate.ts';

export interface SelfSigned extends TlsCertificate {
  /** What clients must be told to trust. */
  readonly caFile: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const CA_DAYS = 3650;
/** Clients refuse server certificates of more: https://support.apple.com/102028 */
const SERVER_DAYS = 397;
const RENEW_DAYS = 30;
/** Clocks differ. */
const BACKDATED_MS = 3_600_000;

/**
 * A server certificate of a certificate authority of the data folder's own, made when it is missing. The server's is made
 * anew when it ends soon or lacks a name; the authority stays, so that who trusts it need not be told again.
 * @param names Host names and addresses, lower case.
 */
export async function loadOrCreateSelfSigned(
  dataDir: string,
  names: readonly string[],
  nowMs: number,
): Promise<SelfSigned> {
  x509.cryptoProvider.set(webcrypto);
  const folder = join(dataDir, TLS_FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = {
    caFile: join(dataDir, CA_FILE),
    caKey: join(folder, 'ca.key'),
    cert: join(folder, 'server.pem'),
    key: join(folder, 'server.key'),
  };
  if (!existsSync(files.caFile) || !existsSync(files.caKey)) {
    const ca = await makeAuthority(nowMs);
    write(files.caKey, ca.key);
    write(files.caFile, ca.cert);
  }
  if (!isGood(files.cert, files.key, files.caFile, names, nowMs)) {
    const made = await makeServer(
      readFileSync(files.caFile, 'utf8'),
      readFileSync(files.caKey, 'utf8'),
      names,
      nowMs,
    );
    write(files.key, made.key);
    write(files.cert, made.cert);
  }
  const certificate = checkedCertificate(
    readFileSync(files.cert, 'utf8'),
    readFileSync(files.key, 'utf8'),
    files.cert,
  );
  return { ...certificate, caFile: files.caFile };
}

interface Pair {
  readonly cert: string;
  readonly key: string;
}

async function makeAuthority(nowMs: number): Promise<Pair> {
  const keys = await makeKeys();
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    // A name of its own: two authorities of one name confuse trust stores.
    name: `CN=Spoor ${randomBytes(4).toString('hex')}`,
    ...validity(nowMs, CA_DAYS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: `${cert.toString('pem')}\n`, key: await keyPem(keys.privateKey) };
}

async function makeServer(
  caPem: string,
  caKeyPem: string,
  names: readonly string[],
  nowMs: number,
): Promise<Pair> {
  const ca = new x509.X509Certificate(caPem);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(caKeyPem),
    ALGORITHM,
    false,
    ['sign'],
  );
  const keys = await makeKeys();
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=Spoor server',
    issuer: ca.subject,
    ...validity(nowMs, SERVER_DAYS),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(ca.publicKey),
    ],
  });
  return { cert: `${cert.toString('pem')}\n`, key: await keyPem(keys.privateKey) };
}

function isGood(cert: string, key: string, ca: string, names: readonly string[], nowMs: number): boolean {
  if (!existsSync(cert) || !existsSync(key)) return false;
  const certificate = new X509Certificate(readFileSync(cert));
  const endsMs = Date.parse(certificate.validTo);
  const hasName = (name: string) =>
    (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
  return (
    endsMs - nowMs > RENEW_DAYS * DAY_MS &&
    names.every(hasName) &&
    certificate.verify(new X509Certificate(readFileSync(ca)).publicKey)
  );
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

/** 127 random bits, as a positive number: https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.2 */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function validity(nowMs: number, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(nowMs - BACKDATED_MS), notAfter: new Date(nowMs + days * DAY_MS) };
}

/** Whole or not at all, for its owner only. */
function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
