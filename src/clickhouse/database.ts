import type { RowBatch } from './row-batch.ts';
import type { Sql } from './sql.ts';

/**
 * What the rest of the server knows of the engine. One implementation speaks to the embedded engine process and to a
 * ClickHouse server alike, over ClickHouse's HTTP interface.
 *
 * Failures are thrown as `RequestError`: `EngineUnavailable` (503, process died or is restarting),
 * `QueryTimeout` (400), `QueryMemoryExceeded` (400), `QueryCancelled` (499), `DiskFull` (503), `StatementRefused`
 * (500: a statement that the wall turned back, always a bug of ours), `EngineError` (500, with the engine's text as
 * private detail).
 */
export interface Database {
  /**
   * Runs one read-only SELECT for a tenant behind the wall: it can read that tenant's database and nothing else.
   * Waits in the fair queue first. Rejects before the first row, or from inside `rows` in mid-stream.
   */
  hunt(statement: HuntStatement): Promise<HuntResult>;
  /** A statement of our own making (DDL, maintenance), never built from a query's text. */
  command(statement: Sql, options?: CommandOptions): Promise<void>;
  /** A small read of our own making, one object per row; 64-bit integers arrive as strings. */
  rows<Row extends object>(statement: Sql, options?: CommandOptions): Promise<Row[]>;
  /**
   * Inserts `body`, one JSON array per line in the order of `columns` (JSONCompactEachRow), as one block.
   * Resolves when the engine has written it; it says nothing of how many rows are held: count them.
   */
  insert(batch: InsertBatch): Promise<void>;
  /** True when the engine answers. Never throws. */
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

export interface CommandOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface HuntStatement {
  /** Database of the tenant: `tenantDatabase(tenant)`. */
  readonly database: string;
  /**
   * One SELECT that names each table with its database; a bare name is a common table expression. The wall takes
   * functions of `wall/allowed.ts`, names in backticks without control characters, no comments and no `SETTINGS`.
   * A table function or subquery of a join needs an alias.
   */
  readonly statement: Sql;
  /** Unique; names the query in the engine, so that it can be stopped. */
  readonly queryId: string;
  /** Counted from the call, waiting in the queue included. Undefined lifts it. */
  readonly timeoutMs: number | undefined;
  readonly signal?: AbortSignal;
  /** Called when the waiting in the queue is over. */
  readonly onRunning?: () => void;
}

export interface HuntResult {
  /** The rows in order, one token per column. Leaving the loop early stops the query in the engine. */
  readonly batches: AsyncIterable<RowBatch>;
  /**
   * The same rows for who would rather have texts: each token as the engine wrote it, numbers with all their digits,
   * strings quoted and escaped, `null`. Only one of the two can be read.
   */
  readonly rows: AsyncIterable<readonly (readonly string[])[]>;
  /** Settles after the last batch. */
  readonly statistics: Promise<HuntStatistics>;
}

/** Measured, never estimated; left out where this engine cannot tell. Times in microseconds, sizes in bytes. */
export interface Figures {
  readonly userCpuUs?: number | undefined;
  readonly kernelCpuUs?: number | undefined;
  readonly peakMemoryBytes?: number | undefined;
  readonly readRows?: number | undefined;
  readonly readBytes?: number | undefined;
  readonly markCacheHits?: number | undefined;
  readonly markCacheMisses?: number | undefined;
  readonly diskReads?: number | undefined;
}

export interface HuntStatistics extends Figures {
  readonly queuedUs: number;
  readonly elapsedUs: number;
}

export interface InsertBatch {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly body: Buffer;
  readonly signal?: AbortSignal;
  /** Flush to the platter before resolving: survives power loss, not only a kill. */
  readonly fsync?: boolean;
}
