import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { View } from '../detection/alert-views.ts';
import { type Sees, seesDevices } from '../detection/visible.ts';
import type { Caller } from '../model/caller.ts';
import { RequestError } from '../model/request-error.ts';
import type { AppDeps } from './deps.ts';
import { publicError } from './errors.ts';
import { browserOf, sendPage } from './oauth-browser.ts';
import { signInHere } from './oauth-sign-in.ts';
import { alertPage, incidentPage, type Reader } from './pages/alert.ts';
import { messagePage } from './pages/message.ts';
import { takeBytes } from './request-body.ts';

const MAX_FORM_BYTES = 16 * 1024;

interface ById {
  readonly Params: { readonly id: string };
  readonly Querystring: Readonly<Record<string, unknown>>;
}

/** Whose page it is, and what they see. */
interface Visitor {
  readonly tenant: string;
  readonly sees: Sees;
  readonly reader: Reader;
}

type Show = (visitor: Visitor, request: FastifyRequest<ById>) => Promise<string | undefined>;

/** The pages that the links of detections lead to. They ask a user to sign in, and show what that user sees. */
export async function alertPageRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeBytes(app, MAX_FORM_BYTES);
  app.setErrorHandler((error, request, reply) => {
    const { status, message } = publicError(error, request);
    return sendPage(reply, messagePage('This cannot be shown', message), { status });
  });
  const { alerts } = deps.detection;

  const showAlert: Show = async ({ tenant, sees, reader }, { params }) => {
    const found = await alerts.alert(tenant, params.id, sees);
    return found === undefined ? undefined : alertPage(found, reader);
  };
  const incidentById = async ({ tenant, sees, reader }: Visitor, id: unknown) => {
    const number = /^\d{1,15}$/.test(String(id)) ? Number(id) : -1;
    const found = await alerts.incident(tenant, number, sees);
    return found === undefined ? undefined : incidentPage(found, reader);
  };
  const showIncident: Show = (visitor, { params }) => incidentById(visitor, params.id);
  const showIncidentOfAlert: Show = async (visitor, { query }) => {
    const id = query['alertId'];
    if (typeof id !== 'string') return undefined;
    const alert: View | undefined = await alerts.alert(visitor.tenant, id, visitor.sees);
    return alert === undefined ? undefined : await incidentById(visitor, alert['incidentId']);
  };
  const pages: readonly (readonly [string, Show])[] = [
    ['/alert/:id', showAlert],
    ['/alerts/:id', showAlert],
    ['/incidents/byalert', showIncidentOfAlert],
    ['/incidents/:id', showIncident],
  ];
  for (const [url, show] of pages) {
    // A form of the page is the one that signs in.
    app.route<ById>({
      method: ['GET', 'POST'],
      url,
      handler: (request, reply) => signedIn(deps, request, reply, show),
    });
  }
}

async function signedIn(
  deps: AppDeps,
  request: FastifyRequest<ById>,
  reply: FastifyReply,
  show: Show,
): Promise<FastifyReply> {
  const browser = await browserOf(deps, request, reply);
  if (browser.session === undefined || request.method === 'POST') {
    const here = { appName: undefined, tenant: undefined, formTargets: [] };
    return await signInHere(deps, request, reply, browser, here);
  }
  const { user } = browser.session;
  const caller: Caller = {
    tenant: user.tenant,
    app: '',
    user: user.id,
    roles: [],
    scopes: [],
    audience: deps.address.primary(),
  };
  const sees = seesDevices(await deps.deviceScope(caller));
  const reader = { upn: user.upn, signOutUrl: `/${user.tenant}/oauth2/v2.0/logout` };
  const text = await show({ tenant: user.tenant, sees, reader }, request);
  if (text === undefined) throw new RequestError('NotFound', 404, 'There is no such alert or incident.');
  return sendPage(reply, text);
}
