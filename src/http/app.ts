import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import Fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import type { Caller } from '../model/caller.ts';
import { RequestError } from '../model/request-error.ts';
import { adminIngestRoutes, adminRoutes } from './admin.ts';
import { adminApplyRoutes } from './admin-apply.ts';
import { adminCredentialRoutes } from './admin-credentials.ts';
import { adminDirectoryRoutes } from './admin-directory.ts';
import { adminTenantSettingsRoutes } from './admin-tenant-settings.ts';
import { alertApiRoutes } from './alert-api.ts';
import { alertPageRoutes } from './alert-page.ts';
import { alertRoutes } from './alerts.ts';
import { auditCalls } from './audit.ts';
import type { AppDeps } from './deps.ts';
import { detectionRoutes } from './detections.ts';
import { apiErrorBody, JSON_TYPE, sendApiError } from './errors.ts';
import { graphRoutes } from './graph.ts';
import { huntingRoutes } from './hunting.ts';
import { ingestRoutes } from './ingest.ts';
import { kustoRoutes } from './kusto/routes.ts';
import { functionRoutes, watchlistRoutes } from './library.ts';
import { countAnswers } from './metrics.ts';
import { oauthRoutes, sendOAuthError } from './oauth.ts';
import { oauthPageRoutes } from './oauth-pages.ts';
import { describeRoutes } from './openapi/routes.ts';
import { graphRuleRoutes } from './rule-graph.ts';
import { ruleRoutes } from './rules.ts';
import { siteRoutes } from './site.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the route's authentication, before its body is read. */
    caller: Caller | undefined;
  }
}

const MAX_URL_SEGMENT_CHARS = 2048;
const COMPRESS_FROM_BYTES = 1024;
/** Headers by which clients name a request in their own logs. */
const ECHOED_IDS = ['client-request-id', 'x-ms-client-request-id'];

type Family = (app: FastifyInstance, deps: AppDeps) => Promise<void>;

/** Every API family, each in its own scope: body parsers and error forms do not cross. */
const FAMILIES: readonly Family[] = [
  siteRoutes,
  oauthRoutes,
  oauthPageRoutes,
  huntingRoutes,
  graphRoutes,
  kustoRoutes,
  ingestRoutes,
  alertRoutes,
  alertApiRoutes,
  alertPageRoutes,
  detectionRoutes,
  ruleRoutes,
  graphRuleRoutes,
  adminRoutes,
  adminIngestRoutes,
  adminDirectoryRoutes,
  adminTenantSettingsRoutes,
  adminCredentialRoutes,
  adminApplyRoutes,
  functionRoutes,
  watchlistRoutes,
];

/**
 * The HTTP server, not yet listening. Paths are taken in any case, with a trailing slash or doubled ones, as real
 * clients send them. Every request has a GUID: `target` of its error, and the key to its lines in the log.
 */
export function buildApp(deps: AppDeps): FastifyInstance {
  const { tls, trustedProxies = [] } = deps.connection ?? {};
  const app: FastifyInstance = Fastify({
    // The instance's type tells HTTP from HTTPS, which nothing here needs to know.
    ...((tls === undefined ? {} : { https: tls }) as object),
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    routerOptions: {
      caseSensitive: false,
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
      maxParamLength: MAX_URL_SEGMENT_CHARS,
    },
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => {
      sendApiError(error, request, reply, deps.address.primary());
    },
    clientErrorHandler: answerBrokenHttp,
  });
  app.decorateRequest('caller', undefined);
  if (trustedProxies.length > 0) {
    // The name that the client asked for, where a trusted proxy tells it; everyone reads it from the one header.
    app.addHook('onRequest', async (request) => {
      request.raw.headers.host = request.host;
    });
  }
  describeRoutes(app, deps.version);
  countAnswers(app, deps);
  auditCalls(app, deps);
  // gzip and deflate for those who ask; never br, which some clients cannot read and none of ours needs.
  app.register(compress, {
    encodings: ['gzip', 'deflate'],
    threshold: COMPRESS_FROM_BYTES,
    // A better level takes longer than the query did and saves a tenth.
    zlibOptions: { level: constants.Z_BEST_SPEED },
    globalDecompression: false,
  });
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('request-id', request.id);
    for (const name of ECHOED_IDS) {
      const sent = request.headers[name];
      if (typeof sent === 'string' && /^[\x21-\x7e]{1,256}$/.test(sent)) reply.header(name, sent);
    }
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        tenant: request.caller?.tenant,
        app: request.caller?.app,
      },
      'request',
    );
  });
  const primary = () => deps.address.primary();
  app.setErrorHandler((error, request, reply) => sendApiError(error, request, reply, primary()));
  app.setNotFoundHandler((request, reply) => {
    const error = new RequestError('NotFound', 404, 'The resource was not found');
    if (isOAuthPath(request)) return sendOAuthError(deps, error, request, reply);
    return sendApiError(error, request, reply, primary());
  });
  app.get('/health/live', async (_request, reply) => reply.type(JSON_TYPE).send({ live: true }));
  for (const path of ['/health/ready', '/healthz']) {
    app.get(path, async (_request, reply) => {
      const ready = await deps.isReady();
      return reply
        .code(ready ? 200 : 503)
        .type(JSON_TYPE)
        .send({ ready });
    });
  }
  for (const family of FAMILIES) app.register(async (scope) => family(scope, deps));
  return app;
}

function isOAuthPath(request: FastifyRequest): boolean {
  return /^\/+[^/?]+\/+(oauth2|discovery|v2\.0|\.well-known|adminconsent)(\/|\?|$)/i.test(request.url);
}

/** What is no HTTP still gets an answer in form, and nothing of the parser's words. */
function answerBrokenHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const tooLong = error.code === 'HPE_HEADER_OVERFLOW';
  const slow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const [status, code] = tooLong
    ? ['431 Request Header Fields Too Large', 'RequestHeaderFieldsTooLarge']
    : slow
      ? ['408 Request Timeout', 'RequestTimeout']
      : ['400 Bad Request', 'BadRequest'];
  const body = JSON.stringify(apiErrorBody({ code, message: 'The request is malformed' }, randomUUID()));
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}
