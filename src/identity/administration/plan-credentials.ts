import type { Application } from '../directory/applications.ts';
import {
  addCertificate,
  listCertificates,
  removeCertificate,
  thumbprintOf,
} from '../directory/certificates.ts';
import type { DirectoryParts } from '../directory/parts.ts';
import { addSecret, listSecrets, removeSecret } from '../directory/secrets.ts';
import { applicationLater } from './application-entry.ts';
import type { ApplicationEntry, SecretEntry } from './document.ts';
import type { PlannedTenant, Step } from './step.ts';

export async function secretSteps(
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

export async function certificateSteps(
  parts: DirectoryParts,
  tenant: PlannedTenant,
  entry: ApplicationEntry,
  now: Application | undefined,
  prune: boolean,
): Promise<readonly Step[]> {
  if (entry.certificates === undefined) return [];
  const present = now === undefined ? [] : await listCertificates(parts, now);
  const wanted = entry.certificates.map((each) => ({ ...each, thumbprint: thumbprintOf(each.pem) }));
  const missing = wanted.filter(({ thumbprint }) => !present.some(({ x5tS256 }) => x5tS256 === thumbprint));
  const extra = prune
    ? present.filter(({ x5tS256 }) => !wanted.some(({ thumbprint }) => thumbprint === x5tS256))
    : [];
  return [
    ...missing.map(
      ({ name, pem, thumbprint }): Step => ({
        action: 'create',
        kind: 'certificate',
        name: `${entry.name}: ${name ?? thumbprint}`,
        changes: [],
        async run(later) {
          await addCertificate(later, await applicationLater(later, tenant, entry), pem, name);
          return undefined;
        },
      }),
    ),
    ...extra.map(
      ({ id, name }): Step => ({
        action: 'remove',
        kind: 'certificate',
        name: `${entry.name}: ${name}`,
        changes: [],
        async run(later) {
          await removeCertificate(later, await applicationLater(later, tenant, entry), id);
          return undefined;
        },
      }),
    ),
  ];
}
