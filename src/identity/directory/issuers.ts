import {
  deleteIssuer,
  findIssuer,
  listIssuers,
  type StoredIssuer,
  saveIssuer,
} from '../../store/trusted-issuers.ts';
import type { TrustedIssuer } from '../outside-issuers.ts';
import { conflict, type DirectoryParts, now } from './parts.ts';
import type { Tenant } from './tenants.ts';

/** The issuers whose tokens open the tenant, beside those of the server's own file. By name. */
export async function listTrustedIssuers(
  parts: DirectoryParts,
  tenant: Tenant,
): Promise<readonly TrustedIssuer[]> {
  return (await listIssuers(parts.store.db, tenant.id)).map(fromStore);
}

export async function issuerNamed(parts: DirectoryParts, issuer: string): Promise<TrustedIssuer | undefined> {
  const stored = await findIssuer(parts.store.db, issuer);
  return stored === undefined ? undefined : fromStore(stored);
}

/** Trusts it, or changes how. Throws `Conflict` (409) where its tokens open another tenant. */
export async function trustIssuer(parts: DirectoryParts, trusted: TrustedIssuer): Promise<TrustedIssuer> {
  const { issuer, tenant, ...settings } = trusted;
  const stored = { issuer, tenant, settings: JSON.stringify(settings) };
  if (!(await saveIssuer(parts.store.db, stored, now(parts)))) {
    throw conflict(`the tokens of \`${issuer}\` open another tenant`);
  }
  return trusted;
}

/** Its tokens open nothing from now on. False where it was not trusted. */
export async function distrustIssuer(
  parts: DirectoryParts,
  tenant: Tenant,
  issuer: string,
): Promise<boolean> {
  return deleteIssuer(parts.store.db, tenant.id, issuer);
}

function fromStore({ issuer, tenant, settings }: StoredIssuer): TrustedIssuer {
  const kept = JSON.parse(settings) as Omit<TrustedIssuer, 'issuer' | 'tenant'>;
  return { ...kept, issuer, tenant, jwksUri: kept.jwksUri, userClaim: kept.userClaim };
}
