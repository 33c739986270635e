import type { FastifyRequest } from 'fastify';
import type { ApiFamily } from '../identity/resources.ts';
import type { EitherPermission } from '../identity/roles.ts';
import { requirePermission } from '../identity/verify.ts';
import type { Caller } from '../model/caller.ts';
import { callerOf } from './authenticate.ts';
import type { AppDeps } from './deps.ts';

/** The caller, who holds one of these permissions. Rejects with `RequestError` 401 or 403, naming the first of them. */
export async function callerWith(
  deps: AppDeps,
  request: FastifyRequest,
  families: readonly ApiFamily[],
  allowed: EitherPermission,
): Promise<Caller> {
  const caller = await callerOf(deps, request, families, undefined);
  const holds = allowed.some(({ role, scope }) =>
    caller.user === undefined
      ? caller.roles.includes(role)
      : scope !== undefined && caller.scopes.includes(scope),
  );
  if (!holds) requirePermission(caller, allowed[0]);
  return caller;
}
