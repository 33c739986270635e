import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { applicationAnywhere } from '../identity/directory/applications.ts';
import { matchingRedirectUri } from '../identity/directory/redirect-uris.ts';
import { clientOfIdToken } from '../identity/id-token-hint.ts';
import { auditUser } from './audit.ts';
import type { AppDeps } from './deps.ts';
import { queryText } from './oauth-authorize.ts';
import { browserOf, csrfOf, formOf, sendPage, signOutBrowser } from './oauth-browser.ts';
import { messagePage, signOutPage } from './pages/message.ts';

/**
 * Signs the browser out. With an id token of the session's user it happens at once; else the page asks, so that no
 * other site can do it by a link. The browser is sent on only to an address that the client registered.
 * Source: OpenID Connect RP-Initiated Logout 1.0
 */
export function logoutRoutes(app: FastifyInstance, deps: AppDeps): void {
  for (const path of ['/:tenant/oauth2/logout', '/:tenant/oauth2/v2.0/logout']) {
    app.get(path, (request, reply) => logout(deps, request, reply));
    app.post(path, (request, reply) => logout(deps, request, reply));
  }
}

async function logout(deps: AppDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const query = new URLSearchParams(queryText(request));
  const browser = await browserOf(deps, request, reply);
  const hint = await clientOfIdToken(deps.grants, query.get('id_token_hint') ?? '');
  const { session } = browser;
  auditUser(request, session?.user);
  if (request.method === 'POST') formOf(request, browser);
  else if (session !== undefined && hint?.user !== session.user.id) {
    return sendPage(reply, signOutPage(request.url, csrfOf(browser, request.url), session.user.upn));
  }
  await signOutBrowser(deps, request, reply, browser);
  const next = await nextAddress(deps, query, hint?.client ?? query.get('client_id') ?? '');
  if (next !== undefined) return reply.code(303).header('location', next).send();
  return sendPage(reply, messagePage('Signed out', 'You are signed out. You can close this page.'));
}

async function nextAddress(
  deps: AppDeps,
  query: URLSearchParams,
  client: string,
): Promise<string | undefined> {
  const asked = query.get('post_logout_redirect_uri');
  const app = await applicationAnywhere(deps.directory.parts, client);
  if (asked === null || app === undefined) return undefined;
  const known = matchingRedirectUri(app.redirectUris, asked) !== undefined || app.logoutUrl === asked;
  if (!known) return undefined;
  const state = query.get('state');
  if (state === null) return asked;
  return `${asked}${asked.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`;
}
