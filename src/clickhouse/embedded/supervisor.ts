import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { engineKey } from './key.ts';
import { type CompleteEngineOptions, completeOptions, type EngineOptions } from './options.ts';

/** A running engine process and its watch. Restarted, on the same port, whenever it ends by itself. */
export interface EmbeddedEngine {
  /** `http://127.0.0.1:<port>`; the same over restarts. */
  readonly url: string;
  readonly key: string;
  readonly keyFile: string;
  /** Of the process that runs now, undefined between an end and the restart. */
  readonly pid: number | undefined;
  /** Resolves at once while the engine runs, else when it runs again. Rejects after `stop`. */
  ready(): Promise<void>;
  /** Called with the exit code or signal each time the process ends without being asked to. */
  onExit(listener: (how: string) => void): void;
  stop(): Promise<void>;
}

export interface SupervisorOptions extends EngineOptions {
  /** JavaScript file of the engine process; by default the built file beside this one. */
  readonly entry?: string;
  /** Lines that the engine process writes to standard error. */
  readonly log?: (line: string) => void;
}

const LONGEST_BACK_OFF_MS = 5_000;
/** An engine that lived this long failed for a new reason. */
const HEALTHY_AFTER_MS = 60_000;
/** Each running statement holds a thread of libuv's pool; stopping one must never wait for a free thread. */
const THREADS = '96';

/** Starts the engine of a data folder. Rejects where it cannot start, with its last words as the message. */
export async function startEmbeddedEngine(options: SupervisorOptions): Promise<EmbeddedEngine> {
  const { file, key } = engineKey(options.dataDir);
  const listeners: ((how: string) => void)[] = [];
  let complete = completeOptions(options);
  let child: ChildProcess | undefined;
  let stopping = false;
  let failures = 0;
  let startedAt = 0;

  async function launch(): Promise<void> {
    startedAt = Date.now();
    const started = await startProcess(
      options.entry ?? builtEntry(),
      complete,
      options.log ?? (() => undefined),
    );
    complete = { ...complete, port: started.port };
    child = started.child;
    child.once('exit', (code, signal) => {
      child = undefined;
      if (stopping) return;
      for (const listener of listeners) listener(signal ?? `code ${code}`);
      running = restart();
      running.catch(() => undefined);
    });
    if (stopping) child.kill('SIGTERM');
  }

  async function restart(): Promise<void> {
    failures = Date.now() - startedAt > HEALTHY_AFTER_MS ? 0 : failures;
    for (;;) {
      if (failures > 0) {
        await new Promise((resolve) =>
          setTimeout(resolve, Math.min(50 * 2 ** failures, LONGEST_BACK_OFF_MS)),
        );
      }
      if (stopping) throw new Error('the engine was stopped');
      failures += 1;
      try {
        return await launch();
      } catch (error) {
        options.log?.(`the engine did not start: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  let running = launch();
  await running;
  return {
    url: `http://127.0.0.1:${complete.port}`,
    key,
    keyFile: file,
    get pid() {
      return child?.pid;
    },
    ready: () => (stopping ? Promise.reject(new Error('the engine was stopped')) : running),
    onExit: (listener) => {
      listeners.push(listener);
    },
    async stop() {
      stopping = true;
      const ending = child;
      if (ending === undefined) return;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill('SIGTERM');
      await ended;
    },
  };
}

/** From source there is no JavaScript to start: tests name the file they built. */
function builtEntry(): string {
  const own = import.meta.url;
  const named = process.env['SPOOR_ENGINE_ENTRY'];
  if (named !== undefined) return named;
  if (own.endsWith('.ts')) {
    throw new Error(
      'the engine process runs built code: build first, or set SPOOR_ENGINE_ENTRY to its built entry',
    );
  }
  return fileURLToPath(new URL('./main.js', own));
}

function startProcess(
  entry: string,
  options: CompleteEngineOptions,
  log: (line: string) => void,
): Promise<{ child: ChildProcess; port: number }> {
  // Its standard input stays open for as long as this process lives: that is how it learns of our death.
  const child = spawn(process.execPath, [entry, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, UV_THREADPOOL_SIZE: THREADS },
  });
  return new Promise((resolve, reject) => {
    let lastWords = '';
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(lastWords.trim() || `the engine process ended with ${signal ?? `code ${code}`}`)),
    );
    createInterface({ input: child.stderr }).on('line', (line) => {
      lastWords = `${lastWords}${line}\n`.slice(-2000);
      log(line);
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const ready = parseReady(line);
      if (ready !== undefined) resolve({ child, port: ready });
    });
  });
}

function parseReady(line: string): number | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && 'ready' in value && 'port' in value)
      return Number(value.port);
  } catch {
    return undefined;
  }
  return undefined;
}
