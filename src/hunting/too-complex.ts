import { RequestError } from '../model/request-error.ts';

/** A query that the compiler cannot finish in its time, memory or stack; the text is the portal's. */
export function tooComplex(detail: string): RequestError {
  const message = 'The query cannot run because it exceeds the allowed size limit when processed.';
  return new RequestError('BadRequest', 400, message, { detail });
}
