import { applicationAnywhere } from '../directory/applications.ts';
import { matchingRedirectUri } from '../directory/redirect-uris.ts';
import type { Application, Tenant } from '../directory.ts';
import { OAuthError } from '../oauth-error.ts';
import { type Asked, targetOf } from '../target.ts';
import type { CodeGrant } from '../token-family.ts';
import {
  type GrantParts,
  isTenantless,
  optionalField,
  requiredField,
  requiredTenant,
  shown,
  type TokenForm,
  tenantNeeded,
  unknownApplication,
} from '../token-request.ts';

const RESPONSE_MODES = ['query', 'fragment', 'form_post'] as const;
export type ResponseMode = (typeof RESPONSE_MODES)[number];

/** Where the answer goes. Known before anything is sent there. */
export interface ReplyTo {
  readonly app: Application;
  /** As in the path; `undefined` tenant: whoever signs in brings it. */
  readonly tenant: Tenant | undefined;
  readonly redirectUri: string;
  readonly redirectUriWasSent: boolean;
  readonly isPublic: boolean;
  readonly responseMode: ResponseMode;
  readonly state: string | undefined;
}

export interface AuthorizeRequest {
  readonly replyTo: ReplyTo;
  readonly asked: Asked;
  readonly prompts: ReadonlySet<string>;
  /** The sign-in name to begin with, '' for none. */
  readonly loginHint: string;
  readonly maxAgeSeconds: number | undefined;
  readonly nonce: string | undefined;
  readonly challenge: CodeGrant['challenge'];
  readonly wantsClientInfo: boolean;
}

const PROMPTS: ReadonlySet<string> = new Set([
  'none',
  'login',
  'select_account',
  'consent',
  'admin_consent',
  'create',
]);

/**
 * Who asks, and where the answer may go. Throws `OAuthError` for what must be shown on a page: until client and
 * redirect URI are known to belong together, nothing is sent anywhere (RFC 9700 section 4.11).
 */
export async function replyAddress(parts: GrantParts, path: string, query: TokenForm): Promise<ReplyTo> {
  const { app, tenant } = await clientOf(parts, path, requiredField(query, 'client_id'));
  const sent = optionalField(query, 'redirect_uri');
  const only = app.redirectUris.length === 1 ? app.redirectUris[0]?.uri : undefined;
  const redirectUri = sent ?? only;
  const registered =
    redirectUri === undefined ? undefined : matchingRedirectUri(app.redirectUris, redirectUri);
  if (redirectUri === undefined || registered === undefined) {
    throw new OAuthError(
      'wrongRedirectUri',
      `The reply URL specified in the request does not match the reply URLs configured for the application: '${app.id}'.`,
    );
  }
  const asked = optionalField(query, 'response_mode') ?? 'query';
  const responseMode = RESPONSE_MODES.find((mode) => mode === asked);
  if (responseMode === undefined) {
    throw new OAuthError('invalidInput', `The response_mode '${shown(asked)}' is not known.`);
  }
  return {
    app,
    tenant,
    redirectUri,
    redirectUriWasSent: sent !== undefined,
    isPublic: registered.kind === 'public',
    responseMode,
    state: optionalField(query, 'state'),
  };
}

/** The application behind a client id, and the tenant that the path names. Throws `OAuthError`. */
async function clientOf(
  parts: GrantParts,
  path: string,
  clientId: string,
): Promise<{ readonly app: Application; readonly tenant: Tenant | undefined }> {
  const directory = parts.directory.parts;
  if (isTenantless(path)) {
    const app = await applicationAnywhere(directory, clientId);
    if (app === undefined) throw unknownApplication(clientId, path.toLowerCase());
    if (!app.isMultiTenant) throw tenantNeeded();
    return { app, tenant: undefined };
  }
  const tenant = await requiredTenant(parts.directory, path);
  const here = await parts.directory.application(tenant.id, clientId);
  if (here !== undefined) return { app: here, tenant };
  // An application that is open to others may ask to be let in.
  const elsewhere = await applicationAnywhere(directory, clientId);
  if (elsewhere === undefined || !elsewhere.isMultiTenant) throw unknownApplication(clientId, tenant.name);
  return { app: { ...elsewhere, roles: [] }, tenant };
}

/**
 * The rest of an authorization request. Throws `OAuthError` for what is sent back to the client.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, OpenID Connect Core 3.1.2.1
 */
export function authorizeRequest(
  parts: GrantParts,
  endpoint: 1 | 2,
  query: TokenForm,
  replyTo: ReplyTo,
): AuthorizeRequest {
  const type = requiredField(query, 'response_type');
  if (type !== 'code') {
    throw new OAuthError(
      'unsupportedResponseType',
      `The response_type '${shown(type)}' is not enabled for the application. Expected 'code'.`,
    );
  }
  for (const name of ['request', 'request_uri'] as const) {
    if (optionalField(query, name) !== undefined) {
      throw new OAuthError('invalidInput', `The parameter '${name}' is not supported.`);
    }
  }
  const asked: Asked = {
    endpoint,
    resource: optionalField(query, 'resource'),
    scope: optionalField(query, 'scope'),
  };
  if (endpoint === 2 || asked.resource !== undefined) targetOf(parts.address, replyTo.app, asked);
  const prompts = new Set((optionalField(query, 'prompt') ?? '').split(' ').filter((part) => part !== ''));
  const unknown = [...prompts].find((prompt) => !PROMPTS.has(prompt));
  if (unknown !== undefined || (prompts.has('none') && prompts.size > 1)) {
    throw new OAuthError(
      'invalidInput',
      `The prompt '${shown(unknown ?? [...prompts].join(' '))}' is not valid.`,
    );
  }
  return {
    replyTo,
    asked,
    prompts,
    loginHint: hintOf(query),
    maxAgeSeconds: maxAge(query),
    nonce: optionalField(query, 'nonce'),
    challenge: challengeOf(parts, query, replyTo),
    wantsClientInfo: optionalField(query, 'client_info') === '1',
  };
}

/** A name without a domain is completed by `domain_hint`. */
function hintOf(query: TokenForm): string {
  const hint = (optionalField(query, 'login_hint') ?? '').slice(0, 320);
  const domain = (optionalField(query, 'domain_hint') ?? '').slice(0, 253);
  return hint === '' || hint.includes('@') || !domain.includes('.') ? hint : `${hint}@${domain}`;
}

function maxAge(query: TokenForm): number | undefined {
  const text = optionalField(query, 'max_age');
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw new OAuthError('invalidInput', "The parameter 'max_age' is not a number of seconds.");
  return Number(text);
}

function challengeOf(parts: GrantParts, query: TokenForm, { isPublic }: ReplyTo): CodeGrant['challenge'] {
  const value = optionalField(query, 'code_challenge');
  const method = optionalField(query, 'code_challenge_method') ?? 'plain';
  if (value === undefined) {
    if (!isPublic && optionalField(query, 'code_challenge_method') === undefined) return undefined;
    throw new OAuthError(
      'pkceNeeded',
      'Proof Key for Code Exchange is required for the redemption of the code.',
    );
  }
  if (method !== 'S256' && (method !== 'plain' || !parts.policy.plainPkce)) {
    throw new OAuthError('badChallenge', "The code_challenge_method is not supported. Expected 'S256'.");
  }
  if (!/^[\w.~-]{43,128}$/.test(value)) {
    throw new OAuthError('badChallenge', 'The size or the characters of the code_challenge are not valid.');
  }
  return { value, method };
}
