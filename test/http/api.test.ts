import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HuntAnswer, HuntRequest, IngestCounts, IngestRequest } from '../../src/http/deps.ts';
import { RequestError } from '../../src/model/request-error.ts';
import {
  huntAnswer,
  makeApp,
  OTHER_TENANT,
  startServer,
  TENANT,
  type TestServer,
  tokenFor,
} from './server.ts';

const ANSWER = '{"Stats":{},"Schema":[],"Results":[]}';

let server: TestServer;
let token: string;
let asked: HuntRequest[] = [];
let hunt: (request: HuntRequest) => Promise<HuntAnswer>;
let take: (request: IngestRequest) => Promise<IngestCounts>;

beforeAll(async () => {
  server = await startServer({
    runHunt: (request) => {
      asked.push(request);
      return hunt(request);
    },
    ingestStream: (request) => take(request),
  });
  token = await tokenFor(server, await makeApp(server));
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
  hunt = async () => huntAnswer(ANSWER);
  take = counted;
});

const RUN = '/api/advancedhunting/run';

async function counted({ body }: IngestRequest): Promise<IngestCounts> {
  let events = 0;
  for await (const piece of body) events += Buffer.from(piece).length;
  return {
    files: 1,
    events,
    stored: events,
    skipped: 0,
    duplicates: 0,
    rejected: 0,
    tables: {},
    reasons: {},
  };
}

function send(path: string, body: string | Buffer | undefined, headers: Record<string, string> = {}) {
  return fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body === undefined ? {} : { body: new Uint8Array(Buffer.from(body)) }),
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
}

async function errorOf(response: Response): Promise<{ status: number; code: string; message: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string; target: string } };
  expect(error.target).toMatch(/^[0-9a-f-]{36}$/);
  return { status: response.status, code: error.code, message: error.message };
}

