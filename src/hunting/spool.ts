import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

const READ_BYTES = 128 * 1024;

export interface Spool {
  /** Of all that was written. */
  readonly bytes: number;
  /** `piece` may change once this has resolved. */
  write(piece: Uint8Array): Promise<void>;
  /** All that was written, where none of it went to disk. */
  readonly held: readonly Uint8Array[] | undefined;
  /** All that was written, from the start; can be asked for again. */
  pieces(): AsyncGenerator<Uint8Array>;
  /** Frees memory and disk. Idempotent. */
  dispose(): Promise<void>;
}

export type OpenSpool = () => Spool;

/**
 * Bytes of answers: in memory as long as all of them together hold no more than `memoryBytes`, then each in a file of
 * `directory` that only the owner can read and whose name is gone as soon as it is open, so that nothing is left behind
 * whatever happens to the process.
 */
export function createSpools(directory: string, memoryBytes: number): OpenSpool {
  let freeBytes = memoryBytes;

  return () => {
    let held: Uint8Array[] = [];
    let heldBytes = 0;
    let file: FileHandle | undefined;
    let fileBytes = 0;

    return {
      get bytes() {
        return heldBytes + fileBytes;
      },
      get held() {
        return file === undefined ? held : undefined;
      },
      async write(piece) {
        if (file === undefined && piece.length <= freeBytes) {
          freeBytes -= piece.length;
          heldBytes += piece.length;
          held.push(Uint8Array.prototype.slice.call(piece));
          return;
        }
        file ??= await openNameless(directory);
        for (let done = 0; done < piece.length; ) {
          const { bytesWritten } = await file.write(piece, done, piece.length - done, fileBytes);
          done += bytesWritten;
          fileBytes += bytesWritten;
        }
      },
      async *pieces() {
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
        freeBytes += heldBytes;
        held = [];
        heldBytes = 0;
        const open = file;
        file = undefined;
        await open?.close();
      },
    };
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
  async function* parts(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(head);
    yield* spool.pieces();
    yield Buffer.from(tail);
  }
  return Readable.from(parts(), { objectMode: false });
}
