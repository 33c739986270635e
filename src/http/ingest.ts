import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { INGEST } from '../identity/roles.ts';
import type { FileProgress } from '../ingest/file-ingest.ts';
import { INGEST_FORMATS } from '../ingest/route.ts';
import type { Caller } from '../model/caller.ts';
import { RequestError } from '../model/request-error.ts';
import { callerOf } from './authenticate.ts';
import { clientGone } from './client-gone.ts';
import type { AppDeps } from './deps.ts';
import { JSON_TYPE } from './errors.ts';
import { idempotencyKey } from './idempotency-key.ts';
import { inflatedBody } from './inflate.ts';
import { takeStream } from './request-body.ts';

export interface IngestRoute {
  readonly Params: { readonly format: string };
  readonly Querystring: {
    readonly table?: unknown;
    readonly name?: unknown;
    readonly rebase?: unknown;
    readonly progress?: unknown;
  };
}

/** `POST /api/ingest/{auto|records|csv|windows}[?table=T]`: the body is streamed, the answer is the counts. */
export async function ingestRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeStream(app);
  app.post<IngestRoute>(
    '/api/ingest/:format',
    {
      onRequest: async (request) => {
        request.caller = await callerOf(deps, request, ['ingest'], INGEST);
      },
    },
    (request, reply) => ingest(deps, request, reply, request.caller),
  );
}

/** Streams the body of a request into the tenant of this caller. */
export async function ingest(
  deps: AppDeps,
  request: FastifyRequest<IngestRoute>,
  reply: FastifyReply,
  caller: Caller | undefined,
  onProgress?: (progress: FileProgress) => void,
): Promise<FastifyReply> {
  if (caller === undefined) throw new Error('an ingest route without a caller');
  const wanted = request.params.format.toLowerCase();
  const format = INGEST_FORMATS.find((known) => known === wanted);
  if (format === undefined) {
    throw new RequestError(
      'ResourceNotFound',
      404,
      `Resource format was not found: ${INGEST_FORMATS.join(', ')}`,
    );
  }
  const body = inflatedBody(request.raw, request.headers, deps.ingestLimits);
  try {
    const counts = await deps.ingestStream({
      tenant: caller.tenant,
      format,
      table: one(request.query.table, 'table'),
      idempotencyKey: idempotencyKey(request.headers['idempotency-key']),
      name: one(request.query.name, 'name') ?? request.id,
      body,
      rebase: isRebased(one(request.query.rebase, 'rebase')),
      signal: clientGone(reply),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    return reply.type(JSON_TYPE).send(counts);
  } finally {
    body.on('error', () => undefined);
    body.destroy();
  }
}

/** A query parameter that may come once. */
function one(value: unknown, name: string): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string')
    throw new RequestError('InvalidInput', 400, `Invalid input: \`${name}\` is repeated`);
  return value;
}

function isRebased(value: string | undefined): boolean {
  if (value === undefined) return false;
  if (value === 'now') return true;
  throw new RequestError('InvalidInput', 400, 'Invalid input: `rebase` is `now` or left out');
}
