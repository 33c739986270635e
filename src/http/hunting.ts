import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HuntRequest } from '../hunting/run.ts';
import { defenderSchema } from '../hunting/shape.ts';
import { HUNT, HUNT_ANYWHERE, HUNT_ENDPOINT } from '../identity/roles.ts';
import type { Caller } from '../model/caller.ts';
import { RequestError } from '../model/request-error.ts';
import { callerWith } from './any-permission.ts';
import { callerOf } from './authenticate.ts';
import { clientGone } from './client-gone.ts';
import { DEFENDER_ROOTS } from './defender-roots.ts';
import type { AppDeps } from './deps.ts';
import { JSON_TYPE } from './errors.ts';
import { queryOf, takeBytes } from './request-body.ts';

/** Larger bodies are refused; a query never needs them. */
export const MAX_QUERY_BYTES = 4 * 1024 * 1024;

/**
 * The hunting APIs of Defender: `POST advancedhunting/run`, and Defender for Endpoint's `POST advancedqueries/run`, with
 * the query in the URL `GET advancedqueries?key=`, and `POST advancedqueries/schema`, which says the columns without
 * running. `GET /api` is asked for to see whether the service lives.
 * Sources: https://learn.microsoft.com/defender-xdr/api-advanced-hunting,
 * https://learn.microsoft.com/defender-endpoint/api/run-advanced-query-api and api-power-bi
 */
export async function huntingRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeBytes(app, MAX_QUERY_BYTES);
  const asHunter = {
    onRequest: async (request: FastifyRequest) => {
      request.caller = await callerOf(deps, request, ['hunting'], HUNT);
    },
  };
  const asEndpointHunter = {
    onRequest: async (request: FastifyRequest) => {
      request.caller = await callerOf(deps, request, ['endpoint'], HUNT_ENDPOINT);
    },
  };

  for (const root of DEFENDER_ROOTS) {
    app.get(root, async (request, reply) => {
      await callerOf(deps, request, ['hunting', 'endpoint', 'incidents', 'ingest', 'siem'], undefined);
      return reply.type(JSON_TYPE).send({});
    });
    app.post(`${root}/advancedhunting/run`, asHunter, (request, reply) =>
      hunt(deps, request, reply, request.caller),
    );
    app.post(`${root}/advancedqueries/run`, asEndpointHunter, (request, reply) =>
      hunt(deps, request, reply, request.caller),
    );
    app.get<{ Querystring: { key?: unknown } }>(
      `${root}/advancedqueries`,
      asEndpointHunter,
      (request, reply) => hunt(deps, request, reply, request.caller, { query: keyOf(request.query.key) }),
    );
    app.post(`${root}/advancedqueries/schema`, asEndpointHunter, async (request, reply) => {
      const { columns, close } = await deps.openHunt({
        caller: requiredCaller(request),
        query: queryOf(request),
      });
      close();
      const schema = defenderSchema({ columns, boolTypeName: deps.boolTypeName });
      return reply.type(JSON_TYPE).send(`{"Schema":${schema}}`);
    });
  }

  app.get('/spoor/quota', async (request, reply) => {
    const families = ['hunting', 'endpoint', 'graph', 'kusto'] as const;
    const caller = await callerWith(deps, request, families, HUNT_ANYWHERE);
    return reply
      .type(JSON_TYPE)
      .header('cache-control', 'no-store')
      .send({ tenant: caller.tenant, ...(await deps.quotaStanding(caller.tenant)) });
  });
}

function keyOf(key: unknown): string {
  if (typeof key === 'string' && key.trim() !== '') return key;
  throw new RequestError('MissingRequiredParameter', 400, 'Parameter key is missing');
}

/** The caller that a route's `onRequest` has set. */
export function requiredCaller({ caller }: FastifyRequest): Caller {
  if (caller === undefined) throw new Error('a hunting route without a caller');
  return caller;
}

/**
 * Runs the query of the body, or of `how`, for this caller and streams the answer. A client that goes away stops the
 * query.
 */
export async function hunt(
  deps: AppDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Caller | undefined,
  how: Partial<Pick<HuntRequest, 'query' | 'interval' | 'shape' | 'origin'>> = {},
): Promise<FastifyReply> {
  if (caller === undefined) throw new Error('a hunting route without a caller');
  const query = how.query ?? queryOf(request);
  const signal = clientGone(reply);
  request.audited = { query };
  const answer = await deps.runHunt({ ...how, caller, query, signal });
  if (answer.rowCount !== undefined) request.audited.rows = answer.rowCount;
  if (signal.aborted) {
    await answer.dispose();
    return reply.hijack();
  }
  const body = answer.body();
  const dispose = () => {
    answer
      .dispose()
      .catch((error: unknown) => request.log.error({ err: error }, 'an answer was not disposed of'));
  };
  if (Buffer.isBuffer(body)) dispose();
  else body.once('close', dispose);
  if (answer.truncated) reply.header('x-spoor-truncated', 'true');
  if (answer.warnings.length > 0) reply.header('x-spoor-warning', warningsHeader(answer.warnings));
  return reply.type(JSON_TYPE).header('content-length', String(answer.contentLength)).send(body);
}

const MAX_HEADER_CHARS = 4096;

/** A JSON array of texts, percent-encoded: a header holds no line breaks and no other alphabets. */
function warningsHeader(warnings: readonly string[]): string {
  for (let count = warnings.length; count > 0; count--) {
    const header = encodeURIComponent(JSON.stringify(warnings.slice(0, count)));
    if (header.length <= MAX_HEADER_CHARS) return header;
  }
  return encodeURIComponent('[]');
}
