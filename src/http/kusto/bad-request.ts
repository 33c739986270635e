import { RequestError } from '../../model/request-error.ts';

/** What Kusto says of a request that makes no sense. */
export function badRequest(what: string): RequestError {
  return new RequestError('BadRequest', 400, `Request is invalid and cannot be processed: ${what}`);
}
