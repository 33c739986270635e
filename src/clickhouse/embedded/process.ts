import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createHost } from './host.ts';
import { engineKey } from './key.ts';
import { type Connection, type Engine, EngineFailure, openEngine } from './native.ts';
import type { CompleteEngineOptions } from './options.ts';
import { openPipes } from './pipes.ts';

/** Error number of a data folder that another engine process holds (CANNOT_OPEN_FILE: its lock). */
const FOLDER_IS_LOCKED = 76;
const STOP_GRACE_MS = 5_000;

/**
 * The engine process, from start to end: opens the data folder, listens, prints one line
 * `{"ready":true,"port":N,"pid":P}` and serves until SIGTERM, or until standard input ends because the process that
 * started it has died.
 */
export async function hostEngine(options: CompleteEngineOptions): Promise<void> {
  process.stdin.on('end', endAtOnce).on('error', endAtOnce).resume();
  const { key } = engineKey(options.dataDir);
  const folder = path.join(options.dataDir, 'clickhouse');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const engine = openEngine(folder);
  // Kept open: the first connection starts the engine with its caps, the last one to close would end it.
  const first = await connectWhenFree(engine, options);
  const pipes = openPipes(path.join(options.dataDir, 'pipes'));
  const { server, release } = await createHost(engine, pipes, key, options);
  server.listen(options.port, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`${JSON.stringify({ ready: true, port, pid: process.pid })}\n`);
  });
  const stop = () => {
    setTimeout(endAtOnce, STOP_GRACE_MS).unref();
    server.close(() => {
      first.close();
      pipes.remove();
      process.exit(0);
    });
    release();
    server.closeIdleConnections();
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

/** A predecessor whose server was killed needs a moment to notice it. */
async function connectWhenFree(engine: Engine, options: CompleteEngineOptions): Promise<Connection> {
  const until = Date.now() + options.lockWaitMs;
  for (;;) {
    try {
      return engine.connect({
        max_server_memory_usage: String(options.memoryBytes),
        mark_cache_size: String(options.markCacheBytes),
      });
    } catch (error) {
      if (!(error instanceof EngineFailure) || error.code !== FOLDER_IS_LOCKED || Date.now() > until)
        throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** What is acknowledged is on disk already, and a query nobody waits for must not hold the data folder. */
function endAtOnce(): void {
  process.kill(process.pid, 'SIGKILL');
}
