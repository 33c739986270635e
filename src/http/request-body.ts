import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RequestError } from '../model/request-error.ts';

/**
 * Bodies arrive whole and as bytes, whatever the content type says or where there is none: real clients leave it out
 * or write another, and the route knows what it expects.
 */
export function takeBytes(scope: FastifyInstance, maxBytes: number): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBytes }, (request, body, done) => {
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
      done(new RequestError('UnsupportedMediaType', 415, 'Content encoding is not supported here'));
    } else {
      done(null, body);
    }
  });
}

/** Bodies are handed on as the raw stream. */
export function takeStream(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
}

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The body as a JSON object; `emptyMeans` stands for an empty body. A BOM is passed over. Throws `InvalidRequestBody`
 * (400) for anything but an object in valid UTF-8. Members must be read with `ownMember`.
 */
export function jsonObject(request: FastifyRequest): JsonObject {
  const value = jsonValue(request);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RequestError('InvalidRequestBody', 400, 'Invalid request body', {
      detail: 'not a JSON object',
    });
  }
  return value as JsonObject;
}

/** The body as any JSON value. Throws `InvalidRequestBody` (400) as `jsonObject` does. */
export function jsonValue(request: FastifyRequest): unknown {
  try {
    const { body } = request;
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new RequestError('InvalidRequestBody', 400, 'Invalid request body', {
      detail: error instanceof Error ? error.message : String(error),
    });
  }
}

/** A member that the object itself has: what it inherits is not the client's. */
export function ownMember(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** An optional member that must be text. Throws `InvalidInput` (400) for anything else. */
export function optionalText(object: JsonObject, name: string): string | undefined {
  const value = ownMember(object, name);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string')
    throw new RequestError('InvalidInput', 400, `Invalid input: \`${name}\` is not text`);
  return value;
}

export function requiredText(object: JsonObject, name: string): string {
  const value = optionalText(object, name);
  if (value === undefined)
    throw new RequestError('MissingRequiredParameter', 400, `Parameter ${name} is missing`);
  return value;
}

/**
 * The query of a body: `Query`, or `query` as some clients write it. Throws `InvalidRequestBody` with the service's
 * observed text where there is none.
 */
export function queryOf(request: FastifyRequest): string {
  let body: JsonObject;
  try {
    body = jsonObject(request);
  } catch (error) {
    throw missingQuery(error);
  }
  const query = ownMember(body, 'Query') ?? ownMember(body, 'query');
  if (typeof query !== 'string' || query.trim() === '') throw missingQuery(undefined);
  return query;
}

function missingQuery(cause: unknown): RequestError {
  return new RequestError('InvalidRequestBody', 400, 'Missing query.', { cause });
}
