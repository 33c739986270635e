import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { registeredWishes, sentencesOf } from '../identity/authorize/consent.ts';
import { nextStep, type Progress, type Step } from '../identity/authorize/decide.ts';
import {
  type AuthorizeRequest,
  authorizeRequest,
  type ReplyTo,
  replyAddress,
} from '../identity/authorize/request.ts';
import { OAuthError } from '../identity/oauth-error.ts';
import { signInByPassword } from '../identity/sign-in/password-sign-in.ts';
import { auditUser } from './audit.ts';
import type { AppDeps } from './deps.ts';
import { parseForm } from './form.ts';
import {
  type Browser,
  browserOf,
  csrfOf,
  formOf,
  formTarget,
  sendPage,
  signInBrowser,
} from './oauth-browser.ts';
import { sendBack, sendErrorBack } from './oauth-reply.ts';
import { consentPage } from './pages/consent.ts';
import { accountPage, signInPage } from './pages/sign-in.ts';

interface TenantPath {
  readonly Params: { readonly tenant: string };
}

/** What the steps of one authorization request share: its query goes along from page to page and is checked anew. */
interface Walk {
  readonly deps: AppDeps;
  readonly request: FastifyRequest<TenantPath>;
  readonly reply: FastifyReply;
  readonly browser: Browser;
  readonly query: URLSearchParams;
  /** Path of the authorization endpoint as asked. */
  readonly path: string;
  readonly replyTo: ReplyTo;
}

/** The authorization endpoints with their sign-in and consent pages. */
export function authorizeRoutes(app: FastifyInstance, deps: AppDeps): void {
  for (const [path, endpoint] of [
    ['/:tenant/oauth2/authorize', 1],
    ['/:tenant/oauth2/v2.0/authorize', 2],
  ] as const) {
    app.get<TenantPath>(path, (request, reply) =>
      walk(deps, request, reply, endpoint, (found, asked) => proceed(found, asked, {})),
    );
    // OpenID Connect Core 3.1.2.1: the request may come as a form. It goes on as a query.
    app.post<TenantPath>(path, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
      return reply
        .code(303)
        .header('location', `${pathOf(request)}?${new URLSearchParams(body)}`)
        .send();
    });
    app.post<TenantPath>(`${path}/sign-in`, (request, reply) => walk(deps, request, reply, endpoint, signIn));
    app.post<TenantPath>(`${path}/consent`, (request, reply) =>
      walk(deps, request, reply, endpoint, answerConsent),
    );
  }
}

type Next = (found: Walk, asked: AuthorizeRequest) => Promise<FastifyReply>;

