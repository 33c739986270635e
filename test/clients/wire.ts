import { request } from 'node:http';
import { expect } from 'vitest';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The text, read as JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends requests to one server with exactly these headers: `fetch` would add a content type of its own. */
export interface Wire {
  raw(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string | readonly string[],
  ): Promise<Answer>;
  /** Keeps its body until the server says to go on, as .NET does. */
  expecting(path: string, headers: Readonly<Record<string, string>>, body: string): Promise<Answer>;
  /** The token of an answer 200. */
  tokenBy(path: string, headers: Readonly<Record<string, string>>, body: string): Promise<string>;
}

export function wireTo(url: string): Wire {
  const host = { host: '127.0.0.1', port: Number(new URL(url).port) };
  const send = (
    options: {
      readonly method: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
    },
    write: (call: ReturnType<typeof request>) => void,
  ) =>
    new Promise<Answer>((resolve, reject) => {
      const call = request({ ...host, ...options }, (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.once('end', () => {
          const text = Buffer.concat(pieces).toString('utf8');
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, body: JSON.parse(text) });
        });
      });
      call.once('error', reject);
      write(call);
    });
  const wire: Wire = {
    raw: (method, path, headers, body = '') =>
      send({ method, path, headers }, (call) => {
        for (const piece of typeof body === 'string' ? [] : body) call.write(piece);
        call.end(typeof body === 'string' ? body : undefined);
      }),
    expecting: (path, headers, body) =>
      send({ method: 'POST', path, headers: { ...headers, Expect: '100-continue' } }, (call) => {
        call.once('continue', () => call.end(body));
        call.flushHeaders();
      }),
    async tokenBy(path, headers, body) {
      const { status, body: answer } = await wire.raw('POST', path, { ...headers, ...length(body) }, body);
      expect([status, answer['token_type']]).toEqual([200, 'Bearer']);
      return String(answer['access_token']);
    },
  };
  return wire;
}

export function length(body: string): Readonly<Record<string, string>> {
  return { 'Content-Length': String(Buffer.byteLength(body)) };
}

export function form(values: Readonly<Record<string, string>>): string {
  return new URLSearchParams(values).toString();
}
