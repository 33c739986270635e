import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

const PIECE_BYTES = 256 * 1024;

export interface Spool {
  readonly bytes: number;
  write(piece: Buffer): Promise<void>;
  /** All that was written, from the start; can be asked for again. */
  pieces(): AsyncGenerator<Buffer>;
  /** Frees memory and disk. Idempotent. */
  dispose(): Promise<void>;
}

/**
 * Bytes of one answer: in memory while they are few, then in a file of `directory` that only the owner can read and
 * whose name is gone as soon as it is open, so that nothing is left behind whatever happens to the process.
 */
export function createSpool(directory: string, memoryBytes: number): Spool {
  let held: Buffer[] = [];
  let file: FileHandle | undefined;
  let bytes = 0;

  async function spill(): Promise<FileHandle> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, `answer-${randomUUID()}`);
    const opened = await open(path, 'wx+', 0o600);
    await unlink(path);
    return opened;
  }

  async function append(handle: FileHandle, piece: Buffer, position: number): Promise<void> {
    let done = 0;
    while (done < piece.length) {
      done += (await handle.write(piece, done, piece.length - done, position + done)).bytesWritten;
    }
  }

  return {
    get bytes() {
      return bytes;
    },
    async write(piece) {
      if (file === undefined && bytes + piece.length > memoryBytes) {
        file = await spill();
        await append(file, Buffer.concat(held), 0);
        held = [];
      }
      if (file === undefined) held.push(piece);
      else await append(file, piece, bytes);
      bytes += piece.length;
    },
    async *pieces() {
      if (file === undefined) {
        yield* held;
        return;
      }
      for (let position = 0; position < bytes; ) {
        const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, bytes - position));
        const { bytesRead } = await file.read(piece, 0, piece.length, position);
        if (bytesRead === 0) throw new Error('a spooled answer ended early');
        position += bytesRead;
        yield piece.subarray(0, bytesRead);
      }
    },
    async dispose() {
      held = [];
      const open = file;
      file = undefined;
      await open?.close();
    },
  };
}

/** Texts around a spool as one stream. */
export function spoolStream(head: string, spool: Spool, tail: string): Readable {
  async function* parts(): AsyncGenerator<Buffer> {
    yield Buffer.from(head);
    yield* spool.pieces();
    yield Buffer.from(tail);
  }
  return Readable.from(parts(), { objectMode: false });
}
