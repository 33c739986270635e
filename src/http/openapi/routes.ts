import type { FastifyInstance } from 'fastify';
import { JSON_TYPE } from '../errors.ts';
import { type KnownRoute, openApiDocument } from './document.ts';

/**
 * `GET /spoor/openapi.json`: the description of every route, the ones registered later too. Must be called before any
 * route is registered.
 */
export function describeRoutes(app: FastifyInstance, version: string): void {
  const routes: KnownRoute[] = [];
  let text: string | undefined;
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of Array.isArray(method) ? method : [method]) routes.push({ method: each, url });
  });
  app.get('/spoor/openapi.json', async (_request, reply) => {
    text ??= `${JSON.stringify(openApiDocument(routes, version), undefined, 2)}\n`;
    return reply.type(JSON_TYPE).send(text);
  });
}
