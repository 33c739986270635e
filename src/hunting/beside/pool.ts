import { Worker } from 'node:worker_threads';
import { RequestError } from '../../model/request-error.ts';
import type { BesideAnswer, BesideJob } from './job.ts';
import { openPlaces } from './places.ts';
import type { BesideReply } from './worker.ts';

/** Runs jobs in threads of the server, so that none of them can stall it. */
export interface Beside {
  /**
   * Rejects with `RequestError`: `QueryTimeout` (400), `QueryCancelled` (499), `QueryMemoryExceeded` (400). The time
   * counts from the call; a thread that does not end by itself is ended.
   */
  run(job: BesideJob, signal?: AbortSignal): Promise<BesideAnswer>;
  /** Whether there is a database of places. */
  readonly places: boolean;
  close(): Promise<void>;
}

interface Waiting {
  readonly job: BesideJob;
  readonly untilMs: number;
  readonly signal: AbortSignal | undefined;
  resolve(answer: BesideAnswer): void;
  reject(error: unknown): void;
}

const MEMORY_MB = 1024;

/**
 * Threads start when the first job comes. `placesPath`: a MaxMind database or a folder of them, which is opened at once
 * so that a wrong one is told.
 */
export function createBeside(threads: number, placesPath?: string): Beside {
  if (placesPath !== undefined) openPlaces(placesPath);
  const idle: Worker[] = [];
  const busy = new Set<Worker>();
  const queue: Waiting[] = [];
  let closed = false;

  function pump(): void {
    while (queue.length > 0 && busy.size < threads) {
      const waiting = queue.shift();
      if (waiting !== undefined) void serve(waiting);
    }
  }

  async function serve(waiting: Waiting): Promise<void> {
    const worker = idle.pop() ?? startThread();
    busy.add(worker);
    worker.ref();
    try {
      waiting.resolve(await ask(worker, waiting));
      worker.unref();
      idle.push(worker);
    } catch (error) {
      waiting.reject(error);
      void worker.terminate();
    } finally {
      busy.delete(worker);
      if (closed) void worker.terminate();
      else pump();
    }
  }

  return {
    places: placesPath !== undefined,
    run(given, signal) {
      const job = placesPath === undefined ? given : { ...given, placesPath };
      if (closed) return Promise.reject(new Error('the threads beside the engine are closed'));
      const untilMs = performance.now() + (job.timeoutMs ?? Number.POSITIVE_INFINITY);
      return new Promise((resolve, reject) => {
        queue.push({ job, untilMs, signal, resolve, reject });
        pump();
      });
    },
    async close() {
      closed = true;
      for (const waiting of queue.splice(0)) waiting.reject(new Error('the server is closing'));
      await Promise.all([...idle.splice(0), ...busy].map((worker) => worker.terminate()));
    },
  };
}

/** Node 20 runs no TypeScript: from sources (tests) the thread is the built file, which the test run builds first. */
function startThread(): Worker {
  const here = import.meta.url;
  const file = here.endsWith('.ts')
    ? new URL('../../../dist/hunting/beside/worker.js', here)
    : new URL('./worker.js', here);
  const worker = new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB } });
  // An error that comes late, after its job was given up, must not end the process.
  worker.on('error', () => undefined);
  return worker;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

function ask(worker: Worker, { job, untilMs, signal }: Waiting): Promise<BesideAnswer> {
  return new Promise((resolve, reject) => {
    const leftMs = untilMs - performance.now();
    if (signal?.aborted) return reject(cancelled());
    if (leftMs <= 0) return reject(timeout(job));
    const timer =
      leftMs > LONGEST_TIMER_MS ? undefined : setTimeout(() => settle(() => reject(timeout(job))), leftMs);
    const onMessage = (reply: BesideReply | 'ready'): void => {
      if (reply === 'ready') return;
      settle(() => answer(reply));
    };
    const onError = (error: Error): void => settle(() => reject(failureOf(error, job)));
    const onExit = (): void => settle(() => reject(new Error('the thread beside the engine ended')));
    const onAbort = (): void => settle(() => reject(cancelled()));
    function answer(reply: BesideReply): void {
      if ('failed' in reply) reject(new Error(`the work beside the engine failed: ${reply.failed}`));
      else if (reply.answer.kind === 'timeout') reject(timeout(job));
      else if (reply.answer.kind === 'too-many') reject(tooMuch(reply.answer.detail));
      else resolve(reply.answer);
    }
    function settle(then: () => void): void {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      signal?.removeEventListener('abort', onAbort);
      then();
    }
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal?.addEventListener('abort', onAbort, { once: true });
    worker.postMessage({ ...job, timeoutMs: Number.isFinite(leftMs) ? leftMs : undefined });
  });
}

function failureOf(error: Error, job: BesideJob): Error {
  const memory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return memory ? tooMuch(`\`${nameOf(job)}\` took more than ${MEMORY_MB} MB`) : error;
}

function nameOf({ work }: BesideJob): string {
  return work.kind === 'external' ? 'externaldata' : work.name;
}

/** The same codes as the engine's, so that the answer reads the same. */
export function tooMuch(detail: string): RequestError {
  return new RequestError('QueryMemoryExceeded', 400, 'the query needs more memory than it may have', {
    detail,
  });
}

function timeout(job: BesideJob): RequestError {
  const detail = `\`${nameOf(job)}\` took too long`;
  return new RequestError('QueryTimeout', 400, 'the query took longer than it may', { detail });
}

function cancelled(): RequestError {
  return new RequestError('QueryCancelled', 499, 'the query was cancelled', {
    detail: 'cancelled by the caller',
  });
}
