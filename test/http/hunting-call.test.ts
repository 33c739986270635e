import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { RequestError } from '../../src/model/request-error.ts';
import { ANSWER, errorOf, RUN, resolvers, useApi } from './api.ts';
import { huntAnswer, TENANT } from './server.ts';

const api = useApi();

describe('a hunting call', () => {
  test('passes the query and the caller, and streams the answer', async () => {
    const response = await api.send(RUN, '{"Query":"print 1"}', { 'content-type': 'application/json' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.text()).toBe(ANSWER);
    expect(api.asked).toMatchObject([
      {
        query: 'print 1',
        caller: { tenant: TENANT, user: undefined, roles: ['AdvancedHunting.Read.All', 'Events.Write.All'] },
      },
    ]);
  });

  test.each([
    ['no content type', {}, '{"Query":"print 1"}'],
    ['a charset', { 'content-type': 'application/json; charset=utf-8' }, '{"Query":"print 1"}'],
    ['plain text', { 'content-type': 'text/plain' }, '{"Query":"print 1"}'],
    ['a form`s type', { 'content-type': 'application/x-www-form-urlencoded' }, '{"Query":"print 1"}'],
    ['a lower-case member', {}, '{"query":"print 1"}'],
    ['pretty-printed lines', {}, '{\r\n    "Query":  "print 1"\r\n}'],
    ['a BOM', {}, '\ufeff{"Query":"print 1"}'],
    ['other members', {}, '{"Query":"print 1","__proto__":{"Query":"x"},"x":1}'],
  ])('takes %s', async (_name, headers, body) => {
    expect((await api.send(RUN, body, headers as Record<string, string>)).status).toBe(200);
    expect(api.asked[0]?.query).toBe('print 1');
  });

  test.each([
    '/api/AdvancedHunting/Run',
    '/api/advancedhunting/run/',
    '//api//advancedhunting//run',
    '/api/advancedhunting/run?',
    '/api/advancedhunting/run?x=1',
  ])('is reached by %s', async (path) => {
    expect((await api.send(path, '{"Query":"print 1"}')).status).toBe(200);
  });

  test.each([
    ['nothing', ''],
    ['no object', '[]'],
    ['no query', '{}'],
    ['an empty query', '{"Query":"  "}'],
    ['a number', '{"Query":1}'],
    ['an inherited member', '{"__proto__":{"Query":"print 1"}}'],
    ['broken JSON', '{"Query":'],
    ['bytes that are no UTF-8', Buffer.from('7b225175657279223a22ff227d', 'hex')],
    ['a million brackets', '['.repeat(1_000_000)],
  ])('without a query: %s', async (_name, body) => {
    expect(await errorOf(await api.send(RUN, body))).toEqual({
      status: 400,
      code: 'InvalidRequestBody',
      message: 'Missing query.',
    });
    expect(api.asked).toEqual([]);
  });

  test('a body over the limit is refused before it is read, and so is a compressed one', async () => {
    expect(await errorOf(await api.send(RUN, Buffer.alloc(5_000_000)))).toMatchObject({
      status: 413,
      code: 'RequestEntityTooLarge',
    });
    const gzip = gzipSync('{"Query":"print 1"}');
    expect(await errorOf(await api.send(RUN, gzip, { 'content-encoding': 'gzip' }))).toMatchObject({
      status: 415,
      code: 'UnsupportedMediaType',
    });
  });

  test('nobody`s body is read before the token is checked', async () => {
    const answer = await api.raw(
      `POST ${RUN} HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('what was cut and what was warned of is in headers that nothing can break out of', async () => {
    const warnings = ['a\r\nSet-Cookie: x=1', 'é \ud800', 'x'.repeat(10_000)];
    api.hunt = async () => huntAnswer(ANSWER, { truncated: true, warnings });
    const response = await api.send(RUN, '{"Query":"print 1"}');
    expect(response.headers.get('x-spoor-truncated')).toBe('true');
    expect(response.headers.get('set-cookie')).toBeNull();
    const header = decodeURIComponent(response.headers.get('x-spoor-warning') ?? '');
    expect(JSON.parse(header)).toEqual(['a\r\nSet-Cookie: x=1', 'é \ud800']);
  });

  test('a refusal keeps its code, text and time; its detail stays in the log', async () => {
    api.hunt = async () => {
      throw new RequestError('TooManyRequests', 429, 'API calls quota exceeded!', {
        detail: 'SELECT 42',
        retryAfterSeconds: 23,
      });
    };
    const response = await api.send(RUN, '{"Query":"print 1"}');
    expect(response.headers.get('retry-after')).toBe('23');
    const text = await response.clone().text();
    expect(await errorOf(response)).toEqual({
      status: 429,
      code: 'TooManyRequests',
      message: 'API calls quota exceeded!',
    });
    expect(text).not.toContain('SELECT');
    expect(api.server.log.some((line) => line.includes('SELECT 42'))).toBe(true);
  });

  test('a bug is 500 with an id, and no word of it', async () => {
    api.hunt = async () => {
      throw new Error('secret path /x/y');
    };
    const response = await api.send(RUN, '{"Query":"print 1"}');
    const text = await response.clone().text();
    const { target } = (JSON.parse(text) as { error: { target: string } }).error;
    expect(await errorOf(response)).toMatchObject({ status: 500, code: 'InternalServerError' });
    expect(text).not.toContain('secret');
    expect(api.server.log.some((line) => line.includes(target) && line.includes('secret path'))).toBe(true);
  });

  test('a client that leaves stops the query', async () => {
    const started = resolvers<AbortSignal | undefined>();
    const stopped = resolvers<void>();
    api.hunt = ({ signal }) => {
      started.resolve(signal);
      return new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          stopped.resolve();
          reject(new RequestError('QueryCancelled', 499, 'cancelled'));
        });
      });
    };
    const controller = new AbortController();
    const call = fetch(api.server.url + RUN, {
      method: 'POST',
      body: '{"Query":"print 1"}',
      headers: { authorization: `Bearer ${api.token}` },
      signal: controller.signal,
    }).catch(() => undefined);
    expect((await started.promise)?.aborted).toBe(false);
    controller.abort();
    await stopped.promise;
    await call;
  });

  test('an answer is disposed of when it was read, and when its reader left in the middle', async () => {
    for (const leaves of [false, true]) {
      const disposed = resolvers<void>();
      const piece = Buffer.alloc(65_536, 0x20);
      const body = () =>
        Readable.from(
          (function* () {
            for (let i = 0; i < 500; i++) yield piece;
          })(),
        );
      api.hunt = async () =>
        huntAnswer('', { body, contentLength: 500 * 65_536, dispose: async () => disposed.resolve() });
      const response = await api.send(RUN, '{"Query":"print 1"}');
      if (leaves) await response.body?.cancel();
      else expect((await response.arrayBuffer()).byteLength).toBe(500 * 65_536);
      await disposed.promise;
    }
  });
});
