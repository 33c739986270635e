import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CLI_APPLICATION } from '../identity/cli-key.ts';
import type { AuditEvent } from '../model/audit-event.ts';
import type { AppDeps } from './deps.ts';
import { basicCredentials, parseForm } from './form.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What a route tells of its query, or of who it dealt with where no token says it. */
    audited: { query?: string; rows?: number; user?: AuditedUser } | undefined;
  }
}

export interface AuditedUser {
  readonly id: string;
  readonly tenant: string;
}

/** Whom a call is about that brings no token: who signs in, or whose name was tried. */
export function auditUser(request: FastifyRequest, user: AuditedUser | undefined): void {
  if (user !== undefined) request.audited = { ...request.audited, user };
}

/** DATA: what a call was, by its route; the first that fits. Reads of documents and of health are not kept. */
const ACTIONS: readonly (readonly [RegExp, AuditEvent['ActionType'] | undefined])[] = [
  [/\/oauth2\/(v2\.0\/)?token$/, 'Token'],
  [/^\/spoor\/admin\/(query|check|explain)$/, 'Query'],
  [/^\/spoor\/admin\/progress\//, undefined],
  [/^\/spoor\/admin\/ingest\/|^\/api\/ingest\/|^\/api\/detections$/, 'Ingest'],
  [/^\/spoor\/admin\//, 'Administration'],
  [/^\/spoor\/rule(s|-sets)(\/|$)|\/security\/rules(\/|$)/, 'Administration'],
  [/\/(advancedhunting|advancedqueries|security)(\/|$)|^\/v[12]\/rest\/(query|mgmt)$/, 'Query'],
  [/^\/(spoor|health|metrics)|^\/api(\/v1\.0)?$|\/auth\/metadata$/, undefined],
  [/^\/api\//, 'Api'],
  [/^\/:tenant\/(oauth2|adminconsent|v2\.0\/adminconsent)|^\/(device|alerts?|incidents)(\/|$)/, 'SignIn'],
];

const MAX_QUERY_CHARS = 100_000;
const MAX_TEXT_CHARS = 512;

/** Records calls as they are answered. Calls of no known tenant belong to nobody's log and are left to the server's own. */
export function auditCalls(app: FastifyInstance, deps: AppDeps): void {
  const { audit } = deps;
  app.decorateRequest('audited', undefined);
  if (audit === undefined) return;
  app.addHook('onResponse', async (request, reply) => {
    const action = actionOf(request);
    if (action === undefined) return;
    const tenant = await tenantOf(deps, request);
    if (tenant !== undefined) audit(tenant, eventOf(deps, request, reply, action));
  });
}

function actionOf(request: FastifyRequest): AuditEvent['ActionType'] | undefined {
  const route = request.routeOptions.url;
  if (route === undefined) return undefined;
  const action = ACTIONS.find(([pattern]) => pattern.test(route))?.[1];
  // A sign-in is what is sent; its pages are only looked at.
  return action === 'SignIn' && request.method === 'GET' ? undefined : action;
}

async function tenantOf(deps: AppDeps, request: FastifyRequest): Promise<string | undefined> {
  if (request.caller !== undefined) return request.caller.tenant;
  if (request.audited?.user !== undefined) return request.audited.user.tenant;
  const named = (request.params as { readonly tenant?: unknown } | undefined)?.tenant;
  const header = request.headers['x-spoor-tenant'] ?? deps.defaultTenant;
  const isAdmin = /^\/spoor\/(admin\/|rule)/.test(request.routeOptions.url ?? '');
  const asked = typeof named === 'string' ? named : isAdmin ? header : undefined;
  return typeof asked === 'string' ? (await deps.directory.tenant(asked))?.id : undefined;
}

function eventOf(
  deps: AppDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  action: AuditEvent['ActionType'],
): AuditEvent {
  const { caller, audited, headers } = request;
  const clientId = headers['x-ms-client-request-id'] ?? headers['client-request-id'];
  return {
    Timestamp: new Date(deps.clock.nowMs()).toISOString(),
    ActionType: action,
    Application: (caller?.app ?? applicationOf(request)).slice(0, MAX_TEXT_CHARS),
    AccountObjectId: caller?.user ?? audited?.user?.id ?? '',
    IPAddress: request.ip,
    UserAgent: (headers['user-agent'] ?? '').slice(0, MAX_TEXT_CHARS),
    Method: request.method,
    Route: (action === 'Administration' ? filledRoute(request) : (request.routeOptions.url ?? '')).slice(
      0,
      MAX_TEXT_CHARS,
    ),
    StatusCode: reply.statusCode,
    QueryText: (audited?.query ?? '').slice(0, MAX_QUERY_CHARS),
    RowCount: audited?.rows ?? null,
    DurationMs: Math.round(reply.elapsedTime * 1000) / 1000,
    RequestId: request.id,
    ClientRequestId: typeof clientId === 'string' ? clientId.slice(0, MAX_TEXT_CHARS) : '',
  };
}

/** The route with the ids that it was called with: they say what was administered. */
function filledRoute(request: FastifyRequest): string {
  const given = new Map(Object.entries((request.params ?? {}) as Readonly<Record<string, unknown>>));
  return (request.routeOptions.url ?? '').replace(/:(\w+)/g, (all, name: string) =>
    String(given.get(name) ?? all),
  );
}

/** Who asked for a token, by its own word; the command line for administration. */
function applicationOf(request: FastifyRequest): string {
  if (request.routeOptions.url?.startsWith('/spoor/') === true) return CLI_APPLICATION;
  const basic = basicCredentials(request.headers.authorization)?.id;
  if (basic !== undefined) return basic;
  return Buffer.isBuffer(request.body) ? (parseForm(request.body).values.get('client_id') ?? '') : '';
}
