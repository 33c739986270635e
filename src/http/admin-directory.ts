import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { APPLICATION_FIELDS, GROUP_FIELDS, USER_FIELDS } from '../identity/administration/fields.ts';
import { dismissApplication, listAdmittedApplications } from '../identity/directory/admitted-applications.ts';
import {
  changeApplication,
  existingApplication,
  listApplications,
  registerApplication,
  removeApplication,
} from '../identity/directory/applications.ts';
import {
  changeDeviceGroup,
  createDeviceGroup,
  type DeviceGroup,
  deviceGroupUsers,
  existingDeviceGroup,
  listDeviceGroups,
  removeDeviceGroup,
  setDeviceGroupUsers,
} from '../identity/directory/device-groups.ts';
import type { DirectoryParts } from '../identity/directory/parts.ts';
import {
  addTenantDomain,
  existingTenant,
  removeTenantDomain,
  type Tenant,
  tenantDomains,
} from '../identity/directory/tenants.ts';
import {
  changeUser,
  createUser,
  existingUser,
  listUsers,
  removeUser,
  setPassword,
  signOutEverywhere,
} from '../identity/directory/users.ts';
import { ROLES } from '../identity/roles.ts';
import { SCOPES } from '../identity/scopes.ts';
import { USER_ROLES } from '../identity/user-roles.ts';
import { needed, readFields, textField } from '../model/fields.ts';
import { RequestError } from '../model/request-error.ts';
import { commandLineCaller, requireCommandLine } from './authenticate.ts';
import type { AppDeps } from './deps.ts';
import { JSON_TYPE } from './errors.ts';
import { jsonObject, takeBytes } from './request-body.ts';

const MAX_ADMIN_BYTES = 4 * 1024 * 1024;

export interface Named {
  readonly Params: { readonly id: string };
}

/** An administrator's call: the directory, and the tenant of `X-Spoor-Tenant` or the default one. */
export interface Administration {
  readonly parts: DirectoryParts;
  readonly tenant: Tenant;
}

export async function administration(deps: AppDeps, request: FastifyRequest): Promise<Administration> {
  const { tenant } = await commandLineCaller(deps, request);
  const { parts } = deps.directory;
  return { parts, tenant: await existingTenant(parts, tenant) };
}

/** What names a secret is not kept by anyone on the way. */
export function sendAdmin(reply: FastifyReply, body: object): FastifyReply {
  return reply.type(JSON_TYPE).header('cache-control', 'no-store').send(body);
}

/** Body parsing and the door of the routes of administration. */
export function guardAdministration(app: FastifyInstance, deps: AppDeps): void {
  takeBytes(app, MAX_ADMIN_BYTES);
  app.addHook('onRequest', async (request) => requireCommandLine(deps, request));
}

/** Tenants, applications, users, device groups: `GET` lists, `POST` makes, `PATCH` changes, `DELETE` removes. */
export async function adminDirectoryRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  guardAdministration(app, deps);
  tenantRoutes(app, deps);
  applicationRoutes(app, deps);
  userRoutes(app, deps);
  groupRoutes(app, deps);
  app.get('/spoor/admin/roles', async (_request, reply) => {
    const described = (entries: Readonly<Record<string, string | { readonly allows: string }>>) =>
      Object.entries(entries).map(([name, entry]) => ({
        name,
        allows: typeof entry === 'string' ? entry : entry.allows,
      }));
    return sendAdmin(reply, {
      applicationRoles: described(ROLES),
      scopes: described(SCOPES),
      userRoles: described(USER_ROLES),
    });
  });
}

function tenantRoutes(app: FastifyInstance, deps: AppDeps): void {
  const { parts } = deps.directory;
  app.get('/spoor/admin/tenants', async (_request, reply) => {
    const tenants = await deps.directory.tenants();
    const value = await Promise.all(
      tenants.map(async (tenant) => ({
        id: tenant.id,
        name: tenant.name,
        domains: await tenantDomains(parts, tenant),
        isDefault: tenant.id === deps.defaultTenant,
      })),
    );
    return sendAdmin(reply, { value });
  });
  app.post<Named>('/spoor/admin/tenants/:id/domains', async (request, reply) => {
    const { domain } = readFields(jsonObject(request), { domain: textField });
    const tenant = await existingTenant(parts, request.params.id);
    await addTenantDomain(parts, tenant, needed(domain, 'domain'));
    return sendAdmin(reply, { tenant: tenant.id, domains: await tenantDomains(parts, tenant) });
  });
  app.delete<{ Params: { readonly id: string; readonly domain: string } }>(
    '/spoor/admin/tenants/:id/domains/:domain',
    async (request, reply) => {
      const tenant = await existingTenant(parts, request.params.id);
      return removed(reply, await removeTenantDomain(parts, tenant, request.params.domain), 'domain');
    },
  );
}

