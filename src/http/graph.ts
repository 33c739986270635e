import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { schemaType } from '../hunting/shape.ts';
import { HUNT_GRAPH } from '../identity/roles.ts';
import { mirroredOrigin } from '../identity/server-address.ts';
import type { KqlType } from '../model/kql-type.ts';
import { RequestError } from '../model/request-error.ts';
import { callerOf } from './authenticate.ts';
import type { AppDeps } from './deps.ts';
import { challenge, JSON_TYPE, publicError } from './errors.ts';
import { hunt, MAX_QUERY_BYTES, requiredCaller } from './hunting.ts';
import { parseInterval } from './iso-interval.ts';
import { functionArguments } from './odata-call.ts';
import { readParameters } from './parameter-list.ts';
import { type JsonObject, jsonObject, takeBytes } from './request-body.ts';

/** Graph's action with the namespace before it is what its SDKs write. */
const ACTIONS = ['runHuntingQuery', 'microsoft.graph.security.runHuntingQuery'];

/**
 * Microsoft Graph: `POST /v1.0/security/runHuntingQuery`, the beta version's function `getRunHuntingQuery(query='...')`
 * and its `getHuntingSchema`. Errors are in Graph's envelope.
 * Sources: https://learn.microsoft.com/graph/api/security-security-runhuntingquery and, in beta,
 * security-getrunhuntingquery, security-gethuntingschema
 */
export async function graphRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeBytes(app, MAX_QUERY_BYTES);
  app.setErrorHandler((error, request, reply) => sendGraphError(deps, error, request, reply));
  const asHunter = {
    onRequest: async (request: FastifyRequest) => {
      request.caller = await callerOf(deps, request, ['graph'], HUNT_GRAPH);
    },
  };
  const run = (request: FastifyRequest, reply: FastifyReply, query: unknown, timespan: unknown) => {
    if (typeof query !== 'string' || query.trim() === '') {
      throw new RequestError('BadRequest', 400, 'Missing query.');
    }
    return hunt(deps, request, reply, request.caller, {
      query,
      interval: intervalOf(timespan, deps.clock.nowMs()),
      shape: 'graph',
      origin: mirroredOrigin(deps.address, request.headers.host),
    });
  };

  for (const version of ['v1.0', 'beta']) {
    for (const action of ACTIONS) {
      app.post(`/${version}/security/${action}`, asHunter, (request, reply) => {
        const body = jsonObject(request);
        return run(request, reply, anyCase(body, 'query'), anyCase(body, 'timespan'));
      });
    }
  }
  for (const name of ['getRunHuntingQuery', 'microsoft.graph.security.getRunHuntingQuery']) {
    app.get(`/beta/security/${name}*`, asHunter, (request, reply) => {
      const given = functionArguments(request.url);
      return run(request, reply, given.get('query'), given.get('timespan'));
    });
  }
  app.get('/beta/security/getHuntingSchema', asHunter, async (request, reply) =>
    reply.type(JSON_TYPE).send(await huntingSchema(deps, requiredCaller(request).tenant)),
  );
}

/** Graph takes the members of a body in any case. */
function anyCase(body: JsonObject, name: string): unknown {
  return Object.entries(body).find(([member]) => member.toLowerCase() === name)?.[1];
}

function intervalOf(timespan: unknown, nowMs: number) {
  if (timespan === undefined || timespan === null || timespan === '') return undefined;
  if (typeof timespan !== 'string') {
    throw new RequestError('InvalidInput', 400, 'Invalid input: `Timespan` is not text');
  }
  return parseInterval(timespan, nowMs, 'Timespan');
}

async function huntingSchema(deps: AppDeps, tenant: string): Promise<object> {
  const dataType = (type: KqlType) => schemaType(type, deps.boolTypeName);
  const saved = await deps.functions.list(tenant);
  return {
    tables: [...deps.catalog.tables.values()].map(({ name, description, columns }) => ({
      name,
      description,
      columns: columns.map((column) => ({
        name: column.name,
        dataType: dataType(column.type),
        description: column.description,
      })),
    })),
    functions: {
      builtInFunctions: deps.builtInFunctions.map(({ name, parameters, columns = [] }, place) => ({
        huntingFunctionId: String(place + 1),
        name,
        path: 'Enrichment',
        documentation: '',
        inputParameters: inputParameters(parameters),
        outputColumns: columns.map((column) => ({
          name: column.name,
          dataType: dataType(column.type),
          description: '',
        })),
      })),
      savedFunctions: saved.map(({ name, parameters, folder, docstring, updatedAt }) => ({
        huntingFunctionId: name,
        name,
        path: folder,
        description: docstring,
        lastModifiedDateTime: updatedAt,
        inputParameters: inputParameters(parameters),
        outputColumns: [],
      })),
    },
  };
}

function inputParameters(parameters: string): readonly object[] {
  return readParameters(parameters).map(({ name, type, fallback }) => ({
    name,
    cslType: type,
    defaultValue: fallback ?? null,
  }));
}

/** What Graph calls some of the failures. */
const GRAPH_CODES: Readonly<Record<string, string>> = {
  Unauthorized: 'InvalidAuthenticationToken',
  InvalidRequestBody: 'BadRequest',
  InvalidInput: 'BadRequest',
  InternalServerError: 'UnknownError',
};

export function sendGraphError(
  deps: AppDeps,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const sent = publicError(error, request);
  const sentId = request.headers['client-request-id'];
  const ids = {
    date: new Date(deps.clock.nowMs()).toISOString().slice(0, 19),
    'request-id': request.id,
    'client-request-id':
      typeof sentId === 'string' && /^[\x20-\x7e]{1,128}$/.test(sentId) ? sentId : request.id,
  };
  const code = GRAPH_CODES[sent.code] ?? sent.code;
  // Graph says which limit it was one level down.
  const tooMany = sent.status === 429;
  const body = {
    error: {
      code,
      message: tooMany ? 'Please retry again later.' : sent.message,
      innerError: tooMany ? { code: '429', ...ids, message: sent.message, status: '429' } : ids,
    },
  };
  if (sent.status === 401) {
    reply.header('www-authenticate', challenge(deps.address.primary(), sent.message));
  }
  if (sent.retryAfterSeconds !== undefined) reply.header('retry-after', String(sent.retryAfterSeconds));
  return reply.code(sent.status).type(JSON_TYPE).send(body);
}
