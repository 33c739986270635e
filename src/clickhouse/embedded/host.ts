import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type FigureWatch, watchFigures } from './figures.ts';
import { answerHunt } from './hunt.ts';
import { carriesKey } from './key.ts';
import { type Engine, EngineFailure } from './native.ts';
import type { CompleteEngineOptions } from './options.ts';
import type { Pipes } from './pipes.ts';
import { type EngineRequest, readRequest, sendFailure } from './requests.ts';
import { killUntilSettled, readRows, withSession } from './sessions.ts';

/**
 * The engine as an HTTP server that speaks the part of ClickHouse's interface which `@clickhouse/client` needs:
 * `/ping`, `/` for statements of our own making, `/hunt` for hunting statements behind the wall. Every request must
 * carry the key.
 */
export async function createHost(
  engine: Engine,
  pipes: Pipes,
  key: string,
  options: CompleteEngineOptions,
): Promise<Server> {
  const names = await readRows(engine, 'SELECT name FROM system.settings');
  const settingNames = new Set(names.map(([name]) => String(name)));
  const figures = watchFigures(engine);
  const server = createServer((request, response) => {
    answer(engine, pipes, figures, settingNames, key, options, request, response).catch((error: unknown) => {
      const failure = error instanceof EngineFailure ? error : new EngineFailure(String(error));
      if (!response.headersSent) sendFailure(response, failure);
      else response.destroy();
    });
  });
  server.once('close', figures.close);
  // Statements may run, and bodies may come, for as long as the other side waits.
  server.requestTimeout = 0;
  server.headersTimeout = 30_000;
  // A kept connection that is closed while it idles would fail the statement that is just being sent on it.
  server.keepAliveTimeout = 0;
  return server;
}

async function answer(
  engine: Engine,
  pipes: Pipes,
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
  if (request.path === '/hunt') await answerHunt(engine, pipes, figures, request, response);
  else if (request.path === '/') await answerOwn(engine, figures, request, response);
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
