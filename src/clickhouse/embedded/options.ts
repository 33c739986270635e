/**
 * What the engine process is started with. The defaults fit a machine of 8 GiB that also runs the server: the engine
 * takes at most 4 GiB, four queries at a time get 1 GiB each (`caps.ts`), caches share the rest.
 */
export interface EngineOptions {
  /** Holds `clickhouse/` (the engine's own files), `pipes/` and `engine.key`; made if it is missing. */
  readonly dataDir: string;
  /** On 127.0.0.1; 0 or undefined takes a free one. */
  readonly port?: number;
  /** Cap of the whole process as the engine counts it; queries over it fail with `QueryMemoryExceeded`. */
  readonly memoryBytes?: number;
  readonly markCacheBytes?: number;
  /** Largest body of an insert or a statement. */
  readonly maxBodyBytes?: number;
  /** How long to wait for a predecessor that still holds the data folder. */
  readonly lockWaitMs?: number;
}

export type CompleteEngineOptions = Required<EngineOptions>;

export function completeOptions(options: EngineOptions): CompleteEngineOptions {
  return {
    dataDir: options.dataDir,
    port: options.port ?? 0,
    memoryBytes: options.memoryBytes ?? 4 * 2 ** 30,
    markCacheBytes: options.markCacheBytes ?? 256 * 2 ** 20,
    maxBodyBytes: options.maxBodyBytes ?? 256 * 2 ** 20,
    lockWaitMs: options.lockWaitMs ?? 15_000,
  };
}
