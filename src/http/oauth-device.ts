import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { agree, isAdministrator, sentencesOf, unmetWishes, wishesOf } from '../identity/authorize/consent.ts';
import { answerDevice, type DeviceRequest, deviceRequest } from '../identity/device-code.ts';
import type { Session } from '../identity/sign-in/sessions.ts';
import { reserve, takeBack } from '../identity/sign-in/throttle.ts';
import { isTenantless, requiredTenant } from '../identity/token-request.ts';
import { RequestError } from '../model/request-error.ts';
import { auditUser } from './audit.ts';
import type { AppDeps } from './deps.ts';
import { pathOf } from './oauth-authorize.ts';
import { type Browser, browserOf, csrfOf, formOf, sendPage } from './oauth-browser.ts';
import { signInHere } from './oauth-sign-in.ts';
import { deviceCodePage, deviceConfirmPage } from './pages/device.ts';
import { messagePage } from './pages/message.ts';

/** Where people go with a device's code. */
export const DEVICE_PATH = '/device';

/**
 * The page for a device's code: sign-in first, then the code, then the question. The code never stands in the address,
 * so that nobody can be sent to an answered page (RFC 8628 section 5.4).
 */
export function deviceRoutes(app: FastifyInstance, deps: AppDeps): void {
  for (const path of [DEVICE_PATH, '/:tenant/oauth2/deviceauth']) {
    app.get(path, (request, reply) => devicePage(deps, request, reply));
    app.post(path, (request, reply) => devicePage(deps, request, reply));
  }
}

async function devicePage(
  deps: AppDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const browser = await browserOf(deps, request, reply);
  const { session } = browser;
  if (session === undefined) {
    return signInHere(deps, request, reply, browser, {
      appName: undefined,
      tenant: undefined,
      formTargets: [],
    });
  }
  const action = pathOf(request);
  const csrf = csrfOf(browser, request.url);
  const ask = (problem: string | undefined, status = 200) =>
    sendPage(reply, deviceCodePage({ action: request.url, csrf, code: '', problem }), { status });
  if (request.method !== 'POST') {
    return sendPage(
      reply,
      deviceCodePage({ action, csrf: csrfOf(browser, action), code: '', problem: undefined }),
    );
  }
  const form = formOf(request, browser);
  auditUser(request, session.user);
  const typed = form.values.get('code') ?? '';
  const waitMs = await reserve(deps.directory.parts, 'deviceCode', request.ip);
  if (waitMs > 0) {
    const seconds = Math.ceil(waitMs / 1000);
    reply.header('retry-after', String(seconds));
    return ask(`Too many attempts. Wait ${seconds} seconds.`, 429);
  }
  const found = await deviceRequest(deps.grants, typed);
  if (found === undefined || !isForTenant(found, session))
    return ask('The code is not right, or it has ended.', 400);
  await takeBack(deps.directory.parts, 'deviceCode', request.ip);
  const answer = form.values.get('answer');
  if (answer === undefined) return confirm(deps, reply, browser, session, found, request.url);
  return finish(deps, reply, session, found, answer === 'accept');
}

function isForTenant({ code }: DeviceRequest, { user }: Session): boolean {
  return isTenantless(code.tenant) || code.tenant === user.tenant;
}

async function confirm(
  deps: AppDeps,
  reply: FastifyReply,
  browser: Browser,
  session: Session,
  found: DeviceRequest,
  action: string,
): Promise<FastifyReply> {
  const page = deviceConfirmPage({
    action,
    csrf: csrfOf(browser, action),
    code: found.code.userCode,
    upn: session.user.upn,
    appName: found.app.name,
    allows: sentencesOf(wishesOf(deps.grants, found.app, JSON.parse(found.code.grant))),
  });
  return sendPage(reply, page);
}

async function finish(
  deps: AppDeps,
  reply: FastifyReply,
  { user }: Session,
  found: DeviceRequest,
  isApproved: boolean,
): Promise<FastifyReply> {
  if (isApproved) {
    const tenant = await requiredTenant(deps.directory, user.tenant);
    const wishes = wishesOf(deps.grants, found.app, JSON.parse(found.code.grant));
    const unmet = await unmetWishes(deps.grants, tenant, found.app, user, wishes);
    const isAdmitted = (await deps.directory.application(tenant.id, found.app.id)) !== undefined;
    const may = isAdministrator(user) || (deps.grants.policy.userConsent && isAdmitted);
    if ((unmet.length > 0 || !isAdmitted) && !may) {
      throw new RequestError(
        'Forbidden',
        403,
        'The application needs permissions that only an administrator can grant',
      );
    }
    await agree(deps.grants, tenant, found.app, user, unmet);
  }
  if (!(await answerDevice(deps.grants, found, user, isApproved))) {
    return sendPage(reply, messagePage('Too late', 'This code has been answered already.'), { status: 409 });
  }
  const [title, text] = isApproved
    ? ['You are signed in', `Go back to ${found.app.name} on your device. You can close this page.`]
    : ['Cancelled', 'Nothing was signed in. You can close this page.'];
  return sendPage(reply, messagePage(title, text));
}
