import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An application's own web server: keeps what browsers bring back from sign-in. */
export interface CallbackServer {
  readonly url: string;
  /** The next answer that comes in, by query or by form. */
  answer(): Promise<{ readonly method: string; readonly fields: URLSearchParams }>;
  close(): Promise<void>;
}

export async function startCallback(): Promise<CallbackServer> {
  type Answer = Awaited<ReturnType<CallbackServer['answer']>>;
  const came: Answer[] = [];
  const waiting: ((answer: Answer) => void)[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Application</title>');
      const url = new URL(request.url ?? '/', 'http://localhost');
      if (url.pathname !== '/callback') return;
      const method = request.method ?? '';
      const answer = { method, fields: method === 'POST' ? new URLSearchParams(body) : url.searchParams };
      const next = waiting.shift();
      if (next === undefined) came.push(answer);
      else next(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/callback`,
    answer: async () => came.shift() ?? new Promise((resolve) => waiting.push(resolve)),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
