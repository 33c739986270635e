import type { FastifyInstance } from 'fastify';
import type { AppDeps } from './deps.ts';
import { sendPage } from './oauth-browser.ts';
import { DEVICE_PATH } from './oauth-device.ts';
import { frontPage } from './pages/front.ts';

/** A footprint. */
const ICON = [
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f5fa8"/>',
  '<g fill="#fff"><ellipse cx="16" cy="20.5" rx="6" ry="5"/><ellipse cx="7.5" cy="14.5" rx="2.3" ry="3.2"/>',
  '<ellipse cx="13" cy="9.5" rx="2.3" ry="3.4"/><ellipse cx="19" cy="9.5" rx="2.3" ry="3.4"/>',
  '<ellipse cx="24.5" cy="14.5" rx="2.3" ry="3.2"/></g></svg>',
].join('');
const DAY_SECONDS = 86_400;

/** What a browser finds that was given the server's address alone. */
export async function siteRoutes(app: FastifyInstance, _deps: AppDeps): Promise<void> {
  app.get('/', async (_request, reply) => sendPage(reply, frontPage(DEVICE_PATH)));
  app.get('/favicon.ico', async (_request, reply) =>
    reply.type('image/svg+xml').header('cache-control', `max-age=${DAY_SECONDS}`).send(ICON),
  );
}
