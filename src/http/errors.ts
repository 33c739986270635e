import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { RequestError } from '../model/request-error.ts';

/** What is sent of a failure. Nothing private is in it. */
export interface PublicError {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly retryAfterSeconds: number | undefined;
}

/** The framework's own refusals, by status, in the services' words. */
const FRAMEWORK_ERRORS: Readonly<Record<number, { readonly code: string; readonly message: string }>> = {
  400: { code: 'BadRequest', message: 'The request is malformed' },
  404: { code: 'NotFound', message: 'The resource was not found' },
  405: { code: 'MethodNotAllowed', message: 'The method is not allowed' },
  408: { code: 'RequestTimeout', message: 'The request was not sent in time' },
  413: { code: 'RequestEntityTooLarge', message: 'The request body is too large' },
  414: { code: 'UriTooLong', message: 'The URL is too long' },
  415: { code: 'UnsupportedMediaType', message: 'The content type is not valid' },
};

const INTERNAL = { code: 'InternalServerError', status: 500, message: 'An internal error occurred' } as const;

/** Turns anything thrown into what may be said of it, and logs the rest under the request's id. */
export function publicError(error: unknown, request: FastifyRequest): PublicError {
  if (error instanceof RequestError) {
    const { code, status, message, retryAfterSeconds, detail } = error;
    const log = { code, status, detail, cause: status >= 500 ? causesOf(error.cause) : undefined };
    if (status >= 500) request.log.error(log, 'request failed');
    else request.log.info(log, 'request refused');
    return { code, status, message, retryAfterSeconds };
  }
  const status = frameworkStatus(error);
  const known = status === undefined ? undefined : FRAMEWORK_ERRORS[status];
  if (status !== undefined && known !== undefined) {
    request.log.info({ code: (error as FastifyError).code, status }, 'request refused');
    return { ...known, status, retryAfterSeconds: undefined };
  }
  request.log.error({ err: error }, 'unexpected failure');
  return { ...INTERNAL, retryAfterSeconds: undefined };
}

const MOST_CAUSES = 5;

/**
 * What stands behind a failure, outermost first, for the log: an error's own members are not listed by JSON, and the
 * reason of a call that failed stands in the cause of its cause. Refusals are left out: theirs quote what was sent.
 */
function causesOf(cause: unknown): readonly object[] | undefined {
  const causes: object[] = [];
  let at = cause;
  while (at instanceof Error && causes.length < MOST_CAUSES) {
    causes.push({ name: at.name, code: (at as { readonly code?: unknown }).code, message: at.message });
    at = at.cause;
  }
  return causes.length === 0 ? undefined : causes;
}

function frameworkStatus(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode } = error as Partial<FastifyError>;
  return code?.startsWith('FST_') === true ? statusCode : undefined;
}

/** The API families' error body; `target` is the id under which the log tells more. */
export function apiErrorBody(
  error: { readonly code: string; readonly message: string },
  target: string,
): object {
  return { error: { code: error.code, message: error.message, target } };
}

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Ends a request of an API family with its error. */
export function sendApiError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  publicUrl: string,
): FastifyReply {
  const sent = publicError(error, request);
  if (sent.status === 401) reply.header('www-authenticate', challenge(publicUrl, sent.message));
  if (sent.retryAfterSeconds !== undefined) reply.header('retry-after', String(sent.retryAfterSeconds));
  return reply.code(sent.status).type(JSON_TYPE).send(apiErrorBody(sent, request.id));
}

/** Source: RFC 6750 section 3, with the `authorization_uri` of Microsoft's services. The texts are our own. */
export function challenge(publicUrl: string, description: string): string {
  return (
    `Bearer authorization_uri="${publicUrl}/common/oauth2/authorize", ` +
    `error="invalid_token", error_description="${description}"`
  );
}
