import type { Kysely, Selectable } from 'kysely';
import type { Tables } from './tables.ts';

export interface ApplicationTable {
  /** The client id, a lower-case GUID. */
  readonly id: string;
  readonly tenant: string;
  readonly object_id: string;
  readonly name: string;
  /** JSON array of role names. */
  readonly roles: string;
  /** JSON array of delegated scope names. */
  readonly scopes: string;
  /** JSON array of `RedirectUri`. */
  readonly redirect_uris: string;
  /** 0 or 1. */
  readonly is_public: number;
  readonly is_multi_tenant: number;
  readonly logout_url: string | null;
  readonly created_at: string;
}

/** How a redirect URI's application holds its tokens: a `web` one proves itself at the token endpoint, a `public` one cannot. */
export interface RedirectUri {
  readonly uri: string;
  readonly kind: 'web' | 'public';
}

export interface Application {
  readonly id: string;
  /** The tenant that registered it. */
  readonly tenant: string;
  /** Id of the application's service principal: `oid` and `sub` of its tokens. A lower-case GUID. */
  readonly objectId: string;
  readonly name: string;
  /** Application permissions that its own tokens carry. */
  readonly roles: readonly string[];
  /** Delegated permissions that `/.default` asks for. */
  readonly scopes: readonly string[];
  readonly redirectUris: readonly RedirectUri[];
  /** May use the flows of clients that keep no secret: device code, and the password grant where it is on. */
  readonly isPublic: boolean;
  /** Other tenants may consent to it. */
  readonly isMultiTenant: boolean;
  /** Where a browser may go after sign-out, beside the redirect URIs. */
  readonly logoutUrl: string | undefined;
}

export async function insertApplication(db: Kysely<Tables>, app: Application, now: Date): Promise<void> {
  await db
    .insertInto('applications')
    .values({
      id: app.id,
      tenant: app.tenant,
      object_id: app.objectId,
      ...columns(app),
      created_at: now.toISOString(),
    })
    .execute();
}

/** Writes what can change; the id, the tenant and the object id cannot. */
export async function updateApplication(db: Kysely<Tables>, app: Application): Promise<void> {
  await db.updateTable('applications').set(columns(app)).where('id', '=', app.id).execute();
}

/** The application with this client id (lower case) that this tenant registered. */
export async function findApplication(
  db: Kysely<Tables>,
  tenant: string,
  id: string,
): Promise<Application | undefined> {
  const row = await db
    .selectFrom('applications')
    .selectAll()
    .where('id', '=', id)
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  return row === undefined ? undefined : read(row);
}

/** The application with this client id (lower case), whatever tenant registered it. */
export async function findApplicationAnywhere(
  db: Kysely<Tables>,
  id: string,
): Promise<Application | undefined> {
  const row = await db.selectFrom('applications').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : read(row);
}

/** What a tenant registered, oldest first. */
export async function listApplications(db: Kysely<Tables>, tenant: string): Promise<Application[]> {
  const rows = await db
    .selectFrom('applications')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(read);
}

/** Removes an application and its secrets; false when there was none. */
export async function deleteApplication(db: Kysely<Tables>, tenant: string, id: string): Promise<boolean> {
  const result = await db
    .deleteFrom('applications')
    .where('id', '=', id)
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

function columns(app: Application) {
  return {
    name: app.name,
    roles: JSON.stringify(app.roles),
    scopes: JSON.stringify(app.scopes),
    redirect_uris: JSON.stringify(app.redirectUris),
    is_public: Number(app.isPublic),
    is_multi_tenant: Number(app.isMultiTenant),
    logout_url: app.logoutUrl ?? null,
  };
}

function read(row: Selectable<ApplicationTable>): Application {
  const roles: string[] = JSON.parse(row.roles);
  const scopes: string[] = JSON.parse(row.scopes);
  const redirectUris: RedirectUri[] = JSON.parse(row.redirect_uris);
  return {
    id: row.id,
    tenant: row.tenant,
    objectId: row.object_id,
    name: row.name,
    roles,
    scopes,
    redirectUris,
    isPublic: row.is_public === 1,
    isMultiTenant: row.is_multi_tenant === 1,
    logoutUrl: row.logout_url ?? undefined,
  };
}
