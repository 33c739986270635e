import { randomUUID } from 'node:crypto';
import { issuer } from '../access-token.ts';
import type { User } from '../directory/users.ts';
import type { Application, Tenant } from '../directory.ts';
import { OAuthError } from '../oauth-error.ts';
import type { Session } from '../sign-in/sessions.ts';
import { issueCode, startFamily } from '../token-family.ts';
import { type GrantParts, requiredTenant } from '../token-request.ts';
import { agree, isAdministrator, unmetWishes, type Wish, wishesOf } from './consent.ts';
import type { AuthorizeRequest, ReplyTo } from './request.ts';

/** What the browser is shown next. */
export type Step =
  | { readonly kind: 'signIn' }
  | { readonly kind: 'selectAccount'; readonly session: Session }
  | {
      readonly kind: 'consent';
      readonly session: Session;
      readonly app: Application;
      readonly wishes: readonly Wish[];
      /** May the user agree for everyone. */
      readonly isAdministrator: boolean;
    }
  | { readonly kind: 'reply'; readonly fields: Readonly<Record<string, string>> };

/** What has happened on the pages so far. */
export interface Progress {
  /** The password was given for this request. */
  readonly isFresh: boolean;
  /** The user agreed: for oneself, or as an administrator for everyone. */
  readonly agreed: 'user' | 'everyone' | undefined;
  /** The origin of the page. */
  readonly origin: string;
}

/**
 * The next step of an authorization request. Throws `OAuthError` for what is sent back to the client.
 * Source: OpenID Connect Core 3.1.2.3 to 3.1.2.4
 */
export async function nextStep(
  parts: GrantParts,
  request: AuthorizeRequest,
  session: Session | undefined,
  progress: Progress,
): Promise<Step> {
  const { prompts, replyTo } = request;
  const isSilent = prompts.has('none');
  const fits = session !== undefined && isFor(parts, request, session, progress.isFresh);
  if (!fits || (prompts.has('login') && !progress.isFresh && progress.agreed === undefined)) {
    if (!isSilent) return { kind: 'signIn' };
    throw new OAuthError('loginRequired', 'A silent sign-in request was sent but no user is signed in.');
  }
  if (prompts.has('select_account') && !progress.isFresh && progress.agreed === undefined) {
    return { kind: 'selectAccount', session };
  }
  const tenant = replyTo.tenant ?? (await requiredTenant(parts.directory, session.user.tenant));
  const app = (await parts.directory.application(tenant.id, replyTo.app.id)) ?? replyTo.app;
  const step = await consentStep(parts, request, session, { tenant, app }, progress);
  return step ?? reply(parts, request, session, { tenant, app }, progress.origin);
}

interface Place {
  readonly tenant: Tenant;
  readonly app: Application;
}

/** Undefined when all is agreed to. */
async function consentStep(
  parts: GrantParts,
  request: AuthorizeRequest,
  session: Session,
  { tenant, app }: Place,
  progress: Progress,
): Promise<Step | undefined> {
  const { user } = session;
  const { prompts } = request;
  const wishes = wishesOf(parts, app, request.asked);
  const wantsAdmin = prompts.has('admin_consent');
  const asks = (prompts.has('consent') || wantsAdmin) && progress.agreed === undefined;
  const unmet = asks ? wishes : await unmetWishes(parts, tenant, app, user, wishes);
  const isAdmitted = (await parts.directory.application(tenant.id, app.id)) !== undefined;
  if (unmet.length === 0 && isAdmitted && !asks) return undefined;
  if (prompts.has('none')) {
    throw new OAuthError(
      'interactionRequired',
      'The user or administrator has not consented to use the application.',
    );
  }
  const mayAgree = isAdministrator(user) || (parts.policy.userConsent && isAdmitted && !wantsAdmin);
  if (!mayAgree) {
    throw new OAuthError(
      'adminConsentNeeded',
      'The application needs permissions that only an administrator can grant.',
    );
  }
  if (progress.agreed === undefined) {
    return { kind: 'consent', session, app, wishes: unmet, isAdministrator: isAdministrator(user) };
  }
  const forEveryone = isAdministrator(user) && (progress.agreed === 'everyone' || wantsAdmin);
  await agree(parts, tenant, app, forEveryone ? undefined : user, unmet);
  return undefined;
}

async function reply(
  parts: GrantParts,
  request: AuthorizeRequest,
  session: Session,
  { tenant, app }: Place,
  origin: string,
): Promise<Step> {
  const { replyTo, asked, challenge, nonce } = request;
  const { user } = session;
  const directory = parts.directory.parts;
  const family = await startFamily(directory, { tenant: tenant.id, application: app.id, user: user.id });
  const code = await issueCode(directory, family.id, {
    ...asked,
    signedInAt: Math.floor(session.signedInAt.getTime() / 1000),
    redirectUri: replyTo.redirectUri,
    redirectUriWasSent: replyTo.redirectUriWasSent,
    isPublic: replyTo.isPublic,
    challenge,
    nonce,
  });
  return {
    kind: 'reply',
    fields: {
      code,
      ...(request.wantsClientInfo ? { client_info: clientInfo(user) } : {}),
      ...stateOf(replyTo),
      session_state: randomUUID(),
      // RFC 9207; behind `common` the client knows no issuer to compare with.
      ...(replyTo.tenant === undefined ? {} : { iss: issuer(origin, tenant.id, asked.endpoint) }),
    },
  };
}

/** The client's `state`, which goes back whatever happens. */
export function stateOf({ state }: ReplyTo): { readonly state?: string } {
  return state === undefined ? {} : { state };
}

/** Does this session answer the request: the right tenant, the name that was hinted at, recent enough. */
function isFor(parts: GrantParts, request: AuthorizeRequest, session: Session, isFresh: boolean): boolean {
  const { replyTo, loginHint, maxAgeSeconds } = request;
  if (replyTo.tenant !== undefined && replyTo.tenant.id !== session.user.tenant) return false;
  if (isFresh) return true;
  if (loginHint.includes('@') && loginHint.toLowerCase() !== session.user.upn) return false;
  const ageSeconds = (parts.clock.nowMs() - session.signedInAt.getTime()) / 1000;
  return maxAgeSeconds === undefined || ageSeconds <= maxAgeSeconds;
}

function clientInfo(user: User): string {
  return Buffer.from(JSON.stringify({ uid: user.id, utid: user.tenant })).toString('base64url');
}
