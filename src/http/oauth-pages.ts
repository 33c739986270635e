import type { FastifyInstance } from 'fastify';
import { OAuthError } from '../identity/oauth-error.ts';
import type { AppDeps } from './deps.ts';
import { publicError } from './errors.ts';
import { adminConsentRoutes } from './oauth-admin-consent.ts';
import { authorizeRoutes } from './oauth-authorize.ts';
import { sendPage } from './oauth-browser.ts';
import { deviceRoutes } from './oauth-device.ts';
import { logoutRoutes } from './oauth-logout.ts';
import { errorPage } from './pages/message.ts';
import { takeBytes } from './request-body.ts';

const MAX_FORM_BYTES = 64 * 1024;

/** All that people see of sign-in. Errors are pages. */
export async function oauthPageRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeBytes(app, MAX_FORM_BYTES);
  app.setErrorHandler((error, request, reply) => {
    const { message, status, retryAfterSeconds } = publicError(error, request);
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
    const number = error instanceof OAuthError ? ([['Error', `AADSTS${error.aadsts}`]] as const) : [];
    const page = errorPage({
      title: 'Sign-in did not work',
      message,
      details: [...number, ['Request', request.id], ['Time', new Date(deps.clock.nowMs()).toISOString()]],
    });
    return sendPage(reply, page, { status });
  });
  authorizeRoutes(app, deps);
  adminConsentRoutes(app, deps);
  deviceRoutes(app, deps);
  logoutRoutes(app, deps);
  app.get<{ Querystring: { readonly code?: unknown } }>('/error', async (request, reply) => {
    const { code } = request.query;
    const number = typeof code === 'string' && /^\d{1,9}$/.test(code) ? code : 'unknown';
    const page = errorPage({
      title: 'About this error',
      message: 'The number says why a sign-in or a token was refused; docs/identity.md lists them.',
      details: [['Error', `AADSTS${number}`]],
    });
    return sendPage(reply, page);
  });
}
