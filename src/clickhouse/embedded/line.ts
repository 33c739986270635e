import { request } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { FRAME, type HuntOrder, readFrames, sendFrame } from './frames.ts';

/** Sends hunting statements to the embedded engine process. */
export interface HuntLine {
  /**
   * Resolves with the body once the engine begins to answer; rejects with the engine's text (`Code: n. ...`), the
   * system's failure (`ECONNREFUSED`, `ECONNRESET`), or the signal's reason. Nothing is ever sent twice. Destroying the
   * body before its end stops the statement.
   */
  send(order: HuntOrder, signal: AbortSignal): Promise<Readable>;
  close(): void;
}

/** What the one statement that is under way on a link hears. */
interface Listener {
  frame(kind: number, payload: Buffer): void;
  broken(error: Error): void;
}

interface Link {
  readonly socket: Socket;
  listener: Listener | undefined;
}

/** What a `rows` frame of ours can be: a read of a pipe. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/**
 * A line of its own beside `@clickhouse/client`, which takes some 3 ms a statement: a query that the index answers at
 * once would spend longer on its way than in the engine. Links are HTTP connections that were upgraded to frames and
 * are kept, for only the engine's death ends them (`host.ts`), and then the system tells at once.
 */
export function openHuntLine(url: string, key: string): HuntLine {
  const links = new Set<Link>();
  const idle: Link[] = [];

  async function take(signal: AbortSignal): Promise<Link> {
    const kept = idle.pop();
    if (kept !== undefined) {
      kept.socket.ref();
      return kept;
    }
    const link: Link = { socket: await upgradeToHuntLink(url, key, signal), listener: undefined };
    links.add(link);
    link.socket.setNoDelay(true);
    link.socket.on(
      'data',
      readFrames(MAX_FRAME_BYTES, (kind, payload) => link.listener?.frame(kind, payload)),
    );
    let failure: Error | undefined;
    link.socket.once('error', (error) => {
      failure = error;
    });
    link.socket.once('close', () => {
      links.delete(link);
      const place = idle.indexOf(link);
      if (place >= 0) idle.splice(place, 1);
      link.listener?.broken(
        failure ?? Object.assign(new Error('the engine closed the line'), { code: 'ECONNRESET' }),
      );
    });
    return link;
  }

  function giveBack(link: Link): void {
    link.listener = undefined;
    link.socket.resume();
    link.socket.unref();
    idle.push(link);
  }

  return {
    async send(order, signal) {
      signal.throwIfAborted();
      const link = await take(signal);
      if (signal.aborted) {
        giveBack(link);
        throw signal.reason;
      }
      return await ask(link, order, signal, () => giveBack(link));
    },
    close() {
      for (const { socket } of links) socket.destroy();
    },
  };
}

function ask(link: Link, order: HuntOrder, signal: AbortSignal, over: () => void): Promise<Readable> {
  const { socket } = link;
  return new Promise((resolve, reject) => {
    let isOver = false;
    const body = new Readable({
      read: () => {
        if (!isOver) socket.resume();
      },
      destroy(error, done) {
        if (!isOver) socket.destroy();
        done(error);
      },
    });
    const leave = (): void => {
      reject(signal.reason);
      body.destroy();
    };
    const end = (): void => {
      isOver = true;
      signal.removeEventListener('abort', leave);
      over();
    };
    signal.addEventListener('abort', leave, { once: true });
    link.listener = {
      frame(kind, payload) {
        if (kind === FRAME.failure) {
          end();
          reject(new Error(payload.toString('utf8')));
          return;
        }
        resolve(body);
        if (kind === FRAME.rows) {
          if (!body.push(payload)) socket.pause();
        } else {
          end();
          body.push(null);
        }
      },
      broken(error) {
        isOver = true;
        signal.removeEventListener('abort', leave);
        reject(error);
        // Its reader learns of it; without a reader the promise was rejected.
        body.on('error', () => undefined).destroy(error);
      },
    };
    sendFrame(socket, FRAME.order, JSON.stringify(order));
  });
}

/** A connection that speaks frames from now on; rejects where the engine does not take the key. */
export function upgradeToHuntLink(url: string, key: string, signal: AbortSignal): Promise<Socket> {
  const authorization = `Basic ${Buffer.from(`spoor:${key}`).toString('base64')}`;
  const headers = { authorization, connection: 'Upgrade', upgrade: 'spoor-hunt' };
  return new Promise((resolve, reject) => {
    const asked = request(new URL('/hunt', url), { headers, signal });
    asked.once('upgrade', (_answer, socket) => resolve(socket));
    asked.once('response', (answer) => {
      answer.resume();
      reject(new Error(`the engine refused the line of hunting statements: ${answer.statusCode}`));
    });
    asked.once('error', reject);
    asked.end();
  });
}
