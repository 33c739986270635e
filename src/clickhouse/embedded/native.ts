import { createRequire } from 'node:module';

/**
 * The native calls of `chdb` that the engine process needs. The package's own `Session` waits, when it is closed, for
 * every operation of every other session of the process; with queries running all the time closed sessions would
 * pile up. Here a connection is closed as soon as its own work is done, which is what the engine asks for.
 * Every call runs on a thread of libuv's pool: the event loop stays free, even while the engine computes scalar
 * subqueries, which `chdb`'s stream API does on the calling thread.
 */
export interface Engine {
  /** One connection with settings of its own. Throws `EngineFailure`. */
  connect(settings: Readonly<Record<string, string>>): Connection;
}

export interface Connection {
  /** Runs one statement to its end and returns what it printed. Rejects with `EngineFailure`. */
  query(statement: string, format: string): Promise<Buffer>;
  /** Runs `INSERT INTO ... FORMAT ...` with `body` as the data. `body` must not change until this settles. */
  insert(statement: string, body: Buffer): Promise<void>;
  /** Not while a call is under way. */
  close(): void;
}

/** `code` is ClickHouse's error number, 0 where the message has none. */
export class EngineFailure extends Error {
  readonly code: number;

  constructor(message: string, code = Number(/Code: (\d+)/.exec(message)?.[1] ?? 0)) {
    super(message);
    this.name = 'EngineFailure';
    this.code = code;
  }
}

interface NativeResult {
  readonly bytes?: Uint8Array;
}

interface NativeAddon {
  CreateConnection(path: string, args: readonly string[]): unknown;
  CloseConnection(connection: unknown): void;
  QueryAsyncConnection(connection: unknown, statement: string, format: string): Promise<NativeResult>;
  InsertRawAsyncConnection(
    connection: unknown,
    statement: string,
    body: Buffer,
    countLines: boolean,
  ): Promise<unknown>;
}

/** Loads the engine library, about half a second of work the first time. One folder per process. */
export function openEngine(folder: string): Engine {
  const fromHere = createRequire(import.meta.url);
  const fromChdb = createRequire(fromHere.resolve('chdb'));
  const loader = fromChdb('./dist/loader.js') as { loadNative(): NativeAddon };
  const addon = loader.loadNative();
  return { connect: (settings) => connect(addon, folder, settings) };
}

function connect(addon: NativeAddon, folder: string, settings: Readonly<Record<string, string>>): Connection {
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  let handle: unknown;
  try {
    handle = addon.CreateConnection(folder, args);
  } catch (error) {
    throw asFailure(error);
  }
  return {
    async query(statement, format) {
      try {
        const result = await addon.QueryAsyncConnection(handle, statement, format);
        const { bytes } = result;
        return bytes === undefined
          ? Buffer.alloc(0)
          : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      } catch (error) {
        throw asFailure(error);
      }
    },
    async insert(statement, body) {
      try {
        await addon.InsertRawAsyncConnection(handle, statement, body, false);
      } catch (error) {
        throw asFailure(error);
      }
    },
    close() {
      addon.CloseConnection(handle);
    },
  };
}

function asFailure(error: unknown): EngineFailure {
  return new EngineFailure(error instanceof Error ? error.message : String(error));
}
