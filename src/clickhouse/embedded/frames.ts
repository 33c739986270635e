import type { Socket } from 'node:net';

/**
 * Messages on the line of hunting statements, both ways: four bytes of the payload's length (big-endian), one of its
 * kind, the payload.
 */
export const FRAME = {
  /** To the engine: `HuntOrder` as JSON. One is answered before the next is sent. */
  order: 1,
  /** From the engine: bytes of the result, as many frames as it takes. */
  rows: 2,
  /** The result is whole. Empty. */
  end: 3,
  /** Instead of a result: the engine's text, `Code: n. ...`. */
  failure: 4,
} as const;

type FrameKind = (typeof FRAME)[keyof typeof FRAME];

/** A statement to be run behind the wall. */
export interface HuntOrder {
  readonly statement: string;
  readonly database: string;
  readonly settings: Readonly<Record<string, string>>;
}

const HEAD_BYTES = 5;

/** False where the socket's buffer is full, as `write` says. */
export function sendFrame(socket: Socket, kind: FrameKind, payload: Uint8Array | string): boolean {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt32BE(body.length, 0);
  head.writeUInt8(kind, 4);
  socket.cork();
  socket.write(head);
  const hasRoom = body.length === 0 || socket.write(body);
  socket.uncork();
  return hasRoom;
}

/**
 * Puts frames together again, from chunks cut anywhere. The returned function throws where a frame would be longer than
 * `maxBytes`.
 */
export function readFrames(
  maxBytes: number,
  onFrame: (kind: number, payload: Buffer) => void,
): (chunk: Buffer) => void {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let wantedBytes = HEAD_BYTES;
  return (chunk) => {
    held.push(chunk);
    heldBytes += chunk.length;
    while (heldBytes >= wantedBytes) {
      const [first] = held;
      const whole = held.length === 1 && first ? first : Buffer.concat(held, heldBytes);
      held = [whole];
      const length = whole.readUInt32BE(0);
      if (length > maxBytes) throw new Error(`a frame of ${length} bytes`);
      wantedBytes = HEAD_BYTES + length;
      if (heldBytes < wantedBytes) return;
      const rest = whole.subarray(wantedBytes);
      held = rest.length === 0 ? [] : [rest];
      heldBytes = rest.length;
      onFrame(whole.readUInt8(4), whole.subarray(HEAD_BYTES, wantedBytes));
      wantedBytes = HEAD_BYTES;
    }
  };
}
