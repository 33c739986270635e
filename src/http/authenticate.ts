import type { FastifyRequest } from 'fastify';
import { CLI_APPLICATION, CLI_KEY_SCHEME, cliKeyMatches } from '../identity/cli-key.ts';
import type { ApiFamily } from '../identity/resources.ts';
import { type Permission, ROLES } from '../identity/roles.ts';
import { requirePermission, verifyBearer } from '../identity/verify.ts';
import type { Caller } from '../model/caller.ts';
import { RequestError } from '../model/request-error.ts';
import type { AppDeps } from './deps.ts';

/** The caller of an API call by its bearer token, which the request has from then on. Rejects with `RequestError` 401 or 403. */
export async function callerOf(
  deps: AppDeps,
  request: FastifyRequest,
  families: readonly ApiFamily[],
  needed: Permission | undefined,
): Promise<Caller> {
  const caller = await verifyBearer(deps, request.headers.authorization, families);
  // Before it is judged: who was refused is known too, to the log and the audit.
  request.caller = caller;
  if (needed !== undefined) requirePermission(caller, needed);
  return caller;
}

/**
 * Admits the command line to the admin routes: by the data folder's key, over loopback or TLS only, so that the key
 * never crosses a network in the clear. Throws `Unauthorized` (401) or `Forbidden` (403).
 */
export function requireCommandLine(deps: AppDeps, request: FastifyRequest): void {
  if (!isLoopback(request.ip) && request.protocol !== 'https') {
    throw new RequestError('Forbidden', 403, 'Admin calls are taken over loopback or TLS only');
  }
  if (!cliKeyMatches(request.headers.authorization, deps.cliKey)) {
    throw new RequestError('Unauthorized', 401, `Admin calls need a valid ${CLI_KEY_SCHEME}`);
  }
}

function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address ?? '');
}

/** The command line as a caller with every role in the tenant of the header `X-Spoor-Tenant`, or in the default one. */
export async function commandLineCaller(deps: AppDeps, request: FastifyRequest): Promise<Caller> {
  const header = request.headers['x-spoor-tenant'];
  const asked = typeof header === 'string' && header !== '' ? header : deps.defaultTenant;
  if (asked === undefined)
    throw new RequestError('MissingRequiredParameter', 400, 'Parameter X-Spoor-Tenant is missing');
  const tenant = await deps.directory.tenant(asked);
  if (tenant === undefined) throw new RequestError('ResourceNotFound', 404, 'Resource tenant was not found');
  return {
    tenant: tenant.id,
    app: CLI_APPLICATION,
    user: undefined,
    roles: Object.keys(ROLES),
    scopes: [],
    audience: deps.address.primary(),
  };
}
