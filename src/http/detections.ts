import type { FastifyInstance } from 'fastify';
import { WRITE_DETECTIONS } from '../identity/roles.ts';
import { RequestError } from '../model/request-error.ts';
import { callerOf } from './authenticate.ts';
import type { AppDeps } from './deps.ts';
import { JSON_TYPE } from './errors.ts';
import { idempotencyKey } from './idempotency-key.ts';
import { jsonValue, takeBytes } from './request-body.ts';

const MAX_DETECTIONS_BYTES = 64 * 1024 * 1024;

/** `POST /api/detections`: detections of other products. One object or an array; all of it or nothing. */
export async function detectionRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeBytes(app, MAX_DETECTIONS_BYTES);
  app.post(
    '/api/detections',
    {
      onRequest: async (request) => {
        request.caller = await callerOf(deps, request, ['ingest', 'siem'], WRITE_DETECTIONS);
      },
    },
    async (request, reply) => {
      const { caller } = request;
      if (caller === undefined) throw new Error('a route without a caller');
      const body = jsonValue(request);
      if (typeof body !== 'object' || body === null) {
        throw new RequestError('InvalidRequestBody', 400, 'Invalid request body');
      }
      const accepted = await deps.detection.accept({
        tenant: caller.tenant,
        body,
        idempotencyKey: idempotencyKey(request.headers['idempotency-key']),
      });
      return reply.type(JSON_TYPE).send(accepted);
    },
  );
}