async function walk(
  deps: AppDeps,
  request: FastifyRequest<TenantPath>,
  reply: FastifyReply,
  endpoint: 1 | 2,
  next: Next,
): Promise<FastifyReply> {
  const text = queryText(request);
  const fields = parseForm(Buffer.from(text));
  const replyTo = await replyAddress(deps.grants, request.params.tenant, fields);
  try {
    const asked = authorizeRequest(deps.grants, endpoint, fields, replyTo);
    const browser = await browserOf(deps, request, reply);
    const path = pathOf(request).replace(/\/+(sign-in|consent)\/*$/i, '');
    return await next(
      { deps, request, reply, browser, query: new URLSearchParams(text), path, replyTo },
      asked,
    );
  } catch (error) {
    if (error instanceof OAuthError) return sendErrorBack(deps, request, reply, replyTo, error);
    throw error;
  }
}

async function proceed(
  found: Walk,
  asked: AuthorizeRequest,
  progress: Partial<Progress>,
): Promise<FastifyReply> {
  const { deps, browser } = found;
  const step = await nextStep(deps.grants, asked, browser.session, {
    isFresh: false,
    agreed: undefined,
    origin: browser.origin,
    ...progress,
  });
  return show(found, asked, step);
}

function show(found: Walk, asked: AuthorizeRequest, step: Step): FastifyReply {
  const { reply, replyTo, browser } = found;
  const formTargets = [formTarget(replyTo.redirectUri)];
  switch (step.kind) {
    case 'signIn':
      return showSignIn(found, asked.loginHint, undefined, 200);
    case 'selectAccount': {
      const page = accountPage({
        upn: step.session.user.upn,
        continueUrl: withPrompt(found, asked, undefined),
        otherUrl: withPrompt(found, asked, 'login'),
      });
      return sendPage(reply, page, { formTargets });
    }
    case 'consent': {
      const action = actionOf(found, 'consent');
      const isForEveryone = asked.prompts.has('admin_consent');
      const wishes = isForEveryone ? registeredWishes(step.app) : step.wishes;
      const page = consentPage({
        action,
        csrf: csrfOf(browser, action),
        upn: step.session.user.upn,
        appName: step.app.name,
        destination: formTarget(replyTo.redirectUri),
        allows: sentencesOf(wishes),
        isAdministrator: step.isAdministrator,
        roles: [],
        isForEveryone,
      });
      return sendPage(reply, page, { formTargets });
    }
    case 'reply':
      return sendBack(reply, replyTo, step.fields);
  }
}

async function signIn(found: Walk, asked: AuthorizeRequest): Promise<FastifyReply> {
  const { deps, request, reply, replyTo } = found;
  const form = formOf(request, found.browser);
  const upn = form.values.get('username') ?? '';
  const result = await signInByPassword(deps.directory.parts, {
    upn,
    password: form.values.get('password') ?? '',
    address: request.ip,
    tenant: replyTo.tenant?.id,
  });
  if (result.kind === 'wait') {
    reply.header('retry-after', String(result.seconds));
    return showSignIn(found, upn, `Too many attempts. Wait ${result.seconds} seconds.`, 429);
  }
  if (result.kind === 'wrong') {
    auditUser(request, result.tried);
    return showSignIn(found, upn, 'The sign-in name or the password is not right.', 401);
  }
  const browser = await signInBrowser(deps, request, reply, found.browser, result.user);
  return proceed({ ...found, browser }, asked, { isFresh: true });
}

async function answerConsent(found: Walk, asked: AuthorizeRequest): Promise<FastifyReply> {
  const form = formOf(found.request, found.browser);
  auditUser(found.request, found.browser.session?.user);
  if (form.values.get('answer') !== 'accept') {
    throw new OAuthError('consentDeclined', 'The user declined to consent to access the application.');
  }
  const agreed = form.values.get('everyone') === 'yes' ? 'everyone' : 'user';
  return proceed(found, asked, { agreed });
}

function showSignIn(found: Walk, upn: string, problem: string | undefined, status: number): FastifyReply {
  const { replyTo, browser, reply } = found;
  const action = actionOf(found, 'sign-in');
  const csrf = csrfOf(browser, action);
  const page = signInPage({ action, csrf, upn, appName: replyTo.app.name, problem });
  return sendPage(reply, page, { status, formTargets: [formTarget(replyTo.redirectUri)] });
}

function actionOf({ path, query }: Walk, step: 'sign-in' | 'consent'): string {
  return `${path}/${step}?${query}`;
}

/** The same request once more, with what is left to ask of the user. */
function withPrompt({ path, query }: Walk, { prompts }: AuthorizeRequest, more: string | undefined): string {
  const left = [...prompts].filter((prompt) => prompt !== 'select_account');
  const next = new URLSearchParams(query);
  next.delete('prompt');
  next.delete('login_hint');
  const prompt = [...new Set([...left, ...(more === undefined ? [] : [more])])].join(' ');
  if (prompt !== '') next.set('prompt', prompt);
  return `${path}?${next}`;
}

export function pathOf(request: FastifyRequest): string {
  // Doubled slashes at the start would make a path another host's.
  return request.url.replace(/\?.*$/s, '').replace(/^\/+/, '/');
}

export function queryText(request: FastifyRequest): string {
  const mark = request.url.indexOf('?');
  return mark < 0 ? '' : request.url.slice(mark + 1);
}
