import type { FastifyInstance } from 'fastify';
import { distrustIssuer, listTrustedIssuers, trustIssuer } from '../identity/directory/issuers.ts';
import { limitsOfTenant, setTenantLimits } from '../identity/directory/limits.ts';
import { existingTenant } from '../identity/directory/tenants.ts';
import { ISSUER_FIELDS, trustedIssuer } from '../identity/outside-issuers.ts';
import { readFields, textField } from '../model/fields.ts';
import { TENANT_LIMIT_FIELDS } from '../model/tenant-limits.ts';
import { administration, guardAdministration, type Named, removed, sendAdmin } from './admin-directory.ts';
import type { AppDeps } from './deps.ts';
import { jsonObject } from './request-body.ts';

/** A tenant's own limits, and the outside issuers whose tokens open it. */
export async function adminTenantSettingsRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  guardAdministration(app, deps);
  const { parts } = deps.directory;

  const limits = '/spoor/admin/tenants/:id/limits';
  const shown = async (id: string) => {
    const tenant = await existingTenant(parts, id);
    const own = (await limitsOfTenant(parts, tenant)) ?? {};
    return { tenant: tenant.id, own, standing: await deps.quotaStanding(tenant.id) };
  };
  app.get<Named>(limits, async (request, reply) => sendAdmin(reply, await shown(request.params.id)));
  app.put<Named>(limits, async (request, reply) => {
    const tenant = await existingTenant(parts, request.params.id);
    await setTenantLimits(parts, tenant, readFields(jsonObject(request), TENANT_LIMIT_FIELDS));
    return sendAdmin(reply, await shown(tenant.id));
  });
  app.delete<Named>(limits, async (request, reply) => {
    const tenant = await existingTenant(parts, request.params.id);
    await setTenantLimits(parts, tenant, undefined);
    return removed(reply, true, 'limits');
  });

  const issuers = '/spoor/admin/issuers';
  app.get(issuers, async (request, reply) => {
    const { tenant } = await administration(deps, request);
    return sendAdmin(reply, { value: await listTrustedIssuers(parts, tenant) });
  });
  app.put(issuers, async (request, reply) => {
    const { tenant } = await administration(deps, request);
    const fields = readFields(jsonObject(request), ISSUER_FIELDS);
    return sendAdmin(reply, await trustIssuer(parts, trustedIssuer(fields, tenant.id)));
  });
  // An issuer is named by its URL, which a path would take for more of itself.
  app.delete<{ Querystring: { readonly issuer?: unknown } }>(issuers, async (request, reply) => {
    const { tenant } = await administration(deps, request);
    const issuer = textField(request.query.issuer, '`issuer` of the query');
    return removed(reply, await distrustIssuer(parts, tenant, issuer), 'issuer');
  });
}
