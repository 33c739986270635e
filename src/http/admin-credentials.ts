import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CONSENT_FIELDS, SECRET_FIELDS } from '../identity/administration/fields.ts';
import { type Application, applicationIn, existingApplication } from '../identity/directory/applications.ts';
import { addCertificate, listCertificates, removeCertificate } from '../identity/directory/certificates.ts';
import { grantConsent, listConsents, revokeConsent } from '../identity/directory/consents.ts';
import { addSecret, listSecrets, removeSecret } from '../identity/directory/secrets.ts';
import { existingUser } from '../identity/directory/users.ts';
import { needed, readFields, textField } from '../model/fields.ts';
import { RequestError } from '../model/request-error.ts';
import {
  type Administration,
  administration,
  guardAdministration,
  type Named,
  removed,
  sendAdmin,
} from './admin-directory.ts';
import type { AppDeps } from './deps.ts';
import { jsonObject } from './request-body.ts';

interface NamedPart {
  readonly Params: { readonly id: string; readonly part: string };
}

const BASE = '/spoor/admin/applications/:id';

/** What an application proves itself with, and what it may do for users. A secret is in the answer that makes it, never again. */
export async function adminCredentialRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  guardAdministration(app, deps);

  async function ownApplication(
    request: FastifyRequest<Named>,
  ): Promise<Administration & { app: Application }> {
    const found = await administration(deps, request);
    return { ...found, app: await existingApplication(found.parts, found.tenant, request.params.id) };
  }

  app.get<Named>(`${BASE}/secrets`, async (request, reply) => {
    const { parts, app: owner } = await ownApplication(request);
    return sendAdmin(reply, { value: await listSecrets(parts, owner) });
  });
  app.post<Named>(`${BASE}/secrets`, async (request, reply) => {
    const { parts, app: owner } = await ownApplication(request);
    const wanted = readFields(jsonObject(request), SECRET_FIELDS);
    return sendAdmin(reply.code(201), await addSecret(parts, owner, wanted));
  });
  app.delete<NamedPart>(`${BASE}/secrets/:part`, async (request, reply) => {
    const { parts, app: owner } = await ownApplication(request);
    return removed(reply, await removeSecret(parts, owner, request.params.part), 'secret');
  });

  app.get<Named>(`${BASE}/certificates`, async (request, reply) => {
    const { parts, app: owner } = await ownApplication(request);
    return sendAdmin(reply, { value: await listCertificates(parts, owner) });
  });
  app.post<Named>(`${BASE}/certificates`, async (request, reply) => {
    const { parts, app: owner } = await ownApplication(request);
    const { pem, name } = readFields(jsonObject(request), { pem: textField, name: textField });
    return sendAdmin(reply.code(201), await addCertificate(parts, owner, needed(pem, 'pem'), name));
  });
  app.delete<NamedPart>(`${BASE}/certificates/:part`, async (request, reply) => {
    const { parts, app: owner } = await ownApplication(request);
    return removed(reply, await removeCertificate(parts, owner, request.params.part), 'certificate');
  });

  /** Consent is given to another tenant's application, too, once it was admitted. */
  async function seenApplication(
    request: FastifyRequest<Named>,
  ): Promise<Administration & { app: Application }> {
    const found = await administration(deps, request);
    const seen = await applicationIn(found.parts, found.tenant.id, request.params.id);
    if (seen === undefined)
      throw new RequestError('ResourceNotFound', 404, 'Resource application was not found');
    return { ...found, app: seen };
  }

  app.get<Named>(`${BASE}/consents`, async (request, reply) => {
    const { parts, tenant, app: client } = await seenApplication(request);
    return sendAdmin(reply, { value: await listConsents(parts, tenant, client) });
  });
  app.post<Named>(`${BASE}/consents`, async (request, reply) => {
    const { parts, tenant, app: client } = await seenApplication(request);
    const wanted = readFields(jsonObject(request), CONSENT_FIELDS);
    const user = wanted.user === undefined ? undefined : (await existingUser(parts, tenant, wanted.user)).id;
    await grantConsent(parts, tenant, client, {
      user,
      api: needed(wanted.api, 'api'),
      scopes: needed(wanted.scopes, 'scopes'),
    });
    return sendAdmin(reply.code(201), { value: await listConsents(parts, tenant, client) });
  });
  app.delete<Named & { Querystring: { readonly user?: unknown } }>(
    `${BASE}/consents`,
    async (request, reply) => {
      const { parts, tenant, app: client } = await seenApplication(request);
      const { user } = request.query;
      const id = typeof user === 'string' ? (await existingUser(parts, tenant, user)).id : undefined;
      return removed(reply, (await revokeConsent(parts, tenant, client, id)) > 0, 'consent');
    },
  );
}
