import { RequestError } from '../model/request-error.ts';

/** What `database.ts` promises to throw, made from whatever the client library or the engine threw. */
export function asRequestError(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  const code = engineCode(error, detail);
  if (code === undefined) {
    return CONNECTION.test(`${systemCode(error)} ${detail}`)
      ? engineUnavailable(detail, error)
      : new RequestError('EngineError', 500, 'the query engine failed', { detail, cause: error });
  }
  return ofEngineCode(code, detail, error);
}

export function engineUnavailable(detail: string, cause?: unknown): RequestError {
  return new RequestError('EngineUnavailable', 503, 'the query engine is not available at the moment', {
    detail,
    retryAfterSeconds: 2,
    ...(cause === undefined ? {} : { cause }),
  });
}

export function queryTimeout(detail: string): RequestError {
  return new RequestError('QueryTimeout', 400, 'the query took longer than it may', { detail });
}

export function queryCancelled(detail: string): RequestError {
  return new RequestError('QueryCancelled', 499, 'the query was cancelled', { detail });
}

/** True where nothing was sent: nobody listened. Such a request can be sent again. */
export function isConnectionRefused(error: unknown): boolean {
  return (
    systemCode(error) === 'ECONNREFUSED' || (error instanceof Error && /ECONNREFUSED/.test(error.message))
  );
}

const CONNECTION =
  /ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|socket hang up|aborted|premature|closed/i;

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** The client puts ClickHouse's number into `code`; texts in mid-stream have it in front. */
function engineCode(error: unknown, detail: string): number | undefined {
  const own = systemCode(error);
  if (/^\d+$/.test(own)) return Number(own);
  const written = /Code: (\d+)/.exec(detail)?.[1];
  return written === undefined ? undefined : Number(written);
}

// Numbers: https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
function ofEngineCode(code: number, detail: string, cause: unknown): RequestError {
  const options = { detail, cause };
  if (/No space left on device|Not enough space/i.test(detail) || code === 243) {
    return new RequestError('DiskFull', 503, 'the disk of the query engine is full', {
      ...options,
      retryAfterSeconds: 60,
    });
  }
  switch (code) {
    case 159: // TIMEOUT_EXCEEDED
    case 160: // TOO_SLOW
      return queryTimeout(detail);
    case 241: // MEMORY_LIMIT_EXCEEDED
    case 191: // SET_SIZE_LIMIT_EXCEEDED: a join or a set that cannot spill
    case 173: // CANNOT_ALLOCATE_MEMORY
    case 396: // TOO_MANY_ROWS_OR_BYTES: the cap of spilled data
      return new RequestError(
        'QueryMemoryExceeded',
        400,
        'the query needs more memory than it may have',
        options,
      );
    case 394: // QUERY_WAS_CANCELLED
      return queryCancelled(detail);
    case 497: // ACCESS_DENIED
    case 164: // READONLY
      return new RequestError('StatementRefused', 500, 'the query engine refused the statement', options);
    case 202: // TOO_MANY_SIMULTANEOUS_QUERIES
      return engineUnavailable(detail, cause);
    default:
      return new RequestError('EngineError', 500, 'the query engine failed', options);
  }
}
