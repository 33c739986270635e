import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export interface CertificateTable {
  readonly id: string;
  /** Client id of the owner. */
  readonly application: string;
  readonly name: string;
  /** SHA-1 of the certificate, base64url: the `x5t` of assertions. */
  readonly x5t: string;
  /** SHA-256 of the certificate, base64url. */
  readonly x5t_s256: string;
  /** SubjectPublicKeyInfo as PEM. */
  readonly public_key: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly created_at: string;
}

export interface StoredCertificate {
  readonly id: string;
  readonly name: string;
  readonly x5t: string;
  readonly x5tS256: string;
  readonly publicKeyPem: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export async function insertCertificate(
  db: Kysely<Tables>,
  application: string,
  certificate: StoredCertificate,
  now: Date,
): Promise<void> {
  await db
    .insertInto('application_certificates')
    .values({
      id: certificate.id,
      application,
      name: certificate.name,
      x5t: certificate.x5t,
      x5t_s256: certificate.x5tS256,
      public_key: certificate.publicKeyPem,
      not_before: certificate.notBefore.toISOString(),
      not_after: certificate.notAfter.toISOString(),
      created_at: now.toISOString(),
    })
    .execute();
}

/** All certificates of an application, ended ones too, oldest first. */
export async function certificatesOf(db: Kysely<Tables>, application: string): Promise<StoredCertificate[]> {
  const rows = await db
    .selectFrom('application_certificates')
    .selectAll()
    .where('application', '=', application)
    .orderBy('created_at')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    x5t: row.x5t,
    x5tS256: row.x5t_s256,
    publicKeyPem: row.public_key,
    notBefore: new Date(row.not_before),
    notAfter: new Date(row.not_after),
  }));
}

export async function deleteCertificate(
  db: Kysely<Tables>,
  application: string,
  id: string,
): Promise<boolean> {
  const result = await db
    .deleteFrom('application_certificates')
    .where('application', '=', application)
    .where('id', '=', id)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}
