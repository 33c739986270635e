import type { FastifyInstance } from 'fastify';
import { readDocument } from '../identity/administration/document.ts';
import { applyPlan, planDirectory } from '../identity/administration/plan.ts';
import { flagField, readFields } from '../model/fields.ts';
import { administration, guardAdministration, sendAdmin } from './admin-directory.ts';
import type { AppDeps } from './deps.ts';
import { jsonObject } from './request-body.ts';

/**
 * `POST /spoor/admin/apply`: brings the directory to what `document` says, or with `dryRun` only tells what that would
 * take. Secrets and passwords that it made are in the answer, this once, and the ids of new applications.
 */
export async function adminApplyRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  guardAdministration(app, deps);
  app.post('/spoor/admin/apply', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    const shape = { document: (value: unknown) => readDocument(value), dryRun: flagField, prune: flagField };
    const { document, dryRun, prune } = readFields(jsonObject(request), shape);
    const plans = await planDirectory(parts, document ?? readDocument(undefined), {
      tenant,
      prune: prune === true,
    });
    const made = dryRun === true ? [] : await applyPlan(parts, plans);
    const value = plans.flatMap((plan) =>
      plan.steps.map(({ action, kind, name, changes }) => ({
        tenant: plan.tenant,
        action,
        kind,
        name,
        changes,
      })),
    );
    return sendAdmin(reply, { applied: dryRun !== true, steps: value, made });
  });
}
