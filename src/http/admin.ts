import type { FastifyInstance, FastifyRequest } from 'fastify';
import { EXPLAIN_STAGES } from '../hunting/inspect.ts';
import type { FileProgress } from '../ingest/file-ingest.ts';
import { RequestError } from '../model/request-error.ts';
import { commandLineCaller, requireCommandLine } from './authenticate.ts';
import type { AppDeps } from './deps.ts';
import { JSON_TYPE } from './errors.ts';
import { hunt } from './hunting.ts';
import { type IngestRoute, ingest } from './ingest.ts';
import {
  type JsonObject,
  jsonObject,
  optionalText,
  ownMember,
  queryOf,
  requiredText,
  takeBytes,
  takeStream,
} from './request-body.ts';

const MAX_ADMIN_BYTES = 4 * 1024 * 1024;

/** The command line's routes, below `/spoor/admin`. The tenant is named by `X-Spoor-Tenant`. */
export async function adminRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeBytes(app, MAX_ADMIN_BYTES);
  app.addHook('onRequest', async (request) => requireCommandLine(deps, request));

  app.post('/spoor/admin/tenants', async (request, reply) => {
    const body = jsonObject(request);
    const { id, name, domain, created } = await deps.directory.createTenant({
      id: optionalText(body, 'id'),
      name: optionalText(body, 'name'),
      domain: optionalText(body, 'domain'),
    });
    return reply.type(JSON_TYPE).send({ tenant: id, name, domain, created });
  });

  app.post('/spoor/admin/apps', async (request, reply) => {
    const body = jsonObject(request);
    const tenant = optionalText(body, 'tenant') ?? (await commandLineCaller(deps, request)).tenant;
    const created = await deps.directory.createApplication({
      tenant,
      name: requiredText(body, 'name'),
      roles: rolesOf(body),
    });
    return reply.type(JSON_TYPE).header('cache-control', 'no-store').send(created);
  });

  app.post('/spoor/admin/query', async (request, reply) =>
    hunt(deps, request, reply, await commandLineCaller(deps, request)),
  );

  app.post('/spoor/admin/check', async (request, reply) => {
    const { tenant } = await commandLineCaller(deps, request);
    return reply.type(JSON_TYPE).send(await deps.checkQuery({ tenant, query: queryOf(request) }));
  });

  app.post('/spoor/admin/explain', async (request, reply) => {
    const { tenant } = await commandLineCaller(deps, request);
    const text = await deps.explainQuery({ tenant, query: queryOf(request), stage: stageOf(request) });
    return reply.type(JSON_TYPE).send({ ok: true, text });
  });
}

/** The same door for bodies that are streamed in. */
export async function adminIngestRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeStream(app);
  app.addHook('onRequest', async (request) => requireCommandLine(deps, request));
  const underWay = new Map<string, Map<string, FileProgress>>();

  app.post<IngestRoute>('/spoor/admin/ingest/:format', async (request, reply) => {
    const caller = await commandLineCaller(deps, request);
    const { progress } = request.query;
    if (typeof progress !== 'string') return ingest(deps, request, reply, caller);
    const files = new Map<string, FileProgress>();
    underWay.set(progress, files);
    try {
      return await ingest(deps, request, reply, caller, (at) => files.set(at.file, at));
    } finally {
      underWay.delete(progress);
    }
  });

  // How far the delivery has come that was sent with `?progress=<id>`, an id of the sender's making.
  app.get<{ Params: { readonly id: string } }>('/spoor/admin/progress/:id', async (request, reply) => {
    const files = [...(underWay.get(request.params.id)?.values() ?? [])];
    const sum = (member: 'bytes' | 'events') => files.reduce((total, file) => total + file[member], 0);
    return reply.type(JSON_TYPE).send({ bytes: sum('bytes'), events: sum('events') });
  });
}

function rolesOf(body: JsonObject): readonly string[] {
  const roles = ownMember(body, 'roles') ?? [];
  if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string')) {
    throw new RequestError('InvalidInput', 400, 'Invalid input: `roles` is not a list of texts');
  }
  return roles;
}

function stageOf(request: FastifyRequest) {
  const body = jsonObject(request);
  const wanted = optionalText(body, 'Stage') ?? requiredText(body, 'stage');
  const stage = EXPLAIN_STAGES.find((known) => known === wanted);
  if (stage === undefined) {
    throw new RequestError(
      'InvalidInput',
      400,
      `Invalid input: \`stage\` is not one of ${EXPLAIN_STAGES.join(', ')}`,
    );
  }
  return stage;
}