function applicationRoutes(app: FastifyInstance, deps: AppDeps): void {
  app.get('/spoor/admin/applications', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    return sendAdmin(reply, { value: await listApplications(parts, tenant) });
  });
  app.post('/spoor/admin/applications', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    const wanted = readFields(jsonObject(request), { id: textField, ...APPLICATION_FIELDS });
    const made = await registerApplication(parts, tenant, { ...wanted, name: needed(wanted.name, 'name') });
    return sendAdmin(reply.code(201), made);
  });
  app.get<Named>('/spoor/admin/applications/:id', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    return sendAdmin(reply, await existingApplication(parts, tenant, request.params.id));
  });
  app.patch<Named>('/spoor/admin/applications/:id', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    const settings = readFields(jsonObject(request), APPLICATION_FIELDS);
    return sendAdmin(reply, await changeApplication(parts, tenant, request.params.id, settings));
  });
  app.delete<Named>('/spoor/admin/applications/:id', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    return removed(reply, await removeApplication(parts, tenant.id, request.params.id), 'application');
  });
  app.get('/spoor/admin/admitted-applications', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    return sendAdmin(reply, { value: await listAdmittedApplications(parts, tenant) });
  });
  app.delete<Named>('/spoor/admin/admitted-applications/:id', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    return removed(reply, await dismissApplication(parts, tenant, request.params.id), 'application');
  });
}

function userRoutes(app: FastifyInstance, deps: AppDeps): void {
  app.get('/spoor/admin/users', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    return sendAdmin(reply, { value: await listUsers(parts, tenant) });
  });
  app.post('/spoor/admin/users', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    const shape = { upn: textField, password: textField, ...USER_FIELDS };
    const wanted = readFields(jsonObject(request), shape);
    return sendAdmin(
      reply.code(201),
      await createUser(parts, tenant, { ...wanted, upn: needed(wanted.upn, 'upn') }),
    );
  });
  app.get<Named>('/spoor/admin/users/:id', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    return sendAdmin(reply, await existingUser(parts, tenant, request.params.id));
  });
  app.patch<Named>('/spoor/admin/users/:id', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    const shape = { password: textField, ...USER_FIELDS };
    const { password, ...settings } = readFields(jsonObject(request), shape);
    const user = await changeUser(parts, tenant, request.params.id, settings);
    if (password === undefined) return sendAdmin(reply, user);
    await setPassword(parts, tenant, user.id, password);
    return sendAdmin(reply, await existingUser(parts, tenant, user.id));
  });
  app.post<Named>('/spoor/admin/users/:id/sign-out', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    const user = await existingUser(parts, tenant, request.params.id);
    await signOutEverywhere(parts, user.id);
    return sendAdmin(reply, { id: user.id, signedOut: true });
  });
  app.delete<Named>('/spoor/admin/users/:id', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    await removeUser(parts, tenant, request.params.id);
    return removed(reply, true, 'user');
  });
}

function groupRoutes(app: FastifyInstance, deps: AppDeps): void {
  app.get('/spoor/admin/groups', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    const groups = await listDeviceGroups(parts, tenant);
    const value = await Promise.all(groups.map((group) => shownGroup(parts, tenant, group)));
    return sendAdmin(reply, { value });
  });
  app.post('/spoor/admin/groups', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    const { users, ...wanted } = readFields(jsonObject(request), GROUP_FIELDS);
    // Before anything is made: a group of people who are not there would be half a group.
    for (const user of users ?? []) await existingUser(parts, tenant, user);
    const group = await createDeviceGroup(parts, tenant, { ...wanted, name: needed(wanted.name, 'name') });
    if (users !== undefined) await setDeviceGroupUsers(parts, tenant, group.id, users);
    return sendAdmin(reply.code(201), await shownGroup(parts, tenant, group));
  });
  app.get<Named>('/spoor/admin/groups/:id', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    const group = await existingDeviceGroup(parts, tenant, request.params.id);
    return sendAdmin(reply, await shownGroup(parts, tenant, group));
  });
  app.patch<Named>('/spoor/admin/groups/:id', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    const { users, ...settings } = readFields(jsonObject(request), GROUP_FIELDS);
    for (const user of users ?? []) await existingUser(parts, tenant, user);
    const group = await changeDeviceGroup(parts, tenant, request.params.id, settings);
    if (users !== undefined) await setDeviceGroupUsers(parts, tenant, group.id, users);
    return sendAdmin(reply, await shownGroup(parts, tenant, group));
  });
  app.delete<Named>('/spoor/admin/groups/:id', async (request, reply) => {
    const { parts, tenant } = await administration(deps, request);
    return removed(reply, await removeDeviceGroup(parts, tenant, request.params.id), 'device group');
  });
}

/** With the sign-in names of its users. */
async function shownGroup(parts: DirectoryParts, tenant: Tenant, group: DeviceGroup): Promise<object> {
  const ids = await deviceGroupUsers(parts, group);
  const users = await Promise.all(ids.map((id) => existingUser(parts, tenant, id)));
  return { ...group, users: users.map(({ upn }) => upn).sort() };
}

export function removed(reply: FastifyReply, wasThere: boolean, what: string): FastifyReply {
  if (!wasThere) throw new RequestError('ResourceNotFound', 404, `Resource ${what} was not found`);
  return reply.code(204).send();
}
