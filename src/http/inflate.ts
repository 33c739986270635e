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
  const sent = cap(maxBytes);
  feed(raw, sent, maxBytes);
  if (maxInflatedBytes === undefined) return sent;
  const inflated = cap(maxInflatedBytes);
  const gunzip = createGunzip();
  gunzip.once('error', (cause) => {
    inflated.destroy(
      new RequestError('InvalidRequestBody', 400, 'Invalid request body: bad gzip', { cause }),
    );
  });
  pipeline(sent, gunzip, inflated, (error) => {
    // The reader of the last stream must see why an earlier one failed.
    if (error && !inflated.destroyed) inflated.destroy(error);
  });
  return inflated;
}

/**
 * Sends a request's body into `target`. When that ends early the rest is read and dropped, up to as much again: a
 * socket closed on unread data is reset, and the client would lose the answer that tells it why.
 */
function feed(raw: Readable, target: Transform, maxDroppedBytes: number): void {
  raw.pipe(target);
  raw.once('error', (error) => target.destroy(error));
  raw.once('close', () => {
    if (!raw.readableEnded && !target.destroyed)
      target.destroy(new Error('the client left in the middle of its body'));
  });
  target.once('close', () => {
    if (raw.readableEnded || raw.destroyed) return;
    raw.unpipe(target);
    let dropped = 0;
    raw.on('data', (chunk: Buffer) => {
      dropped += chunk.length;
      if (dropped > maxDroppedBytes) raw.destroy();
    });
    raw.resume();
  });
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
