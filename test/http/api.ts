import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import type { HuntAnswer, HuntRequest } from '../../src/hunting/run.ts';
import type { IngestRequest } from '../../src/ingest/ingest.ts';
import { type IngestCounts, NO_COUNTS } from '../../src/model/ingest-counts.ts';
import { huntAnswer, makeApp, startServer, type TestServer, tokenFor } from './server.ts';

export const RUN = '/api/advancedhunting/run';
export const ANSWER = '{"Stats":{},"Schema":[],"Results":[]}';

/** A server for the tests of one file, and the calls of an application with every role. */
export interface Api {
  readonly server: TestServer;
  readonly token: string;
  /** What the test asked so far. */
  readonly asked: readonly HuntRequest[];
  /** What answers a hunting call; each test begins with one that answers `ANSWER`. */
  hunt: (request: HuntRequest) => Promise<HuntAnswer>;
  /** What takes an ingest call; each test begins with `counted`. */
  take: (request: IngestRequest) => Promise<IngestCounts>;
  /** GET without a body, else POST. */
  send(path: string, body: string | Buffer | undefined, headers?: Record<string, string>): Promise<Response>;
  /** Bytes on a socket, as they are; the answer to its end. */
  raw(text: string): Promise<string>;
}

export function useApi(): Api {
  let server: TestServer | undefined;
  let token = '';
  let asked: HuntRequest[] = [];
  const started = (): TestServer => {
    if (server === undefined) throw new Error('the server is not started yet');
    return server;
  };
  const api: Api = {
    get server() {
      return started();
    },
    get token() {
      return token;
    },
    get asked() {
      return asked;
    },
    hunt: async () => huntAnswer(ANSWER),
    take: counted,
    send: (path, body, headers = {}) =>
      fetch(started().url + path, {
        method: body === undefined ? 'GET' : 'POST',
        ...(body === undefined ? {} : { body: new Uint8Array(Buffer.from(body)) }),
        headers: { authorization: `Bearer ${token}`, ...headers },
      }),
    raw: (text) => sendRaw(started().url, text),
  };
  beforeAll(async () => {
    server = await startServer({
      runHunt: (request) => {
        asked.push(request);
        return api.hunt(request);
      },
      ingestStream: (request) => api.take(request),
    });
    token = await tokenFor(server, await makeApp(server));
  });
  afterAll(() => server?.close());
  beforeEach(() => {
    asked = [];
    api.hunt = async () => huntAnswer(ANSWER);
    api.take = counted;
  });
  return api;
}

/** Reads the body to its end; each byte counts as an event. */
export async function counted({ body }: IngestRequest): Promise<IngestCounts> {
  let events = 0;
  for await (const piece of body) events += Buffer.from(piece).length;
  return { ...NO_COUNTS, files: 1, events, stored: events };
}

export async function errorOf(
  response: Response,
): Promise<{ status: number; code: string; message: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string; target: string } };
  expect(error.target).toMatch(/^[0-9a-f-]{36}$/);
  return { status: response.status, code: error.code, message: error.message };
}

function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
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

/** Node 20 has no `Promise.withResolvers`. */
export function resolvers<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
