import type { Application } from '../../store/applications.ts';
import {
  type Consent,
  deleteConsents,
  listConsents as listRecords,
  putConsent,
} from '../../store/consents.ts';
import { type Api, SCOPES } from '../scopes.ts';
import { checkedChoices, type DirectoryParts, now } from './parts.ts';
import type { Tenant } from './tenants.ts';

export type { Consent } from '../../store/consents.ts';

/**
 * Adds delegated scopes to what a user, or with no user the whole tenant, has agreed to. Throws `InvalidInput` (400)
 * for an unknown scope.
 */
export async function grantConsent(
  parts: DirectoryParts,
  tenant: Tenant,
  app: Application,
  grant: { readonly user: string | undefined; readonly api: Api; readonly scopes: readonly string[] },
): Promise<void> {
  const { db } = parts.store;
  const { user, api } = grant;
  const all = await listRecords(db, tenant.id, app.id);
  const old = all.find((consent) => consent.user === user && consent.api === api)?.scopes ?? [];
  const scopes = checkedChoices([...old, ...grant.scopes], SCOPES, 'scope');
  await putConsent(db, { tenant: tenant.id, application: app.id, user, api, scopes }, now(parts));
}

/** What a user has agreed to for this API, oneself or through an administrator. */
export async function consentedScopes(
  parts: DirectoryParts,
  tenant: Tenant,
  app: Application,
  user: string,
  api: Api,
): Promise<ReadonlySet<string>> {
  const all = await listRecords(parts.store.db, tenant.id, app.id);
  const valid = all.filter((consent) => consent.api === api && (consent.user ?? user) === user);
  return new Set(valid.flatMap(({ scopes }) => scopes));
}

/** The consents of a tenant, to one application or to all. */
export async function listConsents(
  parts: DirectoryParts,
  tenant: Tenant,
  app?: Application,
): Promise<readonly Consent[]> {
  return listRecords(parts.store.db, tenant.id, app?.id);
}

/** Withdraws a user's consent to an application, or the administrator's; gives how many there were. */
export async function revokeConsent(
  parts: DirectoryParts,
  tenant: Tenant,
  app: Application,
  user: string | undefined,
): Promise<number> {
  return deleteConsents(parts.store.db, tenant.id, app.id, user);
}
