import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { RequestError } from '../model/request-error.ts';
import { commandLineCaller, requireCommandLine } from './authenticate.ts';
import type { AppDeps } from './deps.ts';
import { JSON_TYPE } from './errors.ts';
import { jsonObject, optionalText, requiredText, takeBytes, takeStream } from './request-body.ts';

const MAX_FUNCTION_BYTES = 1024 * 1024;

interface ByName {
  readonly Params: { readonly name: string };
}

/** Saved functions of the tenant named by `X-Spoor-Tenant`. */
export async function functionRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeBytes(app, MAX_FUNCTION_BYTES);
  app.addHook('onRequest', async (request) => requireCommandLine(deps, request));

  app.get('/spoor/admin/functions', async (request, reply) => {
    const { tenant } = await commandLineCaller(deps, request);
    return reply.type(JSON_TYPE).send({ functions: await deps.functions.list(tenant) });
  });

  app.put<ByName>('/spoor/admin/functions/:name', async (request, reply) => {
    const { tenant } = await commandLineCaller(deps, request);
    const body = jsonObject(request);
    const saved = await deps.functions.put(tenant, {
      name: request.params.name,
      parameters: optionalText(body, 'parameters') ?? '()',
      body: requiredText(body, 'body'),
      folder: optionalText(body, 'folder') ?? '',
      docstring: optionalText(body, 'docstring') ?? '',
    });
    return reply.type(JSON_TYPE).send(saved);
  });

  app.delete<ByName>('/spoor/admin/functions/:name', async (request, reply) => {
    const { tenant } = await commandLineCaller(deps, request);
    await deps.functions.remove(tenant, request.params.name);
    return reply.code(204).send();
  });
}

/** Watchlists of the same tenant. An upload is a CSV, whatever its content type says. */
export async function watchlistRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeStream(app);
  app.addHook('onRequest', async (request) => requireCommandLine(deps, request));

  app.get('/spoor/admin/watchlists', async (request, reply) => {
    const { tenant } = await commandLineCaller(deps, request);
    const watchlists = await deps.watchlists.list(tenant);
    return reply.type(JSON_TYPE).send({ watchlists: watchlists.map(({ table: _table, ...shown }) => shown) });
  });

  app.put<ByName & { Querystring: Readonly<Record<string, unknown>> }>(
    '/spoor/admin/watchlists/:name',
    async (request, reply) => {
      const { tenant } = await commandLineCaller(deps, request);
      if (request.body === undefined)
        throw new RequestError('InvalidRequestBody', 400, 'Invalid request body');
      const { table: _table, ...shown } = await deps.watchlists.put(tenant, {
        alias: request.params.name,
        name: textOf(request.query, 'name'),
        searchKey: textOf(request.query, 'searchKey'),
        body: request.body as Readable,
      });
      return reply.type(JSON_TYPE).send(shown);
    },
  );

  app.delete<ByName>('/spoor/admin/watchlists/:name', async (request, reply) => {
    const { tenant } = await commandLineCaller(deps, request);
    await deps.watchlists.remove(tenant, request.params.name);
    return reply.code(204).send();
  });
}

function textOf(query: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(query, name) ? query[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
