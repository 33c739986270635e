import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { EngineFailure } from './native.ts';

/**
 * Named pipes through which the engine hands out result rows. `INTO OUTFILE '<pipe>' APPEND` streams with the pipe's
 * own back-pressure from the engine's threads; the library's stream API would block the event loop while it plans.
 */
export interface Pipes {
  take(): ResultPipe;
  /** Removes the folder. */
  remove(): void;
}

export interface ResultPipe {
  readonly path: string;
  readonly output: Socket;
  /** To be called when the engine has let go of the pipe: ends `output` after the last byte. */
  finish(): void;
  /** Gives the pipe back for the next query; `output` must have ended. */
  release(): void;
}

/** Keeps its pipes in `folder`, which it empties and makes private first. */
export function openPipes(folder: string): Pipes {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const idle: string[] = [];
  let made = 0;
  return {
    take() {
      const file = idle.pop() ?? makePipe(path.join(folder, `rows-${made++}`));
      // A writer of our own keeps the pipe from ending before the engine has opened it.
      const keeper = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
      const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
      let kept = true;
      return {
        path: file,
        output: new Socket({ fd: reader, readable: true, writable: false }),
        finish() {
          if (kept) closeSync(keeper);
          kept = false;
        },
        release() {
          idle.push(file);
        },
      };
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function makePipe(file: string): string {
  const made = spawnSync('mkfifo', ['-m', '600', file]);
  if (made.status !== 0)
    throw new EngineFailure(`mkfifo failed: ${made.stderr?.toString() ?? made.error?.message}`);
  return file;
}
