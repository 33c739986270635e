import { type Application, existingApplication, listApplications } from '../directory/applications.ts';
import { conflict, type DirectoryParts } from '../directory/parts.ts';
import type { ApplicationEntry } from './document.ts';
import type { PlannedTenant } from './step.ts';

/** The application that an entry means. Throws `Conflict` (409) where its name is not one application's only. */
export function entryOf(
  present: readonly Application[],
  { id, name }: ApplicationEntry,
): Application | undefined {
  if (id !== undefined) return present.find((app) => app.id === id.toLowerCase());
  const named = present.filter((app) => app.name === name);
  if (named.length > 1)
    throw conflict(`${named.length} applications are called ${JSON.stringify(name)}: name one by \`id\``);
  return named[0];
}

/** The same when the steps before have run. */
export async function applicationLater(
  parts: DirectoryParts,
  tenant: PlannedTenant,
  entry: ApplicationEntry,
): Promise<Application> {
  const made = await tenant.made(parts);
  const app = entryOf(await listApplications(parts, made), entry);
  return app ?? existingApplication(parts, made, entry.id ?? entry.name);
}
