import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type FigureWatch, watchFigures } from './figures.ts';
import { answerHunt } from './hunt.ts';
import { acceptHuntLinks } from './hunt-links.ts';
import { carriesKey } from './key.ts';
import { type Engine, EngineFailure } from './native.ts';
import type { CompleteEngineOptions } from './options.ts';
import type { Pipes } from './pipes.ts';
import { checkSettings, type EngineRequest, readRequest, sendFailure } from './requests.ts';
import { keepSpares, killUntilSettled, readRows, withSession } from './sessions.ts';

/**
 * The engine as an HTTP server that speaks the part of ClickHouse's interface which `@clickhouse/client` needs:
 * `/ping`, `/` for statements of our own making, and upgraded connections of `/hunt` for hunting statements behind the
 * wall. Every request must carry the key. `release` lets go of the connections that wait for a statement.
 */
export async function createHost(
  engine: Engine,
  pipes: Pipes,
  key: string,
  options: CompleteEngineOptions,
): Promise<{ readonly server: Server; release(): void }> {
  const names = await readRows(engine, 'SELECT name FROM system.settings');
  const settingNames = new Set(names.map(([name]) => String(name)));
  const figures = watchFigures(engine);
  const server = createServer((request, response) => {
    answer(engine, figures, settingNames, key, options, request, response).catch((error: unknown) => {
      const failure = error instanceof EngineFailure ? error : new EngineFailure(String(error));
      if (!response.headersSent) sendFailure(response, failure);
      else response.destroy();
    });
  });
  const sessions = keepSpares(engine);
  const room = { engine, sessions, pipes, figures };
  const links = acceptHuntLinks(
    server,
    (request) => carriesKey(request.headers.authorization, key),
    options.maxBodyBytes,
    async (order, reply) => {
      checkSettings(Object.keys(order.settings), settingNames);
      await answerHunt(room, order, reply);
    },
  );
  server.once('close', () => {
    sessions.close();
    figures.close();
  });
  // Statements may run, and bodies may come, for as long as the other side waits.
  server.requestTimeout = 0;
  server.headersTimeout = 30_000;
  // A kept connection that is closed while it idles would fail the statement that is just being sent on it.
  server.keepAliveTimeout = 0;
  return { server, release: () => links.end() };
}

async function answer(
  engine: Engine,
  figures: FigureWatch,
  settingNames: ReadonlySet<string>,
  key: string,
  options: CompleteEngineOptions,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!carriesKey(message.headers.authorization, key)) {
    const failure = new EngineFailure(
      'Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)',
    );
    sendFailure(response, failure, 403);
    message.resume();
    return;
  }
  if (message.url === '/ping' || message.url?.startsWith('/ping?')) {
    response.writeHead(200).end('Ok.\n');
    return;
  }
  const request = await readRequest(message, settingNames, options.maxBodyBytes);
  if (request.path === '/') await answerOwn(engine, figures, request, response);
  else
    sendFailure(
      response,
      new EngineFailure('Code: 79. DB::Exception: no such path. (INCORRECT_FILE_NAME)'),
      404,
    );
}

async function answerOwn(
  engine: Engine,
  figures: FigureWatch,
  request: EngineRequest,
  response: ServerResponse,
): Promise<void> {
  const settings: Record<string, string> = { ...request.settings };
  if (request.queryId !== '') settings['log_comment'] = request.queryId;
  const leave = figures.enter();
  const bytes = await withSession(engine, settings, async (connection) => {
    const work =
      request.data === undefined
        ? connection.query(request.statement, request.format)
        : connection.insert(request.statement, request.data).then(() => Buffer.alloc(0));
    response.once('close', () => {
      if (!response.writableFinished && request.queryId !== '')
        void killUntilSettled(engine, request.queryId, work);
    });
    return await work;
  }).finally(leave);
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  response.end(bytes);
}
