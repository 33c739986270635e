import type { FastifyReply, FastifyRequest } from 'fastify';
import { stateOf } from '../identity/authorize/decide.ts';
import type { ReplyTo } from '../identity/authorize/request.ts';
import { type OAuthError, oauthErrorBody } from '../identity/oauth-error.ts';
import type { AppDeps } from './deps.ts';
import { publicError } from './errors.ts';
import { formTarget, sendPage } from './oauth-browser.ts';
import { formPostPage } from './pages/message.ts';

/** Sends the browser back to the client with an answer, in the way that the client asked for. */
export function sendBack(
  reply: FastifyReply,
  { redirectUri, responseMode }: Pick<ReplyTo, 'redirectUri' | 'responseMode'>,
  fields: Readonly<Record<string, string>>,
): FastifyReply {
  if (responseMode === 'form_post') {
    return sendPage(reply, formPostPage(redirectUri, fields), {
      formTargets: [formTarget(redirectUri)],
      isSentOn: true,
    });
  }
  const text = new URLSearchParams(fields).toString();
  const mark = responseMode === 'fragment' ? '#' : redirectUri.includes('?') ? '&' : '?';
  // 303: whatever a form carried to us, a password above all, is not carried on (RFC 9700 section 4.12).
  return reply
    .code(303)
    .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    .header('location', `${redirectUri}${mark}${text}`)
    .send();
}

/** Sends a refusal back to the client. */
export function sendErrorBack(
  deps: AppDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  replyTo: ReplyTo,
  error: OAuthError,
): FastifyReply {
  const { code, message } = publicError(error, request);
  const body = oauthErrorBody(
    { code, message, aadsts: error.aadsts },
    {
      trace: request.id,
      correlation: request.id,
      now: new Date(deps.clock.nowMs()),
      origin: deps.address.primary(),
    },
  ) as { readonly error: string; readonly error_description: string; readonly error_uri: string };
  const { error: word, error_description, error_uri } = body;
  return sendBack(reply, replyTo, { error: word, error_description, error_uri, ...stateOf(replyTo) });
}
