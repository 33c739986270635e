import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Figures } from '../database.ts';
import { refuseStatement } from '../wall/check.ts';
import type { FigureWatch } from './figures.ts';
import { type Connection, type Engine, EngineFailure } from './native.ts';
import type { Pipes } from './pipes.ts';
import { type EngineRequest, sendFailure } from './requests.ts';
import { checkQueryId, killUntilSettled, withSession } from './sessions.ts';

/**
 * Runs one hunting statement behind the wall and streams its rows (JSONCompactEachRow). The last line of the body is
 * an object: `{"figures":{...}}` after a complete result, `{"exception":"..."}` after a broken one. The statement is
 * stopped in the engine when the other side goes away.
 */
export async function answerHunt(
  engine: Engine,
  pipes: Pipes,
  figures: FigureWatch,
  request: EngineRequest,
  response: ServerResponse,
): Promise<void> {
  const queryId = checkQueryId(request.queryId);
  const settings = { ...request.settings, readonly: '1', log_comment: queryId };
  await withSession(engine, settings, async (connection) => {
    const leave = figures.enterWall();
    let treeRows = 0;
    const why = await refuseStatement(request.statement, request.database, async (explain) => {
      const tree = (await connection.query(explain, 'TSVRaw')).toString('utf8');
      treeRows = tree.split('\n').length - 1;
      return tree;
    }).finally(() => leave(treeRows));
    if (why !== undefined)
      throw new EngineFailure(`Code: 497. DB::Exception: refused: ${why}. (ACCESS_DENIED)`);
    if (response.destroyed) return;
    const endWatch = await figures.watch(queryId);
    if (response.destroyed) {
      await endWatch();
      return;
    }
    await stream(engine, connection, pipes, endWatch, request.statement, queryId, response);
  });
}

async function stream(
  engine: Engine,
  connection: Connection,
  pipes: Pipes,
  endWatch: () => Promise<Figures>,
  statement: string,
  queryId: string,
  response: ServerResponse,
): Promise<void> {
  const pipe = pipes.take();
  const startedNs = process.hrtime.bigint();
  const settled = connection
    .query(
      `${statement}\nINTO OUTFILE '${pipe.path.replaceAll(/['\\]/g, '\\$&')}' APPEND`,
      'JSONCompactEachRow',
    )
    .catch((error: unknown) => (error instanceof EngineFailure ? error : new EngineFailure(String(error))))
    .finally(() => pipe.finish());
  let gone = false;
  response.once('close', () => {
    if (response.writableFinished) return;
    // Nobody reads on: let the engine write into the void until it has noticed that it was stopped.
    gone = true;
    pipe.output.resume();
    void killUntilSettled(engine, queryId, settled);
  });
  const ended = once(pipe.output, 'close');
  pipe.output.on('data', (chunk: Buffer) => {
    if (gone) return;
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    if (response.write(chunk)) return;
    pipe.output.pause();
    response.once('drain', () => pipe.output.resume());
  });
  const [result] = await Promise.all([settled, ended]);
  pipe.release();
  const elapsedUs = Math.round(Number(process.hrtime.bigint() - startedNs) / 1000);
  const measured = await endWatch();
  if (gone) return;
  if (result instanceof EngineFailure) {
    if (!response.headersSent) sendFailure(response, result);
    else response.end(`\n${JSON.stringify({ exception: result.message })}\n`);
    return;
  }
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.end(`${JSON.stringify({ figures: { ...measured, elapsedUs } })}\n`);
}
