import type { FastifyReply, FastifyRequest } from 'fastify';
import { signInByPassword } from '../identity/sign-in/password-sign-in.ts';
import { auditUser } from './audit.ts';
import type { AppDeps } from './deps.ts';
import { pathOf, queryText } from './oauth-authorize.ts';
import { type Browser, csrfOf, formOf, sendPage, signInBrowser } from './oauth-browser.ts';
import { signInPage } from './pages/sign-in.ts';

export interface SignInHere {
  readonly appName: string | undefined;
  /** The user must belong to it; undefined: to any. */
  readonly tenant: string | undefined;
  readonly formTargets: readonly string[];
}

/** Signs in on a page of its own address: shows the form, takes it, and comes back to the page by GET. */
export async function signInHere(
  deps: AppDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  browser: Browser,
  { appName, tenant, formTargets }: SignInHere,
): Promise<FastifyReply> {
  const query = queryText(request);
  const action = query === '' ? pathOf(request) : `${pathOf(request)}?${query}`;
  const show = (upn: string, problem: string | undefined, status: number) =>
    sendPage(reply, signInPage({ action, csrf: csrfOf(browser, action), upn, appName, problem }), {
      status,
      formTargets,
    });
  if (request.method !== 'POST') return show('', undefined, 200);
  const form = formOf(request, browser);
  const upn = form.values.get('username') ?? '';
  const password = form.values.get('password') ?? '';
  const result = await signInByPassword(deps.directory.parts, { upn, password, address: request.ip, tenant });
  if (result.kind === 'wait') {
    reply.header('retry-after', String(result.seconds));
    return show(upn, `Too many attempts. Wait ${result.seconds} seconds.`, 429);
  }
  if (result.kind === 'wrong') {
    auditUser(request, result.tried);
    return show(upn, 'The sign-in name or the password is not right.', 401);
  }
  await signInBrowser(deps, request, reply, browser, result.user);
  return reply.code(303).header('location', action).send();
}
