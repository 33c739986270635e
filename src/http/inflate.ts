import { pipeline, type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { RequestError } from '../model/request-error.ts';
import type { IngestLimits } from './deps.ts';

/**
 * A request's body, inflated where it was sent with gzip and never longer than allowed, as sent or inflated. The
 * stream fails with `RequestEntityTooLarge` (413), `InvalidRequestBody` (400) for bad gzip, `UnsupportedMediaType`
 * (415) for another encoding (thrown at once).
 */
export function inflatedBody(
  raw: Readable,
  headers: {
    readonly 'content-encoding'?: string | undefined;
    readonly 'content-length'?: string | undefined;
  },
  limits: IngestLimits,
): Readable {
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (Number(headers['content-length'] ?? 0) > limits.maxBodyBytes) throw tooLarge(limits.maxBodyBytes);
  if (encoding === 'identity' || encoding === '') return capped(raw, limits.maxBodyBytes, undefined);
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    throw new RequestError('UnsupportedMediaType', 415, 'Content encoding is not `gzip`');
  }
  return capped(raw, limits.maxBodyBytes, limits.maxInflatedBytes);
}

function capped(raw: Readable, maxBytes: number, maxInflatedBytes: number | undefined): Readable {
  const end = cap(maxBytes);
  if (maxInflatedBytes === undefined) {
    pipeline(raw, end, (error) => fail(end, error));
    return end;
  }
  const inflated = cap(maxInflatedBytes);
  const gunzip = createGunzip();
  gunzip.once('error', (error) => {
    inflated.destroy(
      new RequestError('InvalidRequestBody', 400, 'Invalid request body: bad gzip', { cause: error }),
    );
  });
  pipeline(raw, end, gunzip, inflated, (error) => fail(inflated, error));
  return inflated;
}

/** The reader of the last stream must see why an earlier one failed. */
function fail(last: Transform, error: Error | null | undefined): void {
  if (error !== null && error !== undefined && !last.destroyed) last.destroy(error);
}

function cap(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(tooLarge(maxBytes));
      else done(null, chunk);
    },
  });
}

function tooLarge(maxBytes: number): RequestError {
  return new RequestError(
    'RequestEntityTooLarge',
    413,
    `The request body is larger than ${maxBytes} bytes: send it in parts`,
  );
}
