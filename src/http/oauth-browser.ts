import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { mirroredOrigin } from '../identity/server-address.ts';
import { endSession, type Session, sessionOf, startSession } from '../identity/sign-in/sessions.ts';
import type { TokenForm } from '../identity/token-request.ts';
import { RequestError } from '../model/request-error.ts';
import { auditUser } from './audit.ts';
import type { AppDeps } from './deps.ts';
import { parseForm } from './form.ts';
import { contentSecurityPolicy } from './pages/layout.ts';

/** One request of a browser to the pages: who is signed in, and by what its forms are known. */
export interface Browser {
  /** Of the page, as the browser sees it. */
  readonly origin: string;
  readonly session: Session | undefined;
  /** A secret that only this browser holds; forms carry a proof of it. */
  readonly flow: string;
}

const NAMES = { session: 'spoor-session', flow: 'spoor-flow' } as const;

/** `__Host-` keeps other hosts of the domain from setting the cookie; browsers take it with TLS only. */
function cookieName(kind: keyof typeof NAMES, origin: string): string {
  return origin.startsWith('https:') ? `__Host-${NAMES[kind]}` : NAMES[kind];
}

export async function browserOf(
  deps: AppDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Browser> {
  const origin = mirroredOrigin(deps.address, request.headers.host);
  const session = await sessionOf(deps.directory.parts, cookie(request, 'session', origin));
  const known = cookie(request, 'flow', origin);
  if (known !== undefined) return { origin, session, flow: known };
  return { origin, session, flow: newFlow(reply, origin) };
}

/**
 * Signs a user in: a new session in place of the old, and a new secret for forms, so that neither can have been planted
 * before (session fixation).
 */
export async function signInBrowser(
  deps: AppDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  browser: Browser,
  user: Session['user'],
): Promise<Browser> {
  const { parts } = deps.directory;
  auditUser(request, user);
  await endSession(parts, cookie(request, 'session', browser.origin));
  setCookie(reply, 'session', browser.origin, await startSession(parts, user));
  const session = { user, signedInAt: new Date(deps.clock.nowMs()) };
  return { origin: browser.origin, session, flow: newFlow(reply, browser.origin) };
}

export async function signOutBrowser(
  deps: AppDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { origin }: Browser,
): Promise<void> {
  await endSession(deps.directory.parts, cookie(request, 'session', origin));
  for (const kind of ['session', 'flow'] as const) setCookie(reply, kind, origin, '');
}

/** The hidden field of a form that goes to `action`. */
export function csrfOf({ flow }: Browser, action: string): string {
  return createHmac('sha256', flow).update(action).digest('base64url');
}

/** A form that came from one of our pages in this browser. Throws `Forbidden` (403) for any other. */
export function formOf(request: FastifyRequest, browser: Browser): TokenForm {
  const form = parseForm(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
  const sent = Buffer.from(form.values.get('csrf') ?? '');
  const expected = Buffer.from(csrfOf(browser, request.url));
  const site = request.headers['sec-fetch-site'];
  const { origin } = request.headers;
  const isOurs =
    sent.length === expected.length &&
    timingSafeEqual(sent, expected) &&
    !form.repeated.has('csrf') &&
    (site === undefined || site === 'same-origin') &&
    (origin === undefined || origin === browser.origin);
  if (isOurs) return form;
  throw new RequestError(
    'Forbidden',
    403,
    'The page is too old, or the form did not come from it. Go back and try again',
  );
}

interface SendOptions {
  readonly status?: number;
  /** Origins beside ours that its form may go to. */
  readonly formTargets?: readonly string[];
  /** The page holds the script that sends its form on. */
  readonly isSentOn?: boolean;
}

/** Sends a page that no one else may frame, keep or be told about. */
export function sendPage(reply: FastifyReply, page: string, options: SendOptions = {}): FastifyReply {
  return reply
    .code(options.status ?? 200)
    .type('text/html; charset=utf-8')
    .headers({
      'cache-control': 'no-store',
      'content-security-policy': contentSecurityPolicy(options.formTargets ?? [], options.isSentOn ?? false),
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    })
    .send(page);
}

/** The origin of a URL as a content security policy names it; a scheme alone for schemes without hosts. */
export function formTarget(url: string): string {
  const { origin, protocol } = new URL(url);
  return origin === 'null' ? protocol : origin;
}

function newFlow(reply: FastifyReply, origin: string): string {
  const flow = randomBytes(32).toString('base64url');
  setCookie(reply, 'flow', origin, flow);
  return flow;
}

/** Replaces what was set before in the same answer. */
function setCookie(reply: FastifyReply, kind: keyof typeof NAMES, origin: string, value: string): void {
  const name = cookieName(kind, origin);
  const earlier = [reply.getHeader('set-cookie') ?? []].flat().map(String);
  const secure = origin.startsWith('https:') ? '; Secure' : '';
  const ended = value === '' ? '; Max-Age=0' : '';
  reply.removeHeader('set-cookie');
  reply.header('set-cookie', [
    ...earlier.filter((cookie) => !cookie.startsWith(`${name}=`)),
    `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${ended}`,
  ]);
}

function cookie(request: FastifyRequest, kind: keyof typeof NAMES, origin: string): string | undefined {
  const name = cookieName(kind, origin);
  const found = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [value] = found;
  return value !== undefined && found.length === 1 && /^[\w-]{43}$/.test(value) ? value : undefined;
}
