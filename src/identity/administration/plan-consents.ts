import type { Application } from '../directory/applications.ts';
import { grantConsent, listConsents, revokeConsent } from '../directory/consents.ts';
import type { DirectoryParts } from '../directory/parts.ts';
import { existingUser, listUsers } from '../directory/users.ts';
import { applicationLater } from './application-entry.ts';
import type { ApplicationEntry, ConsentEntry } from './document.ts';
import type { PlannedTenant, Step } from './step.ts';

export async function consentSteps(
  parts: DirectoryParts,
  tenant: PlannedTenant,
  entry: ApplicationEntry,
  now: Application | undefined,
  consent: ConsentEntry,
): Promise<readonly Step[]> {
  const { user, api, scopes } = consent;
  const given =
    now === undefined || tenant.now === undefined ? [] : await listConsents(parts, tenant.now, now);
  const users = tenant.now === undefined ? [] : await listUsers(parts, tenant.now);
  const id = users.find(({ upn }) => upn === user?.toLowerCase())?.id;
  const present = given.find(
    (one) =>
      one.api === api && (user === undefined ? one.user === undefined : id !== undefined && one.user === id),
  );
  const missing = scopes.filter((scope) => present?.scopes.includes(scope) !== true);
  if (missing.length === 0) return [];
  const step: Step = {
    action: 'create',
    kind: 'consent',
    name: `${entry.name}: ${user ?? 'everyone'}`,
    changes: [`${api}: ${missing.join(', ')}`],
    async run(later) {
      const made = await tenant.made(later);
      const agreeing = user === undefined ? undefined : (await existingUser(later, made, user)).id;
      const app = await applicationLater(later, tenant, entry);
      await grantConsent(later, made, app, { user: agreeing, api, scopes });
      return undefined;
    },
  };
  return [step];
}

/** Takes back what those agreed to whom the entry does not name; without a list it says nothing of consents. */
export async function consentRemovals(
  parts: DirectoryParts,
  tenant: PlannedTenant,
  entry: ApplicationEntry,
  now: Application | undefined,
): Promise<readonly Step[]> {
  const { consents } = entry;
  if (consents === undefined || now === undefined || tenant.now === undefined) return [];
  const users = await listUsers(parts, tenant.now);
  const named = new Set(consents.map(({ user }) => users.find(({ upn }) => upn === user?.toLowerCase())?.id));
  if (!consents.some(({ user }) => user === undefined)) named.delete(undefined);
  const given = await listConsents(parts, tenant.now, now);
  const extra = [...new Set(given.map(({ user }) => user))].filter((user) => !named.has(user));
  return extra.map(
    (user): Step => ({
      action: 'remove',
      kind: 'consent',
      name: `${entry.name}: ${users.find(({ id }) => id === user)?.upn ?? user ?? 'everyone'}`,
      changes: [],
      async run(later) {
        const made = await tenant.made(later);
        await revokeConsent(later, made, await applicationLater(later, tenant, entry), user);
        return undefined;
      },
    }),
  );
}