/** Bytes on a socket, as they are; the answer to its end. */
function raw(text: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.on('data', (piece) => {
      answer += piece.toString('latin1');
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('a hunting call', () => {
  test('passes the query and the caller, and streams the answer', async () => {
    const response = await send(RUN, '{"Query":"print 1"}', { 'content-type': 'application/json' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.text()).toBe(ANSWER);
    expect(asked).toMatchObject([
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
    expect((await send(RUN, body, headers as Record<string, string>)).status).toBe(200);
    expect(asked[0]?.query).toBe('print 1');
  });

  test.each([
    '/api/AdvancedHunting/Run',
    '/api/advancedhunting/run/',
    '//api//advancedhunting//run',
    '/api/advancedhunting/run?',
    '/api/advancedhunting/run?x=1',
  ])('is reached by %s', async (path) => {
    expect((await send(path, '{"Query":"print 1"}')).status).toBe(200);
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
    expect(await errorOf(await send(RUN, body))).toEqual({
      status: 400,
      code: 'InvalidRequestBody',
      message: 'Missing query.',
    });
    expect(asked).toEqual([]);
  });

  test('a body over the limit is refused before it is read, and so is a compressed one', async () => {
    expect(await errorOf(await send(RUN, Buffer.alloc(5_000_000)))).toMatchObject({
      status: 413,
      code: 'RequestEntityTooLarge',
    });
    const gzip = gzipSync('{"Query":"print 1"}');
    expect(await errorOf(await send(RUN, gzip, { 'content-encoding': 'gzip' }))).toMatchObject({
      status: 415,
      code: 'UnsupportedMediaType',
    });
  });

  test('nobody`s body is read before the token is checked', async () => {
    const answer = await raw(
      `POST ${RUN} HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('what was cut and what was warned of is in headers that nothing can break out of', async () => {
    const warnings = ['a\r\nSet-Cookie: x=1', 'é \ud800', 'x'.repeat(10_000)];
    hunt = async () => huntAnswer(ANSWER, { truncated: true, warnings });
    const response = await send(RUN, '{"Query":"print 1"}');
    expect(response.headers.get('x-spoor-truncated')).toBe('true');
    expect(response.headers.get('set-cookie')).toBeNull();
    const header = decodeURIComponent(response.headers.get('x-spoor-warning') ?? '');
    expect(JSON.parse(header)).toEqual(['a\r\nSet-Cookie: x=1', 'é \ud800']);
  });

  test('a refusal keeps its code, text and time; its detail stays in the log', async () => {
    hunt = async () => {
      throw new RequestError('TooManyRequests', 429, 'API calls quota exceeded!', {
        detail: 'SELECT 42',
        retryAfterSeconds: 23,
      });
    };
    const response = await send(RUN, '{"Query":"print 1"}');
    expect(response.headers.get('retry-after')).toBe('23');
    const text = await response.clone().text();
    expect(await errorOf(response)).toEqual({
      status: 429,
      code: 'TooManyRequests',
      message: 'API calls quota exceeded!',
    });
    expect(text).not.toContain('SELECT');
    expect(server.log.some((line) => line.includes('SELECT 42'))).toBe(true);
  });

  test('a bug is 500 with an id, and no word of it', async () => {
    hunt = async () => {
      throw new Error('secret path /x/y');
    };
    const response = await send(RUN, '{"Query":"print 1"}');
    const text = await response.clone().text();
    const { target } = (JSON.parse(text) as { error: { target: string } }).error;
    expect(await errorOf(response)).toMatchObject({ status: 500, code: 'InternalServerError' });
    expect(text).not.toContain('secret');
    expect(server.log.some((line) => line.includes(target) && line.includes('secret path'))).toBe(true);
  });

  test('a client that leaves stops the query', async () => {
    const started = resolvers<AbortSignal>();
    const stopped = resolvers<void>();
    hunt = ({ signal }) => {
      started.resolve(signal);
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped.resolve();
          reject(new RequestError('QueryCancelled', 499, 'cancelled'));
        });
      });
    };
    const controller = new AbortController();
    const call = fetch(server.url + RUN, {
      method: 'POST',
      body: '{"Query":"print 1"}',
      headers: { authorization: `Bearer ${token}` },
      signal: controller.signal,
    }).catch(() => undefined);
    expect((await started.promise).aborted).toBe(false);
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
      hunt = async () =>
        huntAnswer('', { body, contentLength: 500 * 65_536, dispose: async () => disposed.resolve() });
      const response = await send(RUN, '{"Query":"print 1"}');
      if (leaves) await response.body?.cancel();
      else expect((await response.arrayBuffer()).byteLength).toBe(500 * 65_536);
      await disposed.promise;
    }
  });
});

describe('compression', () => {
  const long = `{"Results":"${'x'.repeat(100_000)}"}`;
  const ask = async (encoding: string | undefined) => {
    hunt = async () => huntAnswer(long);
    const headers = encoding === undefined ? '' : `Accept-Encoding: ${encoding}\r\n`;
    const answer = await raw(
      `POST ${RUN} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n${headers}Content-Length: 19\r\nConnection: close\r\n\r\n{"Query":"print 1"}`,
    );
    const end = answer.indexOf('\r\n\r\n');
    return { head: answer.slice(0, end), body: Buffer.from(answer.slice(end + 4), 'latin1') };
  };

  test('is used only when asked for, and never as br', async () => {
    for (const encoding of [undefined, 'identity', 'br']) {
      const { head, body } = await ask(encoding);
      expect(head).not.toMatch(/content-encoding/i);
      expect(head).toContain(`content-length: ${long.length}`);
      expect(body.toString()).toBe(long);
    }
  });

  test('is gzip or deflate, and the length is then not promised', async () => {
    for (const [encoding, expected, inflate] of [
      ['gzip', 'gzip', gunzipSync],
      ['br, gzip, deflate', 'gzip', gunzipSync],
      ['deflate', 'deflate', inflateSync],
    ] as const) {
      const { head, body } = await ask(encoding);
      expect(head).toContain(`content-encoding: ${expected}`);
      expect(head).not.toMatch(/content-length/i);
      expect(inflate(unchunked(body)).toString()).toBe(long);
    }
  });
});

describe('an ingest call', () => {
  test('streams the body with what the call says of it', async () => {
    const seen: IngestRequest[] = [];
    take = (request) => {
      seen.push(request);
      return counted(request);
    };
    const response = await send('/api/Ingest/Records?table=DeviceEvents&name=a.json&rebase=now', 'abc', {
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
    await send('/api/ingest/auto', 'abc');
    expect(seen[1]).toMatchObject({
      format: 'auto',
      table: undefined,
      idempotencyKey: undefined,
      rebase: false,
    });
  });

  test('takes gzip, and an empty body', async () => {
    const response = await send('/api/ingest/auto', gzipSync('x'.repeat(100_000)), {
      'content-encoding': 'gzip',
    });
    expect(await response.json()).toMatchObject({ events: 100_000 });
    expect(await (await send('/api/ingest/auto', '')).json()).toMatchObject({ events: 0 });
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
    expect(await errorOf(await send(path, body, headers))).toMatchObject({ status, code });
  });

  test('a body without a length is cut off at the limit, and the answer arrives all the same', async () => {
    const piece = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const answer = await raw(
      `POST /api/ingest/auto HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\n\r\n` +
        `${piece.repeat(17)}0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    // The connection goes on with the next request.
    expect(answer).toContain('HTTP/1.1 200 OK');
  });

  test('a body without an end is given up', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write(
      `POST /api/ingest/auto HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const piece = Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`);
    const pump = setInterval(() => socket.write(piece), 1);
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(pump);
  });

  test('a use case that does not read to the end still answers', async () => {
    take = async ({ body }) => {
      for await (const _ of body) break;
      return counted({ body: Readable.from([]) } as unknown as IngestRequest);
    };
    for (let i = 0; i < 3; i++) {
      expect(await (await send('/api/ingest/auto', Buffer.alloc(900_000))).json()).toMatchObject({
        events: 0,
      });
    }
    take = async () => {
      throw new RequestError('InvalidInput', 400, 'no');
    };
    expect(await errorOf(await send('/api/ingest/auto', Buffer.alloc(900_000)))).toMatchObject({
      status: 400,
    });
  });

  test('a client that leaves in the middle of its body ends the reading', async () => {
    const failed = resolvers<unknown>();
    const reading = resolvers<void>();
    take = async ({ body, signal }) => {
      try {
        for await (const _ of body) reading.resolve();
      } catch (error) {
        failed.resolve([error instanceof Error, signal.aborted]);
        throw error;
      }
      throw new Error('the body ended');
    };
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /api/ingest/auto HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 100\r\n\r\nabc`,
    );
    await reading.promise;
    socket.destroy();
    expect(await failed.promise).toEqual([true, expect.any(Boolean)]);
  });

  test('a busy server says when to come again', async () => {
    take = async () => {
      throw new RequestError('DiskFull', 503, 'no space', { retryAfterSeconds: 60 });
    };
    const response = await send('/api/ingest/auto', 'x');
    expect(response.headers.get('retry-after')).toBe('60');
    expect(await errorOf(response)).toMatchObject({ status: 503, code: 'DiskFull' });
  });

  test('needs its role', async () => {
    const reader = await tokenFor(server, await makeApp(server, ['AdvancedHunting.Read.All']));
    const response = await send('/api/ingest/auto', 'x', { authorization: `Bearer ${reader}` });
    expect(await errorOf(response)).toMatchObject({ status: 403, code: 'Forbidden' });
  });
});

describe('other paths', () => {
  test('GET /api tells a token holder that the service lives, with one slash or two', async () => {
    for (const path of ['/api', '//api', '/api/']) {
      const answer = await raw(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    }
    expect((await fetch(`${server.url}/api`)).status).toBe(401);
  });

  test('health needs no token', async () => {
    expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ ready: true });
  });

  test.each(['/api/nothing', '/', '/%ff', '/api/%', '/constructor', `/${'x'.repeat(5000)}`])(
    '%s is an error in form',
    async (path) => {
      const { status } = await errorOf(await send(path, undefined));
      expect([400, 404, 414]).toContain(status);
    },
  );

  test('what is no HTTP is answered in form', async () => {
    for (const text of [
      'nonsense\r\n\r\n',
      'GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n',
      `GET / HTTP/1.1\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`,
    ]) {
      const answer = await raw(text);
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))).toHaveProperty('error.code');
    }
  });

  test('the log holds no token, no secret and no query string', async () => {
    await send(`${RUN}?access_token=hidden-in-the-query`, '{"Query":"print 1"}');
    const log = server.log.join('');
    expect(log).toContain('"route":"/api/advancedhunting/run"');
    expect(log).not.toContain(token);
    expect(log).not.toContain(server.cliKey);
    expect(log).not.toContain('hidden-in-the-query');
  });
});

describe('the command line`s routes', () => {
  const admin = (path: string, body: object | string, headers: Record<string, string> = {}) =>
    send(`/spoor/admin/${path}`, typeof body === 'string' ? body : JSON.stringify(body), {
      authorization: `SpoorKey ${server.cliKey}`,
      'x-spoor-tenant': TENANT,
      ...headers,
    });

  test('make an application that can take a token at once', async () => {
    const response = await admin('apps', { name: 'hunter', roles: ['AdvancedHunting.Read.All'] });
    const made = (await response.json()) as { clientId: string; clientSecret: string };
    expect(Object.keys(made)).toEqual(['clientId', 'clientSecret', 'tenant', 'roles']);
    expect(made).toMatchObject({ tenant: TENANT, roles: ['AdvancedHunting.Read.All'] });
    expect(made.clientSecret).toMatch(/^[A-Za-z0-9~._-]{40,}$/);
    expect(await tokenFor(server, made)).toEqual(expect.any(String));
  });

  test('make a tenant once', async () => {
    const id = 'D0E1F2A3-0000-4000-8000-000000000001';
    const first = await (await admin('tenants', { id, domain: 'Lab.example' })).json();
    expect(first).toEqual({
      tenant: id.toLowerCase(),
      name: 'lab.example',
      domain: 'lab.example',
      created: true,
    });
    expect(await (await admin('tenants', { id })).json()).toMatchObject({ created: false });
    expect(await errorOf(await admin('tenants', { domain: 'lab.example' }))).toMatchObject({
      status: 409,
      code: 'Conflict',
    });
  });

  test('query, check, explain and ingest in the tenant of the header', async () => {
    const other = { 'x-spoor-tenant': OTHER_TENANT.toUpperCase() };
    expect((await admin('query', { Query: 'print 1' }, other)).status).toBe(200);
    expect(asked).toMatchObject([{ caller: { tenant: OTHER_TENANT }, query: 'print 1' }]);
    expect(await (await admin('check', { Query: 'x' }, other)).json()).toEqual({
      ok: true,
      tenant: OTHER_TENANT,
      query: 'x',
    });
    expect((await admin('explain', { Query: 'x', stage: 'plan' }, other)).status).toBe(200);
    expect(await (await admin('ingest/auto', 'abc', other)).json()).toMatchObject({ events: 3 });
  });

  test.each([
    ['an unknown role', 'apps', { name: 'x', roles: ['Everything'] }, 400, 'InvalidInput'],
    ['an inherited role', 'apps', { name: 'x', roles: ['constructor'] }, 400, 'InvalidInput'],
    ['roles that are no list', 'apps', { name: 'x', roles: 'AdvancedHunting.Read.All' }, 400, 'InvalidInput'],
    ['no name', 'apps', { roles: [] }, 400, 'MissingRequiredParameter'],
    ['an endless name', 'apps', { name: 'x'.repeat(300), roles: [] }, 400, 'InvalidInput'],
    ['a tenant id that is none', 'tenants', { id: 'x' }, 400, 'InvalidInput'],
    ['a domain that is none', 'tenants', { domain: 'a b' }, 400, 'InvalidInput'],
    ['an unknown stage', 'explain', { Query: 'x', stage: 'y' }, 400, 'InvalidInput'],
    ['no query', 'check', {}, 400, 'InvalidRequestBody'],
    ['no JSON', 'apps', 'x', 400, 'InvalidRequestBody'],
  ])('refuse %s', async (_name, path, body, status, code) => {
    expect(await errorOf(await admin(path, body))).toMatchObject({ status, code });
  });

  test('refuse an unknown tenant and none', async () => {
    expect(
      await errorOf(await admin('check', { Query: 'x' }, { 'x-spoor-tenant': TENANT.replace('5', '6') })),
    ).toMatchObject({ status: 404 });
    expect(await errorOf(await admin('check', { Query: 'x' }, { 'x-spoor-tenant': '' }))).toMatchObject({
      status: 400,
    });
  });

  test.each([
    ['no key', ''],
    ['a wrong key', `SpoorKey ${'A'.repeat(43)}`],
    ['a short key', 'SpoorKey A'],
    ['a bearer token', 'bearer'],
  ])('refuse %s', async (_name, authorization) => {
    const header = authorization === 'bearer' ? `Bearer ${token}` : authorization;
    expect(await errorOf(await admin('check', { Query: 'x' }, { authorization: header }))).toMatchObject({
      status: 401,
      code: 'Unauthorized',
    });
  });

  test('refuse a key that came over a network in the clear', async () => {
    const response = await server.app.inject({
      method: 'POST',
      url: '/spoor/admin/check',
      remoteAddress: '192.0.2.7',
      headers: { authorization: `SpoorKey ${server.cliKey}`, 'x-spoor-tenant': TENANT },
      payload: '{"Query":"x"}',
    });
    expect(response.statusCode).toBe(403);
  });
});

/** Node 20 has no `Promise.withResolvers`. */
function resolvers<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function unchunked(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at);
    const length = Number.parseInt(body.subarray(at, line).toString('latin1'), 16);
    if (length === 0) return Buffer.concat(pieces);
    pieces.push(body.subarray(line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
}
