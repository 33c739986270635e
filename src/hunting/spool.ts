import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

const READ_BYTES = 128 * 1024;
const BLOCK_BYTES = 128 * 1024;

export interface Spool {
  /** Of all that was written, in UTF-8. */
  readonly bytes: number;
  write(text: string): Promise<void>;
  /** All that was written, from the start; can be asked for again. Nothing can be written after the first time. */
  pieces(): AsyncGenerator<Buffer>;
  /** Frees memory and disk. Idempotent. */
  dispose(): Promise<void>;
}

/**
 * Text of one answer: in memory while it is short, then in a file of `directory` that only the owner can read and
 * whose name is gone as soon as it is open, so that nothing is left behind whatever happens to the process.
 */
export function createSpool(directory: string, memoryBytes: number): Spool {
  // One block is filled again and again: a buffer for each write would wait for the collector by the dozen.
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let filled = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let file: FileHandle | undefined;
  let fileBytes = 0;

  async function append(handle: FileHandle, piece: Buffer): Promise<void> {
    for (let done = 0; done < piece.length; ) {
      const { bytesWritten } = await handle.write(piece, done, piece.length - done, fileBytes);
      done += bytesWritten;
      fileBytes += bytesWritten;
    }
  }

  async function store(piece: Buffer): Promise<void> {
    if (file === undefined && heldBytes + piece.length > memoryBytes) {
      file = await openNameless(directory);
      await append(file, Buffer.concat(held));
      held = [];
      heldBytes = 0;
    }
    if (file === undefined) {
      held.push(Buffer.from(piece));
      heldBytes += piece.length;
    } else await append(file, piece);
  }

  async function flush(): Promise<void> {
    const piece = block.subarray(0, filled);
    filled = 0;
    if (piece.length > 0) await store(piece);
  }

  return {
    get bytes() {
      return heldBytes + fileBytes + filled;
    },
    async write(text) {
      const bytes = Buffer.byteLength(text);
      if (filled + bytes > BLOCK_BYTES) await flush();
      if (bytes > BLOCK_BYTES) await store(Buffer.from(text));
      else filled += block.write(text, filled);
    },
    async *pieces() {
      await flush();
      yield* held;
      for (let position = 0; file !== undefined && position < fileBytes; ) {
        const piece = Buffer.allocUnsafe(Math.min(READ_BYTES, fileBytes - position));
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

async function openNameless(directory: string): Promise<FileHandle> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, `answer-${randomUUID()}`);
  const opened = await open(path, 'wx+', 0o600);
  await unlink(path);
  return opened;
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
