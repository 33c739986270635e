import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export interface ApplicationTable {
  /** The client id, a lower-case GUID. */
  readonly id: string;
  readonly tenant: string;
  readonly object_id: string;
  readonly name: string;
  /** JSON array of role names. */
  readonly roles: string;
  readonly created_at: string;
}

export interface Application {
  readonly id: string;
  readonly tenant: string;
  /** Id of the application's service principal: `oid` and `sub` of its tokens. A lower-case GUID. */
  readonly objectId: string;
  readonly name: string;
  readonly roles: readonly string[];
}

export async function insertApplication(db: Kysely<Tables>, app: Application, now: Date): Promise<void> {
  await db
    .insertInto('applications')
    .values({
      id: app.id,
      tenant: app.tenant,
      object_id: app.objectId,
      name: app.name,
      roles: JSON.stringify(app.roles),
      created_at: now.toISOString(),
    })
    .execute();
}

/** The application of this tenant with this client id (lower case). */
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
  if (row === undefined) return undefined;
  const roles: string[] = JSON.parse(row.roles);
  return { id: row.id, tenant: row.tenant, objectId: row.object_id, name: row.name, roles };
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
