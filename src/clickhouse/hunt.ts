import type { ClickHouseClient } from '@clickhouse/client';
import type { HuntResult, HuntStatement, HuntStatistics } from './database.ts';
import { createRowDecoder, tokenRows } from './decode.ts';
import type { HuntLine } from './embedded/line.ts';
import { asRequestError, queryCancelled, queryTimeout } from './failures.ts';
import { figuresOfServer, readTrailer } from './figures.ts';
import type { FairQueue } from './queue.ts';
import type { RowBatch } from './row-batch.ts';
import { HUNT_SETTINGS } from './settings.ts';
import { text } from './sql.ts';
import { refuseStatement } from './wall/check.ts';

/** What `hunt` needs of its connection. */
export interface HuntContext {
  /** Sends statements of our own making, and to a server the hunting statements too. */
  readonly own: ClickHouseClient;
  /** Sends hunting statements to the embedded engine; a server has none. */
  readonly line: HuntLine | undefined;
  readonly queue: FairQueue;
  readonly capSettings: Readonly<Record<string, string | number>>;
  readonly patiently: <Result>(
    signal: AbortSignal | undefined,
    send: () => Promise<Result>,
  ) => Promise<Result>;
}

/** `Database.hunt`. */
export async function hunt(context: HuntContext, statement: HuntStatement): Promise<HuntResult> {
  const calledNs = process.hrtime.bigint();
  const stop = stopper(statement);
  let release: (() => void) | undefined;
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    stop.clear();
    release?.();
  };
  try {
    release = await context.queue.take(statement.database, stop.signal);
    statement.onRunning?.();
    const queuedUs = microsecondsSince(calledNs);
    const stream = await start(context, statement, stop);
    const kill = () => {
      stream.destroy();
      if (!ended && context.line === undefined) void killOnServer(context, statement.queryId);
      end();
    };
    stop.signal.addEventListener('abort', kill, { once: true });
    return readResult(context, statement, stream, queuedUs, stop.signal, kill, end);
  } catch (error) {
    end();
    if (stop.signal.aborted && context.line === undefined && release !== undefined) {
      void killOnServer(context, statement.queryId);
    }
    throw stop.signal.aborted ? stop.signal.reason : asRequestError(error);
  }
}

type ResultStream = AsyncIterable<Uint8Array> & { destroy(): void };

async function start(context: HuntContext, statement: HuntStatement, stop: Stopper): Promise<ResultStream> {
  const settings = {
    ...HUNT_SETTINGS,
    ...context.capSettings,
    // The engine's own clock stands behind ours, in case our word does not reach it.
    ...(statement.timeoutMs === undefined
      ? {}
      : { max_execution_time: wholeMinutes(stop.remainingMs()) * 60 + 2 }),
  };
  const common = {
    clickhouse_settings: settings,
    abort_signal: stop.signal,
    query_id: statement.queryId,
    http_headers: { 'X-ClickHouse-Database': statement.database },
  };
  const { line } = context;
  return await context.patiently<ResultStream>(stop.signal, () =>
    line === undefined
      ? startOnServer(context, statement, common)
      : line.send(
          { statement: statement.statement.text, database: statement.database, settings: texts(settings) },
          stop.signal,
        ),
  );
}

/** Coarse, so that statements have the same settings and can take a connection that waits for them. */
function wholeMinutes(ms: number): number {
  return Math.ceil(ms / 60_000);
}

function texts(settings: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
}

/** A server has no wall in front of it: the same check runs here, beside the grants of its user. */
async function startOnServer(
  context: HuntContext,
  statement: HuntStatement,
  common: {
    readonly clickhouse_settings: Record<string, string | number>;
    readonly abort_signal: AbortSignal;
    readonly query_id: string;
    readonly http_headers: Record<string, string>;
  },
): Promise<ResultStream> {
  const why = await refuseStatement(statement.statement.text, statement.database, async (explain) => {
    const { clickhouse_settings, abort_signal, http_headers } = common;
    const query = `${explain}\nFORMAT TSVRaw`;
    const answer = await context.own.exec({ query, clickhouse_settings, abort_signal, http_headers });
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.stream) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks).toString('utf8');
  });
  if (why !== undefined) throw new Error(`Code: 497. DB::Exception: refused: ${why}. (ACCESS_DENIED)`);
  const { stream } = await context.own.exec({
    ...common,
    query: `${statement.statement.text}\nFORMAT JSONCompactEachRow`,
    clickhouse_settings: {
      ...common.clickhouse_settings,
      readonly: '1',
      cancel_http_readonly_queries_on_client_close: 1,
      http_write_exception_in_output_format: 0,
    },
  });
  return stream;
}

function readResult(
  context: HuntContext,
  statement: HuntStatement,
  stream: ResultStream,
  queuedUs: number,
  signal: AbortSignal,
  kill: () => void,
  end: () => void,
): HuntResult {
  const startedNs = process.hrtime.bigint();
  const statistics = settleable<HuntStatistics>();
  // Whoever reads the rows learns of a failure there.
  statistics.promise.catch(() => undefined);

  async function* read(): AsyncGenerator<RowBatch> {
    const decoder = createRowDecoder();
    let complete = false;
    try {
      for await (const chunk of stream) {
        const batch = decoder.push(chunk);
        if (batch !== undefined) yield batch;
      }
      const figures = readTrailer(decoder.finish(), context.line !== undefined);
      const elapsedUs = figures.elapsedUs ?? microsecondsSince(startedNs);
      complete = true;
      end();
      const measured =
        context.line === undefined ? await figuresOfServer(context.own, statement.queryId) : figures;
      statistics.resolve({ ...measured, queuedUs, elapsedUs });
    } catch (error) {
      const failure = signal.aborted ? signal.reason : asRequestError(error);
      statistics.reject(failure);
      throw failure;
    } finally {
      if (!complete) {
        kill();
        statistics.reject(queryCancelled('the rows were not read to their end'));
      }
    }
  }

  const batches = read();
  return { batches, rows: tokenRows(batches), statistics: statistics.promise };
}

function settleable<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<Value>((onValue, onReason) => {
    resolve = onValue;
    reject = onReason;
  });
  return { promise, resolve, reject };
}

interface Stopper {
  /** Aborts with the `RequestError` to throw. */
  readonly signal: AbortSignal;
  remainingMs(): number;
  clear(): void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

function stopper(statement: HuntStatement): Stopper {
  const controller = new AbortController();
  const deadline = Date.now() + (statement.timeoutMs ?? 0);
  const leave = () => controller.abort(queryCancelled('cancelled by the caller'));
  if (statement.signal?.aborted) leave();
  statement.signal?.addEventListener('abort', leave, { once: true });
  const timer =
    statement.timeoutMs === undefined
      ? undefined
      : setTimeout(
          () => controller.abort(queryTimeout(`over ${statement.timeoutMs} ms`)),
          Math.min(statement.timeoutMs, LONGEST_TIMER_MS),
        );
  return {
    signal: controller.signal,
    remainingMs: () => Math.max(0, deadline - Date.now()),
    clear() {
      clearTimeout(timer);
      statement.signal?.removeEventListener('abort', leave);
    },
  };
}

async function killOnServer(context: HuntContext, queryId: string): Promise<void> {
  const query = `KILL QUERY WHERE query_id = ${text(queryId).text} ASYNC`;
  await context.own.command({ query }).catch(() => undefined);
}

function microsecondsSince(startNs: bigint): number {
  return Math.round(Number(process.hrtime.bigint() - startNs) / 1000);
}
