import { type DirectoryParts, invalid } from '../directory/parts.ts';
import {
  addTenantDomain,
  createTenant,
  existingTenant,
  type Tenant,
  tenantBy,
  tenantDomains,
} from '../directory/tenants.ts';
import type { DirectoryDocument, TenantEntry } from './document.ts';
import { planApplications } from './plan-applications.ts';
import { planGroups, planUsers } from './plan-people.ts';
import { planIssuers, planLimits } from './plan-tenant-settings.ts';
import { type Made, type PlannedTenant, plannedTenant, type Step } from './step.ts';

export interface PlanOptions {
  /** The tenant of entries that name none. */
  readonly tenant: Tenant;
  /** Also remove what the document's lists do not have. */
  readonly prune: boolean;
}

export interface TenantPlan {
  /** Id or domain. */
  readonly tenant: string;
  readonly steps: readonly Step[];
}

/** What has to be done so that the directory is as the document says; nothing where it is. Throws `InvalidInput` (400). */
export async function planDirectory(
  parts: DirectoryParts,
  document: DirectoryDocument,
  { tenant, prune }: PlanOptions,
): Promise<readonly TenantPlan[]> {
  const plans: TenantPlan[] = [];
  for (const entry of document.tenants) {
    const planned = await tenantOf(parts, entry, tenant);
    plans.push({
      tenant: planned.label,
      steps: [
        ...(await tenantSteps(parts, entry, planned)),
        // People before applications, whose consents name them, and before groups, which they see.
        ...(entry.users === undefined ? [] : await planUsers(parts, planned, entry.users, prune)),
        ...(entry.applications === undefined
          ? []
          : await planApplications(parts, planned, entry.applications, prune)),
        ...(entry.groups === undefined ? [] : await planGroups(parts, planned, entry.groups, prune)),
        ...(entry.limits === undefined ? [] : await planLimits(parts, planned, entry.limits)),
        ...(entry.issuers === undefined ? [] : await planIssuers(parts, planned, entry.issuers, prune)),
      ],
    });
  }
  return plans;
}

/** Does it, in order; a failure leaves what was done before it, and the same document goes on from there. */
export async function applyPlan(
  parts: DirectoryParts,
  plans: readonly TenantPlan[],
): Promise<readonly Made[]> {
  const made: Made[] = [];
  for (const { steps } of plans) {
    for (const step of steps) {
      const one = await step.run(parts);
      if (one !== undefined) made.push(one);
    }
  }
  return made;
}

async function tenantOf(parts: DirectoryParts, { tenant }: TenantEntry, own: Tenant): Promise<PlannedTenant> {
  if (tenant === undefined) return plannedTenant(own, own.domain ?? own.id);
  const label = tenant.id ?? tenant.domain;
  if (label === undefined) throw invalid('a tenant has an `id` or a `domain`');
  return plannedTenant(await tenantBy(parts, label), label);
}

async function tenantSteps(
  parts: DirectoryParts,
  entry: TenantEntry,
  planned: PlannedTenant,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const { tenant, name, domains = [] } = entry;
  if (planned.now === undefined) {
    steps.push({
      action: 'create',
      kind: 'tenant',
      name: planned.label,
      changes: [],
      async run(later) {
        await createTenant(later, { id: tenant?.id, domain: tenant?.domain, name });
        return undefined;
      },
    });
  }
  const present = planned.now === undefined ? [] : await tenantDomains(parts, planned.now);
  const first = tenant?.domain === undefined || planned.now === undefined ? [] : [tenant.domain];
  for (const domain of new Set([...first, ...domains].map((text) => text.toLowerCase()))) {
    if (present.includes(domain)) continue;
    steps.push({
      action: 'create',
      kind: 'domain',
      name: domain,
      changes: [],
      async run(later) {
        await addTenantDomain(later, await existingTenant(later, planned.label), domain);
        return undefined;
      },
    });
  }
  return steps;
}
