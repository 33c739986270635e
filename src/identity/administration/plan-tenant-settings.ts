import type { TenantLimits } from '../../model/tenant-limits.ts';
import { distrustIssuer, listTrustedIssuers, trustIssuer } from '../directory/issuers.ts';
import { limitsOfTenant, setTenantLimits } from '../directory/limits.ts';
import type { DirectoryParts } from '../directory/parts.ts';
import { trustedIssuer } from '../outside-issuers.ts';
import type { IssuerEntry } from './document.ts';
import { differences, type PlannedTenant, type Step } from './step.ts';

/** A limit that the document leaves out goes back to the server's. */
export async function planLimits(
  parts: DirectoryParts,
  tenant: PlannedTenant,
  limits: TenantLimits,
): Promise<readonly Step[]> {
  const own = tenant.now === undefined ? {} : ((await limitsOfTenant(parts, tenant.now)) ?? {});
  const cleared = Object.fromEntries(Object.keys(own).map((name) => [name, '']));
  const changes = differences(own, { ...cleared, ...limits });
  if (changes.length === 0) return [];
  const run = async (later: DirectoryParts) => {
    await setTenantLimits(later, await tenant.made(later), limits);
    return undefined;
  };
  return [{ action: 'change', kind: 'limits', name: tenant.label, changes, run }];
}

export async function planIssuers(
  parts: DirectoryParts,
  tenant: PlannedTenant,
  entries: readonly IssuerEntry[],
  prune: boolean,
): Promise<readonly Step[]> {
  const present = tenant.now === undefined ? [] : await listTrustedIssuers(parts, tenant.now);
  const steps = entries.flatMap((entry): Step[] => {
    const now = present.find(({ issuer }) => issuer === entry.issuer);
    const wanted = trustedIssuer(entry, tenant.now?.id ?? '', `issuer ${entry.issuer}`);
    const { issuer: name, audiences, jwksUri = '', rolesClaim, roles, userClaim = '' } = wanted;
    // An entry is taken as a whole, so that a member which is gone counts.
    const changes = differences({ ...now }, { audiences, jwksUri, rolesClaim, roles, userClaim });
    if (now !== undefined && changes.length === 0) return [];
    return [
      {
        action: now === undefined ? 'create' : 'change',
        kind: 'issuer',
        name,
        changes,
        async run(later) {
          await trustIssuer(later, { ...wanted, tenant: (await tenant.made(later)).id });
          return undefined;
        },
      },
    ];
  });
  const extra = prune
    ? present.filter(({ issuer }) => !entries.some((entry) => entry.issuer === issuer))
    : [];
  const removals = extra.map(
    ({ issuer }): Step => ({
      action: 'remove',
      kind: 'issuer',
      name: issuer,
      changes: [],
      async run(later) {
        await distrustIssuer(later, await tenant.made(later), issuer);
        return undefined;
      },
    }),
  );
  return [...steps, ...removals];
}
