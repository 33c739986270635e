import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RequestError } from '../model/request-error.ts';

/** A body that is small enough to be taken whole is there by then; who sends slower keeps a connection for nothing. */
const BODY_TIME_MS = 60_000;

/**
 * Bodies arrive whole and as bytes, whatever the content type says or where there is none: real clients leave it out
 * or write another, and the route knows what it expects.
 */
export function takeBytes(scope: FastifyInstance, maxBytes: number, bodyTimeMs = BODY_TIME_MS): void {
  scope.removeAllContentTypeParsers();
  const timers = new WeakMap<object, NodeJS.Timeout>();
  scope.addHook('preParsing', async (request, reply) => {
    const timer = setTimeout(() => {
      reply.header('connection', 'close');
      // The reader of the body takes it for the stream's own failure and ends; the socket stays for the answer.
      request.raw.emit('error', new RequestError('RequestTimeout', 408, 'The request was not sent in time'));
    }, bodyTimeMs);
    timers.set(request, timer);
    reply.raw.once('close', () => clearTimeout(timer));
  });
  scope.addHook('preValidation', async (request) => clearTimeout(timers.get(request)));
  scope.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
      throw new RequestError('UnsupportedMediaType', 415, 'Content encoding is not supported here');
    }
    const length = Number(request.headers['content-length'] ?? 0);
    return await bytesOf(payload, length, maxBytes);
  });
}

/** What is read and dropped of a body that is too large, so that its sender can read the refusal. */
const MAX_DROPPED_BYTES = 64 * 1024 * 1024;

/**
 * All bytes of a body. The refusal of one that is too large (413) leaves the connection open and the rest is dropped:
 * closed on unread data it would be reset, and the answer lost with it.
 */
function bytesOf(payload: Readable, length: number, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const refuse = () =>
      reject(
        new RequestError(
          'RequestEntityTooLarge',
          413,
          `The request body is too large: it may have ${maxBytes} bytes`,
        ),
      );
    if (length > maxBytes) refuse();
    payload.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= maxBytes && length <= maxBytes) pieces.push(piece);
      else {
        pieces.length = 0;
        refuse();
        if (bytes > maxBytes + MAX_DROPPED_BYTES) payload.destroy();
      }
    });
    payload.once('end', () => resolve(Buffer.concat(pieces)));
    payload.once('error', reject);
    payload.once('close', () => reject(new RequestError('BadRequest', 400, 'The request is malformed')));
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
