import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HUNT_ANYWHERE } from '../../identity/roles.ts';
import { mirroredOrigin } from '../../identity/server-address.ts';
import { isHuntingDatabase } from '../../model/hunting-database.ts';
import { callerWith } from '../any-permission.ts';
import { clientGone } from '../client-gone.ts';
import type { AppDeps } from '../deps.ts';
import { challenge, JSON_TYPE } from '../errors.ts';
import { MAX_QUERY_BYTES, requiredCaller } from '../hunting.ts';
import { takeBytes } from '../request-body.ts';
import type { KustoAnswer } from './answer.ts';
import { answerCommand } from './command.ts';
import { unknownDatabase } from './database.ts';
import { kustoError } from './error.ts';
import { type RequestIdentity, timeText } from './identity.ts';
import { clientRequestId, type KustoRequest, kustoRequest } from './request.ts';
import { rowsToAskFor } from './rows-asked.ts';
import type { KustoTable, KustoTables } from './table.ts';
import { begin } from './under-way.ts';
import { v1Text } from './v1.ts';
import { v2Text } from './v2.ts';

/** The public client that Kusto's own SDKs sign in with. */
const KUSTO_CLIENT = 'db662dc1-0cfe-4e1c-a843-19a68e65be58';
const KUSTO_RESOURCE = 'https://kusto.kusto.windows.net';

/**
 * Kusto's REST interface over the tenant's tables, as the database `hunting`: `/v1/rest/query`, `/v2/rest/query`,
 * `/v1/rest/mgmt`, and `/v1/rest/auth/metadata`, which clients read before they have a token.
 * Source: https://learn.microsoft.com/kusto/api/rest/
 */
export async function kustoRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeBytes(app, MAX_QUERY_BYTES);
  const identities = new WeakMap<FastifyRequest, RequestIdentity>();
  const identityOf = (request: FastifyRequest) =>
    identities.get(request) ?? identity(deps, request, undefined);

  app.setErrorHandler((error, request, reply) => {
    const { status, body, message, retryAfterSeconds } = kustoError(error, request, identityOf(request));
    if (status === 401) reply.header('www-authenticate', challenge(deps.address.primary(), message));
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
    return reply.code(status).type(JSON_TYPE).send(body);
  });
  app.addHook('onSend', async (request, reply) => {
    const { activityId, clientRequestId: sent } = identityOf(request);
    reply.header('x-ms-activity-id', activityId).header('x-ms-client-request-id', sent);
  });

  app.get('/v1/rest/auth/metadata', async (request, reply) => {
    const origin = mirroredOrigin(deps.address, request.headers.host);
    return reply.type(JSON_TYPE).send({
      AzureAD: {
        LoginEndpoint: origin,
        LoginMfaRequired: false,
        KustoClientAppId: KUSTO_CLIENT,
        KustoClientRedirectUri: 'http://localhost',
        KustoServiceResourceId: KUSTO_RESOURCE,
        FirstPartyAuthorityUrl: `${origin}/${deps.defaultTenant ?? 'organizations'}`,
      },
    });
  });

  const asHunter = {
    onRequest: async (request: FastifyRequest) => {
      request.caller = await callerWith(deps, request, ['kusto'], HUNT_ANYWHERE);
    },
  };
  for (const [path, version, method] of [
    ['/v1/rest/query', 1, 'POST'],
    ['/v1/rest/query', 1, 'GET'],
    ['/v2/rest/query', 2, 'POST'],
    ['/v2/rest/query', 2, 'GET'],
    ['/v1/rest/mgmt', 1, 'POST'],
  ] as const) {
    app.route({
      method,
      url: path,
      ...asHunter,
      handler: async (request, reply) => {
        const asked = kustoRequest(request);
        identities.set(request, identity(deps, request, asked));
        request.audited = { query: asked.text };
        return send(deps, request, reply, asked, version, identityOf(request));
      },
    });
  }
}

function identity(deps: AppDeps, request: FastifyRequest, asked: KustoRequest | undefined): RequestIdentity {
  return {
    activityId: request.id,
    clientRequestId: asked?.clientRequestId ?? clientRequestId(request),
    database: asked?.database ?? '',
    startedAt: timeText(deps.clock.nowMs()),
    activity: asked?.text.trimStart().startsWith('.') === true ? 'mgmt' : 'query',
  };
}

/** Commands are taken on the query paths too, as some clients send them there. */
async function send(
  deps: AppDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  asked: KustoRequest,
  version: 1 | 2,
  named: RequestIdentity,
): Promise<FastifyReply> {
  const signal = clientGone(reply);
  const isCommand = named.activity === 'mgmt';
  const { tables, close } = isCommand
    ? await answerCommand(deps, requiredCaller(request), asked, signal)
    : await queryTables(deps, request, asked, signal);
  // Emitted when the answer has been sent, and when its connection broke.
  if (reply.raw.destroyed) close();
  else reply.raw.once('close', close);
  let isUnderWay = false;
  const { audited } = request;
  const answer: KustoAnswer = {
    identity: named,
    options: asked.options,
    tables: audited === undefined ? tables : tables.map((table) => counted(table, audited)),
    isUnderWay: () => isUnderWay,
    tell: (error) => kustoError(error, request, named),
  };
  const pieces = await begin(version === 1 ? v1Text(answer, isCommand) : v2Text(answer));
  isUnderWay = true;
  return reply.type(JSON_TYPE).send(Readable.from(pieces, { objectMode: false }));
}

/** The same table, whose rows are counted as they are read. */
function counted(table: KustoTable, audited: { rows?: number }): KustoTable {
  return {
    ...table,
    start() {
      const running = table.start();
      async function* rows() {
        for await (const batch of running.rows) {
          audited.rows = (audited.rows ?? 0) + batch.length;
          yield batch;
        }
      }
      return { ...running, rows: rows() };
    },
  };
}

async function queryTables(
  deps: AppDeps,
  request: FastifyRequest,
  asked: KustoRequest,
  signal: AbortSignal,
): Promise<KustoTables> {
  if (!isHuntingDatabase(asked.database)) throw unknownDatabase(asked.database);
  const { nowTicks, interval, timeoutMs } = asked.options;
  const hunt = await deps.openHunt({
    caller: requiredCaller(request),
    query: asked.text,
    signal,
    nowTicks,
    interval,
    timeoutMs,
    results: 'all',
    parameters: asked.parameters,
  });
  const tables = hunt.results.map(({ columns, visualization, run }) => ({
    columns,
    visualization,
    start: () => run(rowsToAskFor(asked)),
  }));
  return { tables, close: hunt.close };
}
