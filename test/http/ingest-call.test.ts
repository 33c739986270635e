import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { IngestRequest } from '../../src/ingest/ingest.ts';
import { RequestError } from '../../src/model/request-error.ts';
import { counted, errorOf, resolvers, useApi } from './api.ts';
import { makeApp, TENANT, tokenFor } from './server.ts';

const api = useApi();

describe('an ingest call', () => {
  test('streams the body with what the call says of it', async () => {
    const seen: IngestRequest[] = [];
    api.take = (request) => {
      seen.push(request);
      return counted(request);
    };
    const response = await api.send('/api/Ingest/Records?table=DeviceEvents&name=a.json&rebase=now', 'abc', {
      'idempotency-key': 'k 1',
    });
    expect(await response.json()).toEqual({
      files: 1,
      events: 3,
      stored: 3,
      skipped: 0,
      duplicates: 0,
      rejected: 0,
      tables: {},
      reasons: {},
    });
    expect(seen).toMatchObject([
      {
        tenant: TENANT,
        format: 'records',
        table: 'DeviceEvents',
        idempotencyKey: 'k 1',
        name: 'a.json',
        rebase: true,
      },
    ]);
    await api.send('/api/ingest/auto', 'abc');
    expect(seen[1]).toMatchObject({
      format: 'auto',
      table: undefined,
      idempotencyKey: undefined,
      rebase: false,
    });
  });

  test('takes gzip, and an empty body', async () => {
    const response = await api.send('/api/ingest/auto', gzipSync('x'.repeat(100_000)), {
      'content-encoding': 'gzip',
    });
    expect(await response.json()).toMatchObject({ events: 100_000 });
    expect(await (await api.send('/api/ingest/auto', '')).json()).toMatchObject({ events: 0 });
  });

  test.each([
    ['an unknown format', '/api/ingest/xml', 'x', {}, 404, 'ResourceNotFound'],
    ['a body over the limit', '/api/ingest/auto', Buffer.alloc(1_000_001), {}, 413, 'RequestEntityTooLarge'],
    [
      'a body that inflates over the limit',
      '/api/ingest/auto',
      gzipSync(Buffer.alloc(3_000_000)),
      { 'content-encoding': 'gzip' },
      413,
      'RequestEntityTooLarge',
    ],
    ['bad gzip', '/api/ingest/auto', 'no gzip', { 'content-encoding': 'gzip' }, 400, 'InvalidRequestBody'],
    [
      'cut gzip',
      '/api/ingest/auto',
      gzipSync('x'.repeat(1000)).subarray(0, 20),
      { 'content-encoding': 'gzip' },
      400,
      'InvalidRequestBody',
    ],
    ['another encoding', '/api/ingest/auto', 'x', { 'content-encoding': 'br' }, 415, 'UnsupportedMediaType'],
    ['a repeated table', '/api/ingest/auto?table=a&table=b', 'x', {}, 400, 'InvalidInput'],
    ['another rebase', '/api/ingest/auto?rebase=yes', 'x', {}, 400, 'InvalidInput'],
    ['an endless key', '/api/ingest/auto', 'x', { 'idempotency-key': 'x'.repeat(256) }, 400, 'InvalidInput'],
  ] as const)('refuses %s', async (_name, path, body, headers, status, code) => {
    expect(await errorOf(await api.send(path, body, headers))).toMatchObject({ status, code });
  });

  test('a body without a length is cut off at the limit, and the answer arrives all the same', async () => {
    const piece = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const answer = await api.raw(
      `POST /api/ingest/auto HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.token}\r\nTransfer-Encoding: chunked\r\n\r\n` +
        `${piece.repeat(17)}0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    // The connection goes on with the next request.
    expect(answer).toContain('HTTP/1.1 200 OK');
  });

  test('a body without an end is given up', async () => {
    const { hostname, port } = new URL(api.server.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write(
      `POST /api/ingest/auto HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.token}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const piece = Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`);
    const pump = setInterval(() => socket.write(piece), 1);
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(pump);
  });

  test('a use case that does not read to the end still answers', async () => {
    api.take = async ({ body }) => {
      for await (const _ of body) break;
      return counted({ body: Readable.from([]) } as unknown as IngestRequest);
    };
    for (let i = 0; i < 3; i++) {
      expect(await (await api.send('/api/ingest/auto', Buffer.alloc(900_000))).json()).toMatchObject({
        events: 0,
      });
    }
    api.take = async () => {
      throw new RequestError('InvalidInput', 400, 'no');
    };
    expect(await errorOf(await api.send('/api/ingest/auto', Buffer.alloc(900_000)))).toMatchObject({
      status: 400,
    });
  });

  test('a client that leaves in the middle of its body ends the reading', async () => {
    const failed = resolvers<unknown>();
    const reading = resolvers<void>();
    api.take = async ({ body, signal }) => {
      try {
        for await (const _ of body) reading.resolve();
      } catch (error) {
        failed.resolve([error instanceof Error, signal.aborted]);
        throw error;
      }
      throw new Error('the body ended');
    };
    const { hostname, port } = new URL(api.server.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /api/ingest/auto HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.token}\r\nContent-Length: 100\r\n\r\nabc`,
    );
    await reading.promise;
    socket.destroy();
    expect(await failed.promise).toEqual([true, expect.any(Boolean)]);
  });

  test('a busy server says when to come again', async () => {
    api.take = async () => {
      throw new RequestError('DiskFull', 503, 'no space', { retryAfterSeconds: 60 });
    };
    const response = await api.send('/api/ingest/auto', 'x');
    expect(response.headers.get('retry-after')).toBe('60');
    expect(await errorOf(response)).toMatchObject({ status: 503, code: 'DiskFull' });
  });

  test('needs its role', async () => {
    const reader = await tokenFor(api.server, await makeApp(api.server, ['AdvancedHunting.Read.All']));
    const response = await api.send('/api/ingest/auto', 'x', { authorization: `Bearer ${reader}` });
    expect(await errorOf(response)).toMatchObject({ status: 403, code: 'Forbidden' });
  });
});
