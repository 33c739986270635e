import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { issueDeviceCode } from '../identity/device-code.ts';
import { discoveryDocument, instanceDocument } from '../identity/discovery.ts';
import { OAuthError, oauthErrorBody } from '../identity/oauth-error.ts';
import { mirroredOrigin } from '../identity/server-address.ts';
import { requiredTenant, type TokenRequest } from '../identity/token-request.ts';
import { userInfo } from '../identity/user-info.ts';
import { auditUser } from './audit.ts';
import type { AppDeps } from './deps.ts';
import { JSON_TYPE, publicError, sendApiError } from './errors.ts';
import { basicCredentials, parseForm } from './form.ts';
import { DEVICE_PATH } from './oauth-device.ts';
import { takeBytes } from './request-body.ts';

const MAX_FORM_BYTES = 64 * 1024;

interface TenantPath {
  readonly Params: { readonly tenant: string };
}

/** The token endpoints, discovery and keys. Errors are in the directory's form. */
export async function oauthRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeBytes(app, MAX_FORM_BYTES);
  app.setErrorHandler((error, request, reply) => sendOAuthError(deps, error, request, reply));

  for (const [path, endpoint] of [
    ['/:tenant/oauth2/token', 1],
    ['/:tenant/oauth2/v2.0/token', 2],
  ] as const) {
    app.post<TenantPath>(path, async (request, reply) => {
      const answer = await deps.tokens.token(tokenRequest(deps, request, endpoint));
      return secretAnswer(reply).send(answer);
    });
    app.get<TenantPath>(path, async () => {
      throw new OAuthError('postOnly', 'The endpoint only accepts POST requests. Received a GET request.');
    });
  }

  for (const [path, endpoint] of [
    ['/:tenant/oauth2/devicecode', 1],
    ['/:tenant/oauth2/v2.0/devicecode', 2],
  ] as const) {
    app.post<TenantPath>(path, async (request, reply) => {
      const asked = tokenRequest(deps, request, endpoint);
      const answer = await issueDeviceCode(deps.grants, asked, `${asked.origin}${DEVICE_PATH}`);
      return secretAnswer(reply).send(answer);
    });
  }

  for (const path of ['/:tenant/openid/userinfo', '/oidc/userinfo']) {
    app.route({
      method: ['GET', 'POST'],
      url: path,
      errorHandler: (error, request, reply) => sendApiError(error, request, reply, deps.address.primary()),
      handler: async (request, reply) =>
        secretAnswer(reply).send(await userInfo(deps, request.headers.authorization)),
    });
  }

  for (const [path, version] of [
    ['/:tenant/.well-known/openid-configuration', 1],
    ['/:tenant/v2.0/.well-known/openid-configuration', 2],
  ] as const) {
    app.get<TenantPath>(path, async (request, reply) => {
      const origin = mirroredOrigin(deps.address, request.headers.host);
      const document = await discoveryDocument(
        deps.directory,
        request.params.tenant,
        version,
        origin,
        deps.grants.policy,
      );
      return reply.type(JSON_TYPE).send(document);
    });
  }

  for (const path of ['/:tenant/discovery/keys', '/:tenant/discovery/v2.0/keys']) {
    app.get(path, async (_request, reply) =>
      reply.type(JSON_TYPE).send({ keys: await deps.keys.publicKeys() }),
    );
  }

  app.get<{ Querystring: { authorization_endpoint?: unknown } }>(
    '/common/discovery/instance',
    async (request, reply) => {
      const origin = mirroredOrigin(deps.address, request.headers.host);
      const asked = tenantOf(request.query.authorization_endpoint);
      const tenant = asked === 'common' ? asked : (await requiredTenant(deps.directory, asked)).id;
      return reply.type(JSON_TYPE).send(instanceDocument(origin, tenant));
    },
  );
}

function tokenRequest(deps: AppDeps, request: FastifyRequest<TenantPath>, endpoint: 1 | 2): TokenRequest {
  return {
    tenant: request.params.tenant,
    endpoint,
    form: parseForm(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)),
    basic: basicCredentials(request.headers.authorization),
    remoteAddress: request.ip,
    origin: mirroredOrigin(deps.address, request.headers.host),
    grantedTo: (user) => auditUser(request, user),
  };
}

/** The first path segment of the URL that a client asks about; `common` where there is none. */
function tenantOf(authorizationEndpoint: unknown): string {
  if (typeof authorizationEndpoint !== 'string' || !URL.canParse(authorizationEndpoint)) return 'common';
  const segment = new URL(authorizationEndpoint).pathname.split('/').find((part) => part !== '');
  return segment === undefined || /^(common|organizations|consumers)$/i.test(segment) ? 'common' : segment;
}

function secretAnswer(reply: FastifyReply): FastifyReply {
  return reply.type(JSON_TYPE).header('cache-control', 'no-store').header('pragma', 'no-cache');
}

/** A failure that the directory has no number for gets the one of invalid input, or of its own breakdown. */
const INVALID_INPUT = 90013;
const SERVER_ERROR = 90033;

export function sendOAuthError(
  deps: AppDeps,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const sent = publicError(error, request);
  if (sent.retryAfterSeconds !== undefined) reply.header('retry-after', String(sent.retryAfterSeconds));
  const correlation = correlationId(request.headers['client-request-id']);
  const known = error instanceof OAuthError;
  const body = oauthErrorBody(
    {
      code: known ? sent.code : sent.status >= 500 ? 'server_error' : 'invalid_request',
      message: known ? sent.message : `${sent.message}.`,
      aadsts: known ? error.aadsts : sent.status >= 500 ? SERVER_ERROR : INVALID_INPUT,
    },
    { trace: request.id, correlation, now: new Date(deps.clock.nowMs()), origin: deps.address.primary() },
  );
  return secretAnswer(reply).code(sent.status).send(body);
}

function correlationId(header: string | string[] | undefined): string {
  const sent = typeof header === 'string' ? header.toLowerCase() : '';
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(sent) ? sent : randomUUID();
}
