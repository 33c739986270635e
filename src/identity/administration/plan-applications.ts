import {
  type Application,
  changeApplication,
  listApplications,
  registerApplication,
  removeApplication,
} from '../directory/applications.ts';
import type { DirectoryParts } from '../directory/parts.ts';
import { entryOf } from './application-entry.ts';
import type { ApplicationEntry } from './document.ts';
import { consentRemovals, consentSteps } from './plan-consents.ts';
import { certificateSteps, secretSteps } from './plan-credentials.ts';
import { differences, type PlannedTenant, type Step } from './step.ts';

/** Applications of a tenant, their secrets and certificates, and what was consented to. */
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
    const now = entryOf(present, entry);
    if (now !== undefined) kept.add(now.id);
    steps.push(...settingSteps(tenant, entry, now));
    steps.push(...(await secretSteps(parts, tenant, entry, now, prune)));
    steps.push(...(await certificateSteps(parts, tenant, entry, now, prune)));
    for (const consent of entry.consents ?? []) {
      steps.push(...(await consentSteps(parts, tenant, entry, now, consent)));
    }
    if (prune) steps.push(...(await consentRemovals(parts, tenant, entry, now)));
  }
  const extra = prune ? present.filter(({ id }) => !kept.has(id)) : [];
  return [...steps, ...extra.map((app) => removal(tenant, app))];
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
      const made = await registerApplication(parts, await tenant.made(parts), { ...settings, id, name });
      return { kind: 'clientId' as const, of: name, value: made.id };
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
