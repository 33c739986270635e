import { availableParallelism } from 'node:os';
import { Readable } from 'node:stream';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { capSettings, type HuntCaps, huntCaps } from './caps.ts';
import type { CommandOptions, Database, InsertBatch } from './database.ts';
import { openHuntLine } from './embedded/line.ts';
import {
  asRequestError,
  engineUnavailable,
  isConnectionRefused,
  queryCancelled,
  queryTimeout,
} from './failures.ts';
import { type HuntContext, hunt } from './hunt.ts';
import { createFairQueue } from './queue.ts';
import { STORE_SETTINGS } from './settings.ts';
import { ident, joinSql, type Sql, sql } from './sql.ts';

/** How to reach an engine, and what its hunting statements may take. */
export interface ConnectOptions {
  /** The embedded engine's `url`, or a ClickHouse server's. */
  readonly url: string;
  /** Of the embedded engine. Given instead of a user name and password, it says that this is no server. */
  readonly key?: string;
  readonly username?: string;
  readonly password?: string;
  readonly caps?: Partial<HuntCaps>;
  /** Hunting statements that run at the same time; the others wait. Default: the cores, at least 4. */
  readonly slots?: number;
  /** Resolves when an engine that is being restarted runs again. */
  readonly ready?: () => Promise<void>;
  /** How long a request waits for an engine that is not there. */
  readonly readyWaitMs?: number;
}

export function connectDatabase(options: ConnectOptions): Database {
  const shared = {
    url: options.url,
    username: options.key === undefined ? (options.username ?? 'default') : 'spoor',
    password: options.key ?? options.password ?? '',
    application: 'spoor',
    request_timeout: 24 * 3600 * 1000,
    max_open_connections: 1024,
    // A connection that an engine's death has cut must never be taken for a live one.
    keep_alive: { enabled: false },
    // Whoever catches a failure logs it, once; the library would print the statement.
    log: { level: ClickHouseLogLevel.OFF },
    compression: { request: false, response: false },
  };
  const own = createClient(shared);
  const line = options.key === undefined ? undefined : openHuntLine(options.url, options.key);
  const durableTables = new Set<string>();
  const slots = options.slots ?? Math.max(4, availableParallelism());

  /** Sends a request again only when nobody took it, so nothing is ever done twice. */
  async function patiently<Result>(
    signal: AbortSignal | undefined,
    send: () => Promise<Result>,
  ): Promise<Result> {
    const until = Date.now() + (options.readyWaitMs ?? 30_000);
    for (;;) {
      try {
        return await send();
      } catch (error) {
        if (!isConnectionRefused(error) || signal?.aborted || Date.now() > until) throw error;
        await waitForEngine(options.ready, until - Date.now(), signal);
      }
    }
  }

  async function bounded<Result>(
    limits: CommandOptions,
    send: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const stop = new AbortController();
    const leave = () => stop.abort(queryCancelled('cancelled by the caller'));
    if (limits.signal?.aborted) leave();
    limits.signal?.addEventListener('abort', leave, { once: true });
    const timer =
      limits.timeoutMs === undefined
        ? undefined
        : setTimeout(() => stop.abort(queryTimeout('a statement of ours ran too long')), limits.timeoutMs);
    try {
      return await patiently(stop.signal, () => send(stop.signal));
    } catch (error) {
      throw stop.signal.aborted ? stop.signal.reason : asRequestError(error);
    } finally {
      clearTimeout(timer);
      limits.signal?.removeEventListener('abort', leave);
    }
  }

  async function command(statement: Sql, limits: CommandOptions = {}): Promise<void> {
    await bounded(limits, (abort_signal) => own.command({ query: statement.text, abort_signal }));
  }

  async function rows<Row extends object>(statement: Sql, limits: CommandOptions = {}): Promise<Row[]> {
    return await bounded(limits, async (abort_signal) => {
      const result = await own.query({
        query: statement.text,
        format: 'JSONEachRow',
        clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
        abort_signal,
      });
      return await result.json<Row>();
    });
  }

  async function insert(batch: InsertBatch): Promise<void> {
    const table = sql`${ident(batch.database)}.${ident(batch.table)}`;
    if (batch.fsync === true && !durableTables.has(table.text)) {
      await command(
        sql`ALTER TABLE ${table} MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1`,
      );
      durableTables.add(table.text);
    }
    const columns = joinSql(batch.columns.map(ident), ', ');
    await bounded(batch.signal === undefined ? {} : { signal: batch.signal }, async (abort_signal) => {
      const { stream } = await own.exec({
        query: `INSERT INTO ${table.text} (${columns.text}) FORMAT JSONCompactEachRow`,
        values: Readable.from([batch.body], { objectMode: false }),
        clickhouse_settings: { ...INSERT_SETTINGS, ...STORE_SETTINGS },
        abort_signal,
      });
      for await (const chunk of stream) void chunk;
    });
  }

  const context: HuntContext = {
    own,
    line,
    queue: createFairQueue(slots),
    capSettings: capSettings(huntCaps(options.caps ?? {})),
    patiently,
  };

  return {
    hunt: (statement) => hunt(context, statement),
    command,
    rows,
    insert,
    async ping() {
      return (await own.ping()).success;
    },
    async close() {
      line?.close();
      await own.close();
    },
  };
}

/** The whole body becomes one block, hence one part: it is stored entirely or not at all. */
const INSERT_SETTINGS = {
  async_insert: 0,
  input_format_parallel_parsing: 0,
  max_insert_threads: '1',
  max_insert_block_size: '100000000',
  min_insert_block_size_rows: '100000000',
  min_insert_block_size_bytes: '4000000000',
} as const;

/** `waitMs` at most; without a `ready` of its own an engine is asked again a little later. */
async function waitForEngine(
  ready: (() => Promise<void>) | undefined,
  waitMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
  const aborted = new Promise<void>((resolve) =>
    signal?.addEventListener('abort', () => resolve(), { once: true }),
  );
  // The death may not have been noticed yet, in which case `ready` resolves at once.
  await pause(50);
  if (ready === undefined) return;
  try {
    await Promise.race([ready(), pause(waitMs), aborted]);
  } catch (error) {
    throw engineUnavailable(error instanceof Error ? error.message : String(error), error);
  }
}
