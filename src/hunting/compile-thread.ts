import { Worker } from 'node:worker_threads';
import type { CompileJob, CompileReply } from './compile-messages.ts';
import { tooComplex } from './too-complex.ts';

/** One compiling thread. `run` takes one job at a time; once it has rejected the thread must be stopped. */
export interface CompileThread {
  run(job: Omit<CompileJob, 'id'>, timeoutMs: number): Promise<CompileReply>;
  stop(): Promise<void>;
}

/** Node 20 runs no TypeScript: from sources (tests) the thread is the built file, which the test run builds first. */
function threadFile(): URL {
  const here = import.meta.url;
  return here.endsWith('.ts')
    ? new URL('../../dist/hunting/compile-worker.js', here)
    : new URL('./compile-worker.js', here);
}

const STARTUP_MS = 60_000;

/** Resolves when the thread has loaded the catalogue and compiled once. */
export async function startCompileThread(): Promise<CompileThread> {
  const worker = new Worker(threadFile(), {
    // The parser recurses over the text; a memory cap ends the thread, not the process.
    resourceLimits: { stackSizeMb: 16, maxOldGenerationSizeMb: 1024 },
  });
  // An error that comes late, after its job was given up, must not end the process.
  worker.on('error', () => undefined);
  let nextId = 1;
  await nextMessage(worker, STARTUP_MS, (detail) => new Error(`the compiler did not start: ${detail}`));
  worker.unref();

  return {
    async run(job, timeoutMs) {
      const id = nextId++;
      worker.ref();
      try {
        const message = nextMessage(worker, timeoutMs, tooComplex);
        worker.postMessage({ ...job, id } satisfies CompileJob);
        const reply = (await message) as CompileReply;
        if (reply.id !== id) throw new Error('a compiling thread answered another question');
        return reply;
      } finally {
        worker.unref();
      }
    },
    async stop() {
      await worker.terminate();
    },
  };
}

function nextMessage(
  worker: Worker,
  timeoutMs: number,
  failure: (detail: string) => Error,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => settle(() => reject(failure(`compiling took more than ${timeoutMs} ms`))),
      timeoutMs,
    );
    const onMessage = (message: unknown) => settle(() => resolve(message));
    const onError = (error: Error) => settle(() => reject(failure(error.stack ?? error.message)));
    const onExit = (code: number) => settle(() => reject(failure(`the compiling thread ended with ${code}`)));
    function settle(then: () => void): void {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      then();
    }
    worker.once('message', onMessage).once('error', onError).once('exit', onExit);
  });
}
