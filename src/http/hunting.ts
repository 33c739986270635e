import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HUNT } from '../identity/roles.ts';
import type { Caller } from '../model/caller.ts';
import { callerOf } from './authenticate.ts';
import { clientGone } from './client-gone.ts';
import type { AppDeps } from './deps.ts';
import { JSON_TYPE } from './errors.ts';
import { queryOf, takeBytes } from './request-body.ts';

const MAX_QUERY_BYTES = 4 * 1024 * 1024;

/**
 * `POST /api/advancedhunting/run`, and `GET /api`, which some clients ask for to see whether the service lives.
 * Source: https://learn.microsoft.com/defender-xdr/api-advanced-hunting
 */
export async function huntingRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeBytes(app, MAX_QUERY_BYTES);
  app.get('/api', async (request, reply) => {
    await callerOf(deps, request, ['hunting', 'endpoint', 'incidents', 'ingest', 'siem'], undefined);
    return reply.type(JSON_TYPE).send({});
  });
  app.post(
    '/api/advancedhunting/run',
    {
      onRequest: async (request) => {
        request.caller = await callerOf(deps, request, ['hunting'], HUNT);
      },
    },
    (request, reply) => hunt(deps, request, reply, request.caller),
  );
}

/** Runs the query of the body for this caller and streams the answer. A client that goes away stops the query. */
export async function hunt(
  deps: AppDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Caller | undefined,
): Promise<FastifyReply> {
  if (caller === undefined) throw new Error('a hunting route without a caller');
  const query = queryOf(request);
  const signal = clientGone(reply);
  const answer = await deps.runHunt({ caller, query, signal });
  if (signal.aborted) {
    await answer.dispose();
    return reply.hijack();
  }
  const body = answer.body();
  body.once('close', () => {
    answer
      .dispose()
      .catch((error: unknown) => request.log.error({ err: error }, 'an answer was not disposed of'));
  });
  if (answer.truncated) reply.header('x-spoor-truncated', 'true');
  if (answer.warnings.length > 0) reply.header('x-spoor-warnings', warningsHeader(answer.warnings));
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
