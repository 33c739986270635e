import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { seesDevices } from '../detection/visible.ts';
import type { Caller } from '../model/caller.ts';
import { RequestError } from '../model/request-error.ts';
import type { AppDeps } from './deps.ts';
import { JSON_TYPE } from './errors.ts';
import { readSiemQuery, type SiemQuery } from './siem-query.ts';

/**
 * The SIEM pull: every detection of the interval as it is, a bare JSON array on one line, newest first. A user of device
 * groups gets those of the groups' devices and those about none, as with alerts.
 */
export async function pullSiem(
  deps: AppDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Caller,
): Promise<FastifyReply> {
  const { since, until, limit, machineGroups, deviceTag, cloudTag } = queryOf(deps, request);
  const sinceInclusive = deps.siem.bounds === 'since-inclusive';
  const scope = await deps.deviceScope(caller);
  const pieces = deps.detection.pull({
    tenant: caller.tenant,
    bounds: { since, until, sinceInclusive, untilInclusive: !sinceInclusive },
    filter: { machineGroups, deviceTag, cloudTag },
    sees: scope === undefined ? undefined : seesDevices(scope),
    limit,
    publicUrl: deps.address.primary(),
  });
  // The first piece comes before the status line: what cannot be read at all is answered as such.
  const first = await pieces.next();
  return reply.type(JSON_TYPE).send(Readable.from(joined(first, pieces), { objectMode: false }));
}

async function* joined(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<Buffer> {
  if (first.done !== true) yield Buffer.from(first.value);
  for await (const piece of rest) yield Buffer.from(piece);
}

/** The service's page explains 401 as a malformed request or an invalid token: a setting answers so. */
function queryOf(deps: AppDeps, request: FastifyRequest): SiemQuery {
  try {
    return readSiemQuery(request.query, deps.clock.nowMs());
  } catch (error) {
    if (!(error instanceof RequestError) || deps.siem.malformedStatus === 400) throw error;
    throw new RequestError(error.code, deps.siem.malformedStatus, error.message);
  }
}
