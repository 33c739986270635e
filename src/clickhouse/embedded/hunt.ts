import { once } from 'node:events';
import type { Figures } from '../database.ts';
import { refuseStatement } from '../wall/check.ts';
import type { FigureWatch } from './figures.ts';
import type { HuntOrder } from './frames.ts';
import type { HuntReply } from './hunt-links.ts';
import { type Engine, EngineFailure } from './native.ts';
import type { Pipes } from './pipes.ts';
import { type HuntSession, type HuntSessions, killUntilSettled } from './sessions.ts';

/** What hunting statements run on. */
export interface HuntRoom {
  readonly engine: Engine;
  readonly sessions: HuntSessions;
  readonly pipes: Pipes;
  readonly figures: FigureWatch;
}

/**
 * Runs one hunting statement behind the wall and streams its rows (JSONCompactEachRow). The last line of the body is
 * an object: `{"figures":{...}}` after a complete result, `{"exception":"..."}` after a broken one. The statement is
 * stopped in the engine when the other side goes away.
 */
export async function answerHunt(room: HuntRoom, order: HuntOrder, reply: HuntReply): Promise<void> {
  await room.sessions.use(order.settings, async (session) => {
    const leave = room.figures.enterWall();
    let treeRows = 0;
    const why = await refuseStatement(order.statement, order.database, async (explain) => {
      const tree = (await session.connection.query(explain, 'TSVRaw')).toString('utf8');
      treeRows = tree.split('\n').length - 1;
      return tree;
    }).finally(() => leave(treeRows));
    if (why !== undefined)
      throw new EngineFailure(`Code: 497. DB::Exception: refused: ${why}. (ACCESS_DENIED)`);
    if (reply.gone) return;
    const endWatch = await room.figures.watch(session.tag);
    if (reply.gone) {
      await endWatch();
      return;
    }
    await stream(room, session, endWatch, order.statement, reply);
  });
}

async function stream(
  { engine, pipes }: HuntRoom,
  { connection, tag }: HuntSession,
  endWatch: () => Promise<Figures>,
  statement: string,
  reply: HuntReply,
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
  let hasRows = false;
  reply.onGone(() => {
    // Nobody reads on: let the engine write into the void until it has noticed that it was stopped.
    pipe.output.resume();
    void killUntilSettled(engine, tag, settled);
  });
  const ended = once(pipe.output, 'close');
  pipe.output.on('data', (chunk: Buffer) => {
    if (reply.gone) return;
    hasRows = true;
    if (reply.rows(chunk)) return;
    pipe.output.pause();
    reply.onDrain(() => pipe.output.resume());
  });
  const [result] = await Promise.all([settled, ended]);
  pipe.release();
  const elapsedUs = Math.round(Number(process.hrtime.bigint() - startedNs) / 1000);
  const measured = await endWatch();
  if (reply.gone) return;
  if (!(result instanceof EngineFailure)) {
    reply.rows(Buffer.from(`${JSON.stringify({ figures: { ...measured, elapsedUs } })}\n`));
    reply.end();
  } else if (hasRows) {
    reply.rows(Buffer.from(`\n${JSON.stringify({ exception: result.message })}\n`));
    reply.end();
  } else reply.fail(result);
}
