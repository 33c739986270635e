import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { FRAME, type HuntOrder, readFrames, sendFrame } from './frames.ts';
import { EngineFailure } from './native.ts';

/** Where the answer to one order goes. */
export interface HuntReply {
  /** The other side has gone away: nobody reads on. */
  readonly gone: boolean;
  /** Called once, when it goes before the answer is whole. */
  onGone(listener: () => void): void;
  /** False where the other side reads too slowly: to be called again after `onDrain` has. */
  rows(chunk: Uint8Array): boolean;
  onDrain(listener: () => void): void;
  /** The answer is whole. */
  end(): void;
  /** Instead of rows. */
  fail(failure: EngineFailure): void;
}

export type AnswerOrder = (order: HuntOrder, reply: HuntReply) => Promise<void>;

/** The engine's end of `line.ts`. */
export interface HuntLinks {
  /** Lets go of links that have nothing to do, and of each other once it has. */
  end(): void;
}

/** Takes connections of `/hunt` that ask to be upgraded, where `admits` lets them in. One order at a time on each. */
export function acceptHuntLinks(
  server: Server,
  admits: (request: IncomingMessage) => boolean,
  maxOrderBytes: number,
  answer: AnswerOrder,
): HuntLinks {
  const idle = new Set<Socket>();
  let ending = false;

  function serve(socket: Socket): void {
    let reply: ReturnType<typeof createReply> | undefined;
    const done = (): void => {
      reply = undefined;
      if (ending) socket.end();
      else idle.add(socket);
    };
    const read = readFrames(maxOrderBytes, (kind, payload) => {
      if (reply !== undefined || kind !== FRAME.order) throw new Error('an order came out of turn');
      idle.delete(socket);
      const own = createReply(socket, done);
      reply = own;
      const order = JSON.parse(payload.toString('utf8')) as HuntOrder;
      answer(order, own.reply).catch((error: unknown) => own.broke(error));
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      try {
        read(chunk);
      } catch {
        socket.destroy();
      }
    });
    // Sockets of an HTTP server stay half open, but nobody reads an answer who has stopped asking.
    socket.on('end', () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      idle.delete(socket);
      reply?.leave();
    });
    idle.add(socket);
  }

  server.on('upgrade', (request, socket: Socket) => {
    if (ending || request.url !== '/hunt' || !admits(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: spoor-hunt\r\n\r\n');
    serve(socket);
  });

  return {
    end() {
      ending = true;
      for (const socket of idle) socket.end();
    },
  };
}

function createReply(socket: Socket, done: () => void) {
  let onGone: (() => void) | undefined;
  let isOver = false;
  let hasRows = false;
  const over = (): boolean => {
    const first = !isOver && !socket.destroyed;
    isOver = true;
    return first;
  };
  const fail = (failure: EngineFailure): void => {
    if (!over()) return;
    sendFrame(socket, FRAME.failure, failure.message);
    done();
  };
  const reply: HuntReply = {
    get gone() {
      return socket.destroyed;
    },
    onGone(listener) {
      onGone = listener;
    },
    rows(chunk) {
      hasRows = true;
      return socket.destroyed || sendFrame(socket, FRAME.rows, chunk);
    },
    onDrain(listener) {
      socket.once('drain', listener);
    },
    end() {
      if (!over()) return;
      sendFrame(socket, FRAME.end, '');
      done();
    },
    fail,
  };
  return {
    reply,
    leave() {
      if (!isOver) onGone?.();
    },
    /** A failure that no answer tells of: the other side must not take what came for the whole. */
    broke(error: unknown) {
      if (hasRows) socket.destroy();
      else fail(error instanceof EngineFailure ? error : new EngineFailure(String(error)));
    },
  };
}
