import { admitApplication } from '../directory/admitted-applications.ts';
import { consentedScopes, grantConsent } from '../directory/consents.ts';
import type { User } from '../directory/users.ts';
import type { Application, Tenant } from '../directory.ts';
import { type Api, type Scope, scopeEntry, scopeOf } from '../scopes.ts';
import { type Asked, targetOf } from '../target.ts';
import type { GrantParts } from '../token-request.ts';

/** Delegated permissions that an application asks for, by API. */
export interface Wish {
  readonly api: Api;
  readonly scopes: readonly Scope[];
}

const APIS: readonly Api[] = ['defender', 'siem', 'graph', 'kusto', 'spoor'];

/** What an authorization request asks a user to agree to; all that the registration lists where it names no resource. */
export function wishesOf(parts: GrantParts, app: Application, asked: Asked): readonly Wish[] {
  if (asked.endpoint === 2 || asked.resource !== undefined) {
    const { api, scopes } = targetOf(parts.address, app, asked);
    return scopes.length === 0 ? [] : [{ api, scopes }];
  }
  return registeredWishes(app);
}

/** All delegated permissions of the registration. */
export function registeredWishes(app: Application): readonly Wish[] {
  return APIS.map((api) => ({ api, scopes: app.scopes.flatMap((name) => scopeOf(api, name) ?? []) })).filter(
    ({ scopes }) => scopes.length > 0,
  );
}

/** The part that neither the user nor an administrator has agreed to yet. */
export async function unmetWishes(
  parts: GrantParts,
  tenant: Tenant,
  app: Application,
  user: User,
  wishes: readonly Wish[],
): Promise<readonly Wish[]> {
  const unmet: Wish[] = [];
  for (const { api, scopes } of wishes) {
    const agreed = await consentedScopes(parts.directory.parts, tenant, app, user.id, api);
    const missing = scopes.filter((scope) => !agreed.has(scope));
    if (missing.length > 0) unmet.push({ api, scopes: missing });
  }
  return unmet;
}

/** Writes down that a user agreed, or with no user an administrator for everyone. */
export async function agree(
  parts: GrantParts,
  tenant: Tenant,
  app: Application,
  user: User | undefined,
  wishes: readonly Wish[],
): Promise<void> {
  const directory = parts.directory.parts;
  if (app.tenant !== tenant.id && (await parts.directory.application(tenant.id, app.id)) === undefined) {
    await admitApplication(directory, tenant, app, []);
  }
  for (const { api, scopes } of wishes) {
    await grantConsent(directory, tenant, app, { user: user?.id, api, scopes });
  }
}

/** For people: what each scope allows, each once. */
export function sentencesOf(wishes: readonly Wish[]): readonly string[] {
  const names = new Set(wishes.flatMap(({ scopes }) => scopes));
  return [...names].map((name) => scopeEntry(name)?.allows ?? name);
}

export function isAdministrator(user: User): boolean {
  return user.roles.includes('administrator');
}
