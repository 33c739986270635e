import type { FastifyRequest } from 'fastify';
import { EngineRefusal, QueryRefusal } from '../../hunting/refusal.ts';
import { RequestError } from '../../model/request-error.ts';
import { publicError } from '../errors.ts';
import type { RequestIdentity } from './identity.ts';

/** A failure as Kusto writes it. Source: https://learn.microsoft.com/kusto/api/rest/response-http-status */
export interface KustoError {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  /** `{"error": {...}}` */
  readonly body: { readonly error: Readonly<Record<string, unknown>> };
  /** Its sentence, for a reader. */
  readonly message: string;
}

const GENERAL = 'Request is invalid and cannot be executed.';
const TYPES = 'Kusto.Data.Exceptions';

/** Also logs it, as `publicError` does. */
export function kustoError(error: unknown, request: FastifyRequest, identity: RequestIdentity): KustoError {
  const sent = publicError(error, request);
  const { status, code, type, message, permanent, inner } = said(error, sent);
  const body = {
    error: {
      code,
      message: inner === undefined ? message : GENERAL,
      '@type': `${TYPES}.${type}`,
      '@message': message,
      '@context': context(identity),
      '@permanent': permanent,
      ...(error instanceof QueryRefusal ? { '@text': error.query, '@database': identity.database } : {}),
      ...(inner === undefined ? {} : { innererror: inner }),
    },
  };
  return { status, retryAfterSeconds: sent.retryAfterSeconds, body, message };
}

interface Said {
  readonly status: number;
  readonly code: string;
  readonly type: string;
  readonly message: string;
  /** True where a repeat fails too. */
  readonly permanent: boolean;
  readonly inner?: object;
}

function said(error: unknown, sent: { code: string; status: number; message: string }): Said {
  if (error instanceof QueryRefusal) return ofQuery(error);
  if (error instanceof ResultTooLarge) {
    return {
      status: 400,
      code: 'LimitsExceeded',
      type: 'KustoServicePartialQueryFailureLimitsExceededException',
      message: error.message,
      permanent: false,
    };
  }
  if (error instanceof EngineRefusal) {
    const timedOut = error.engineCode === 'QueryTimeout';
    return {
      status: timedOut ? 504 : 400,
      code: timedOut ? 'Timeout' : 'LimitsExceeded',
      type: timedOut
        ? 'KustoServiceTimeoutException'
        : 'KustoServicePartialQueryFailureLowMemoryConditionException',
      message: timedOut
        ? 'Request aborted: the query exceeded its time limit (E_QUERY_TIMEOUT)'
        : 'Query execution lacks memory resources to complete (E_LOW_MEMORY_CONDITION)',
      permanent: false,
    };
  }
  const [code, type] = BY_STATUS[sent.status] ?? ['General_BadRequest', 'KustoBadRequestException'];
  return { status: sent.status, code, type, message: sent.message, permanent: sent.status < 429 };
}

const BY_STATUS: Readonly<Record<number, readonly [string, string]>> = {
  401: ['Unauthorized', 'KustoUnauthorizedException'],
  403: ['Forbidden', 'KustoUnauthorizedException'],
  404: ['NotFound', 'KustoBadRequestException'],
  413: ['RequestEntityTooLarge', 'KustoBadRequestException'],
  429: ['TooManyRequests', 'KustoRequestThrottledException'],
  500: ['General_InternalServerError', 'KustoServiceException'],
  503: ['ServiceUnavailable', 'KustoServiceUnavailableException'],
};

/** The binder's codes that Kusto has a number of its own for. */
const SEMANTIC_CODES: Readonly<Record<string, string>> = {
  KS142: 'SEM0100',
  KS204: 'SEM0100',
  KS211: 'SEM0260',
};

function ofQuery({ diagnostic, sentence, query }: QueryRefusal): Said {
  const syntax = diagnostic.kind === 'syntax';
  const code = syntax ? 'SYN0002' : (SEMANTIC_CODES[diagnostic.code] ?? 'SEM0001');
  const whole = `${syntax ? 'Syntax' : 'Semantic'} error: ${code}: ${sentence}`;
  const place = {
    '@line': diagnostic.line,
    '@pos': diagnostic.column,
    '@token': query.slice(diagnostic.start, diagnostic.start + Math.min(diagnostic.length, 256)),
  };
  return {
    status: 400,
    code: 'General_BadRequest',
    type: 'KustoBadRequestException',
    message: `Request is invalid and cannot be processed: ${whole}${
      syntax ? ` [line:position=${diagnostic.line}:${diagnostic.column}]` : ''
    }`,
    permanent: true,
    inner: {
      code,
      message: sentence,
      '@type': `${TYPES}.${syntax ? 'SyntaxException' : 'SemanticException'}`,
      '@message': whole,
      '@permanent': true,
      ...(syntax ? place : {}),
      '@errorCode': code,
      '@errorMessage': sentence,
    },
  };
}

/** Nothing of it tells of this machine. */
function context({ activityId, clientRequestId, startedAt, activity }: RequestIdentity): object {
  return {
    timestamp: startedAt,
    serviceAlias: 'SPOOR',
    machineName: 'spoor',
    processName: 'spoor',
    processId: 0,
    threadId: 0,
    appDomainName: 'spoor',
    clientRequestId,
    activityId,
    subActivityId: activityId,
    activityType: activity,
    parentActivityId: activityId,
    activityStack: '',
  };
}

/** More records or bytes than the client's or Kusto's own limit on an answer. */
export class ResultTooLarge extends RequestError {
  constructor(what: 'record count' | 'data size', limit: number) {
    super(
      'LimitsExceeded',
      400,
      `Query result set has exceeded the internal ${what} limit ${limit} (E_QUERY_RESULT_SET_TOO_LARGE)`,
    );
    this.name = 'ResultTooLarge';
  }
}
