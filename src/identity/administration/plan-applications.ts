import {
  type Application,
  changeApplication,
  existingApplication,
  listApplications,
  registerApplication,
  removeApplication,
} from '../directory/applications.ts';
import { grantConsent, listConsents } from '../directory/consents.ts';
import { conflict, type DirectoryParts } from '../directory/parts.ts';
import { addSecret, listSecrets, removeSecret } from '../directory/secrets.ts';
import { existingUser, listUsers } from '../directory/users.ts';
import type { ApplicationEntry, ConsentEntry, SecretEntry } from './document.ts';
import { differences, type PlannedTenant, type Step } from './step.ts';

/** Applications of a tenant, their secrets and what was consented to. */
export async function planApplications(
  parts: DirectoryParts,
  tenant: PlannedTenant,
  entries: readonly ApplicationEntry[],
  prune: boolean,
): Promise<readonly Step[]> {
  const present = tenant.now === undefined ? [] : await listApplications(parts, tenant.now);
  const steps: Step[] = [];
  const kept = new Set<string>();
  for (const entry of entries) {
    const now = found(present, entry);
    if (now !== undefined) kept.add(now.id);
    steps.push(...settingSteps(tenant, entry, now));
    steps.push(...(await secretSteps(parts, tenant, entry, now, prune)));
    for (const consent of entry.consents ?? []) {
      steps.push(...(await consentSteps(parts, tenant, entry, now, consent)));
    }
  }
  const extra = prune ? present.filter(({ id }) => !kept.has(id)) : [];
  return [...steps, ...extra.map((app) => removal(tenant, app))];
}

function found(present: readonly Application[], { id, name }: ApplicationEntry): Application | undefined {
  if (id !== undefined) return present.find((app) => app.id === id.toLowerCase());
  const named = present.filter((app) => app.name === name);
  if (named.length > 1)
    throw conflict(`${named.length} applications are called ${JSON.stringify(name)}: name one by \`id\``);
  return named[0];
}

function settingSteps(
  tenant: PlannedTenant,
  entry: ApplicationEntry,
  now: Application | undefined,
): readonly Step[] {
  const { id, name, settings } = entry;
  const changes = differences({ ...(now ?? { name }) }, settings);
  if (now === undefined) {
    const register = async (parts: DirectoryParts) => {
      await registerApplication(parts, await tenant.made(parts), { ...settings, id, name });
      return undefined;
    };
    return [{ action: 'create', kind: 'application', name, changes, run: register }];
  }
  if (changes.length === 0) return [];
  const change = async (parts: DirectoryParts) => {
    await changeApplication(parts, await tenant.made(parts), now.id, settings);
    return undefined;
  };
  return [{ action: 'change', kind: 'application', name, changes, run: change }];
}

async function secretSteps(
  parts: DirectoryParts,
  tenant: PlannedTenant,
  entry: ApplicationEntry,
  now: Application | undefined,
  prune: boolean,
): Promise<readonly Step[]> {
  const { secrets: wanted } = entry;
  if (wanted === undefined) return [];
  const present = now === undefined ? [] : await listSecrets(parts, now);
  const missing = wanted.filter(({ name }) => !present.some((secret) => secret.name === name));
  const extra = prune ? present.filter(({ name }) => !wanted.some((secret) => secret.name === name)) : [];
  return [
    ...missing.map((secret) => newSecret(tenant, entry, secret)),
    ...extra.map(
      (secret): Step => ({
        action: 'remove',
        kind: 'secret',
        name: `${entry.name}: ${secret.name === '' ? `${secret.hint}...` : secret.name}`,
        changes: [],
        async run(later) {
          await removeSecret(later, await applicationLater(later, tenant, entry), secret.id);
          return undefined;
        },
      }),
    ),
  ];
}

function newSecret(tenant: PlannedTenant, entry: ApplicationEntry, secret: SecretEntry): Step {
  const name = `${entry.name}: ${secret.name}`;
  return {
    action: 'create',
    kind: 'secret',
    name,
    changes: secret.expiresAt === undefined ? [] : [`expires: ${secret.expiresAt.toISOString()}`],
    async run(parts) {
      const made = await addSecret(parts, await applicationLater(parts, tenant, entry), secret);
      return { kind: 'secret', of: name, value: made.secret };
    },
  };
}

async function consentSteps(
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

async function applicationLater(
  parts: DirectoryParts,
  tenant: PlannedTenant,
  entry: ApplicationEntry,
): Promise<Application> {
  const made = await tenant.made(parts);
  const app = found(await listApplications(parts, made), entry);
  return app ?? existingApplication(parts, made, entry.id ?? entry.name);
}

function removal(tenant: PlannedTenant, app: Application): Step {
  return {
    action: 'remove',
    kind: 'application',
    name: `${app.name} (${app.id})`,
    changes: [],
    async run(parts) {
      await removeApplication(parts, (await tenant.made(parts)).id, app.id);
      return undefined;
    },
  };
}
