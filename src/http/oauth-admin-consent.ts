import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  agree,
  isAdministrator,
  registeredWishes,
  sentencesOf,
  type Wish,
  wishesOf,
} from '../identity/authorize/consent.ts';
import { type ReplyTo, replyAddress } from '../identity/authorize/request.ts';
import { admitApplication } from '../identity/directory/admitted-applications.ts';
import { applicationAnywhere } from '../identity/directory/applications.ts';
import { OAuthError } from '../identity/oauth-error.ts';
import { ROLES } from '../identity/roles.ts';
import { requiredTenant } from '../identity/token-request.ts';
import { auditUser } from './audit.ts';
import type { AppDeps } from './deps.ts';
import { parseForm } from './form.ts';
import { pathOf, queryText } from './oauth-authorize.ts';
import { browserOf, csrfOf, formOf, formTarget, sendPage } from './oauth-browser.ts';
import { sendBack, sendErrorBack } from './oauth-reply.ts';
import { signInHere } from './oauth-sign-in.ts';
import { consentPage } from './pages/consent.ts';

interface TenantPath {
  readonly Params: { readonly tenant: string };
}

/**
 * Consent for a whole tenant: delegated permissions, and the application permissions of an application that another
 * tenant registered.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
 */
export function adminConsentRoutes(app: FastifyInstance, deps: AppDeps): void {
  for (const [path, endpoint] of [
    ['/:tenant/adminconsent', 1],
    ['/:tenant/v2.0/adminconsent', 2],
  ] as const) {
    const answer = (request: FastifyRequest<TenantPath>, reply: FastifyReply) =>
      adminConsent(deps, request, reply, endpoint);
    app.get<TenantPath>(path, answer);
    app.post<TenantPath>(path, answer);
  }
}

async function adminConsent(
  deps: AppDeps,
  request: FastifyRequest<TenantPath>,
  reply: FastifyReply,
  endpoint: 1 | 2,
): Promise<FastifyReply> {
  const query = parseForm(Buffer.from(queryText(request)));
  const replyTo = await replyAddress(deps.grants, request.params.tenant, query);
  try {
    const wishes = wanted(deps, endpoint, replyTo, query.values.get('scope'));
    const browser = await browserOf(deps, request, reply);
    const { session } = browser;
    const fits = session !== undefined && (replyTo.tenant?.id ?? session.user.tenant) === session.user.tenant;
    if (!fits) {
      return await signInHere(deps, request, reply, browser, {
        appName: replyTo.app.name,
        tenant: replyTo.tenant?.id,
        formTargets: [formTarget(replyTo.redirectUri)],
      });
    }
    const action = `${pathOf(request)}?${queryText(request)}`;
    const may = isAdministrator(session.user);
    if (request.method === 'POST') {
      const form = formOf(request, browser);
      auditUser(request, session.user);
      if (form.values.get('answer') !== 'accept' || !may) {
        throw new OAuthError(
          'consentDeclined',
          'The administrator declined to consent to access the application.',
        );
      }
      return await grant(deps, reply, replyTo, session.user.tenant, wishes);
    }
    const page = consentPage({
      action,
      csrf: csrfOf(browser, action),
      upn: session.user.upn,
      appName: replyTo.app.name,
      destination: formTarget(replyTo.redirectUri),
      allows: sentencesOf(wishes),
      roles: (await rolesAskedFor(deps, replyTo, session.user.tenant)).map((role) => roleSentence(role)),
      isAdministrator: may,
      isForEveryone: true,
      problem: may ? undefined : 'Only an administrator can agree to this. Ask one to open this page.',
    });
    return sendPage(reply, page, { formTargets: [formTarget(replyTo.redirectUri)] });
  } catch (error) {
    if (error instanceof OAuthError) return sendErrorBack(deps, request, reply, replyTo, error);
    throw error;
  }
}

function wanted(
  deps: AppDeps,
  endpoint: 1 | 2,
  replyTo: ReplyTo,
  scope: string | undefined,
): readonly Wish[] {
  if (endpoint === 1 || scope === undefined || scope === '') return registeredWishes(replyTo.app);
  return wishesOf(deps.grants, replyTo.app, { endpoint, resource: undefined, scope });
}

/** Application permissions are given by admission; a tenant's own application has them from its registration. */
async function rolesAskedFor(deps: AppDeps, { app }: ReplyTo, tenant: string): Promise<readonly string[]> {
  if (app.tenant === tenant) return [];
  return (await applicationAnywhere(deps.directory.parts, app.id))?.roles ?? [];
}

async function grant(
  deps: AppDeps,
  reply: FastifyReply,
  replyTo: ReplyTo,
  tenantId: string,
  wishes: readonly Wish[],
): Promise<FastifyReply> {
  const tenant = await requiredTenant(deps.directory, tenantId);
  const roles = await rolesAskedFor(deps, replyTo, tenant.id);
  await admitApplication(deps.directory.parts, tenant, replyTo.app, roles);
  await agree(deps.grants, tenant, replyTo.app, undefined, wishes);
  return sendBack(reply, replyTo, {
    admin_consent: 'True',
    tenant: tenant.id,
    ...(replyTo.state === undefined ? {} : { state: replyTo.state }),
    scope: wishes.flatMap(({ scopes }) => scopes).join(' '),
  });
}

function roleSentence(role: string): string {
  return Object.entries(ROLES).find(([name]) => name === role)?.[1] ?? role;
}
