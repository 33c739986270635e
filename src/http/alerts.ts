import type { FastifyInstance } from 'fastify';
import { familiesOf } from '../identity/resources.ts';
import { ALERTS } from '../identity/roles.ts';
import { listAlerts } from './alert-api.ts';
import { callerWith } from './any-permission.ts';
import { requireCommandLine } from './authenticate.ts';
import { DEFENDER_ROOTS } from './defender-roots.ts';
import type { AppDeps } from './deps.ts';
import { JSON_TYPE } from './errors.ts';
import { pullSiem } from './siem.ts';

/**
 * `GET /api/alerts`, with a version or without: one path, two services. A token for the SIEM's audience pulls raw detections; one for Defender's
 * lists alerts. The query string does not tell them apart: clients send `sinceTimeUtc` to both.
 */
export async function alertRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  for (const path of DEFENDER_ROOTS.flatMap((root) => [`${root}/alerts`, `${root}/alert`])) {
    app.get(path, async (request, reply) => {
      const caller = await callerWith(deps, request, ['siem', 'endpoint'], ALERTS.read);
      const isSiem = familiesOf(caller.audience, deps.address)?.includes('siem') === true;
      return await (isSiem ? pullSiem : listAlerts)(deps, request, reply, caller);
    });
  }
  // What a connector must be told: the URL that clients reach the server by.
  app.get('/spoor/admin/siem', async (request, reply) => {
    requireCommandLine(deps, request);
    return reply.type(JSON_TYPE).send({ url: deps.address.primary() });
  });
}
