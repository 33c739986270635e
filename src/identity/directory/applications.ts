import { randomUUID } from 'node:crypto';
import {
  type Application,
  deleteApplication as deleteRecord,
  findApplication,
  findApplicationAnywhere,
  insertApplication,
  listApplications as listRecords,
  updateApplication as updateRecord,
} from '../../store/applications.ts';
import { findServicePrincipal } from '../../store/service-principals.ts';
import { ROLES } from '../roles.ts';
import { SCOPES } from '../scopes.ts';
import {
  checkedChoices,
  checkedGuid,
  checkedName,
  conflict,
  type DirectoryParts,
  notFound,
  now,
} from './parts.ts';
import { checkedRedirectUris, type RedirectUri } from './redirect-uris.ts';
import { addSecret } from './secrets.ts';
import type { Tenant } from './tenants.ts';

export type { Application } from '../../store/applications.ts';

/** What an administrator decides about an application. What is missing is left as it is, or is empty at first. */
export interface ApplicationSettings {
  readonly name?: string | undefined;
  /** Application permissions (`ROLES`). */
  readonly roles?: readonly string[] | undefined;
  /** Delegated permissions (`SCOPES`) that `/.default` asks for. */
  readonly scopes?: readonly string[] | undefined;
  readonly redirectUris?: readonly RedirectUri[] | undefined;
  readonly isPublic?: boolean | undefined;
  readonly isMultiTenant?: boolean | undefined;
  /** '' takes it away. */
  readonly logoutUrl?: string | undefined;
}

export interface NewApplication extends ApplicationSettings {
  /** The client id, a GUID in any case; made when missing. */
  readonly id?: string | undefined;
  readonly name: string;
}

/** Registers an application without a secret. Throws `InvalidInput` (400), `Conflict` (409) for a client id in use. */
export async function registerApplication(
  parts: DirectoryParts,
  tenant: Tenant,
  wanted: NewApplication,
): Promise<Application> {
  const id = wanted.id === undefined ? randomUUID() : checkedGuid(wanted.id, 'a client id');
  if ((await findApplicationAnywhere(parts.store.db, id)) !== undefined) {
    throw conflict(`an application with the client id \`${id}\` exists`);
  }
  const bare: Application = {
    id,
    tenant: tenant.id,
    objectId: randomUUID(),
    name: wanted.name,
    roles: [],
    scopes: [],
    redirectUris: [],
    isPublic: false,
    isMultiTenant: false,
    logoutUrl: undefined,
  };
  const app = withSettings(bare, wanted);
  await insertApplication(parts.store.db, app, now(parts));
  return app;
}

/** Registers an application with its first secret, which is shown this once; a public one gets none. */
export async function registerWithSecret(
  parts: DirectoryParts,
  tenant: Tenant,
  wanted: NewApplication,
): Promise<{ readonly app: Application; readonly secret: string | undefined }> {
  const app = await registerApplication(parts, tenant, wanted);
  if (app.isPublic) return { app, secret: undefined };
  return { app, secret: (await addSecret(parts, app, {})).secret };
}

/** Throws `InvalidInput` (400), `ResourceNotFound` (404). */
export async function changeApplication(
  parts: DirectoryParts,
  tenant: Tenant,
  id: string,
  settings: ApplicationSettings,
): Promise<Application> {
  const app = withSettings(await existingApplication(parts, tenant, id), settings);
  await updateRecord(parts.store.db, app);
  return app;
}

/** What the tenant itself registered, oldest first. */
export async function listApplications(
  parts: DirectoryParts,
  tenant: Tenant,
): Promise<readonly Application[]> {
  return listRecords(parts.store.db, tenant.id);
}

/** An application that this tenant registered. Throws `ResourceNotFound` (404). */
export async function existingApplication(
  parts: DirectoryParts,
  tenant: Tenant,
  id: string,
): Promise<Application> {
  const app = await findApplication(parts.store.db, tenant.id, id.toLowerCase());
  if (app === undefined) throw notFound('application');
  return app;
}

/**
 * An application as a tenant sees it: its own, or another tenant's that an administrator admitted, then with the
 * object id and the roles that it has here. The client id is taken in any case.
 */
export async function applicationIn(
  parts: DirectoryParts,
  tenant: string,
  id: string,
): Promise<Application | undefined> {
  const { db } = parts.store;
  const app = await findApplicationAnywhere(db, id.toLowerCase());
  if (app === undefined || app.tenant === tenant.toLowerCase()) return app;
  if (!app.isMultiTenant) return undefined;
  const principal = await findServicePrincipal(db, tenant.toLowerCase(), app.id);
  return principal === undefined
    ? undefined
    : { ...app, objectId: principal.objectId, roles: principal.roles };
}

/** An application by its client id in any case, whatever tenant registered it. */
export async function applicationAnywhere(
  parts: DirectoryParts,
  id: string,
): Promise<Application | undefined> {
  return findApplicationAnywhere(parts.store.db, id.toLowerCase());
}

/** Removes an application with secrets, certificates and all that was granted to it; false when there was none. */
export async function removeApplication(parts: DirectoryParts, tenant: string, id: string): Promise<boolean> {
  return deleteRecord(parts.store.db, tenant.toLowerCase(), id.toLowerCase());
}

function withSettings(app: Application, settings: ApplicationSettings): Application {
  const { name, roles, scopes, redirectUris, isPublic, isMultiTenant, logoutUrl } = settings;
  return {
    ...app,
    name: checkedName(name ?? app.name),
    roles: roles === undefined ? app.roles : checkedChoices(roles, ROLES, 'role'),
    scopes: scopes === undefined ? app.scopes : checkedChoices(scopes, SCOPES, 'scope'),
    redirectUris: redirectUris === undefined ? app.redirectUris : checkedRedirectUris(redirectUris),
    isPublic: isPublic ?? app.isPublic,
    isMultiTenant: isMultiTenant ?? app.isMultiTenant,
    logoutUrl: logoutUrl === undefined ? app.logoutUrl : checkedLogoutUrl(logoutUrl),
  };
}

function checkedLogoutUrl(url: string): string | undefined {
  return url === '' ? undefined : checkedRedirectUris([{ uri: url, kind: 'web' }])[0]?.uri;
}
