import { randomUUID } from 'node:crypto';
import type { Database, HuntResult, HuntStatistics } from '../clickhouse/database.ts';
import { tokenRows } from '../clickhouse/decode.ts';
import type { RowBatch } from '../clickhouse/row-batch.ts';
import { count, type Sql, sql } from '../clickhouse/sql.ts';
import type { ArrivalWindow } from '../kql/index.ts';
import type { Caller } from '../model/caller.ts';
import type { Clock } from '../model/clock.ts';
import type { Column } from '../model/table-schema.ts';
import type { Visualization } from '../model/visualization.ts';
import type { Compiler } from './compile-pool.ts';
import { type DeviceScopes, refuseUsers } from './device-scope.ts';
import type { HuntLimits, LimitsOf } from './limits.ts';
import type { Quotas } from './quota.ts';
import { compileRefusal, engineRefusal, missingQuery } from './refusal.ts';
import type { Sessions } from './session.ts';
import { compileInStages, type StageParts } from './stages.ts';
import { sumOf } from './statistics.ts';
import type { TenantTables } from './tables.ts';

/** What every hunting call is made of, whatever the form of its answer. */
export interface HuntEngine extends Pick<StageParts, 'beside' | 'external'> {
  readonly database: Database;
  readonly compiler: Compiler;
  readonly tables: TenantTables;
  readonly limits: LimitsOf;
  readonly quotas: Quotas;
  /** How far back a query sees, in days; undefined is unlimited. */
  readonly lookbackDays: number | undefined;
  readonly clock: Clock;
  /** Who asks, for the functions that tell it. */
  readonly sessions: Sessions;
  /** Which devices users see; without it users are refused. */
  readonly scopes?: DeviceScopes;
}

/** Ticks of 100 ns since 1970-01-01T00:00:00Z, both ends included. */
export interface Interval {
  readonly fromTicks: bigint;
  readonly toTicks: bigint;
}

export interface HuntCall {
  readonly caller: Caller;
  readonly query: string;
  readonly signal?: AbortSignal | undefined;
  /** What `now()` is; else the clock's time. */
  readonly nowTicks?: bigint | undefined;
  /** Narrows what the query sees. */
  readonly interval?: Interval | undefined;
  /** Narrows it by when rows arrived. */
  readonly arrival?: ArrivalWindow | undefined;
  /** `all`: every table that the text answers; else the first. */
  readonly results?: 'all' | undefined;
  /** Values of `declare query_parameters`; a string as it is, any other as the text of its literal. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** Asked for by the client; the server's own limit holds where it is shorter. */
  readonly timeoutMs?: number | undefined;
}

/** A query that compiles and was counted. The first result is its own. */
export interface OpenHunt extends OpenResult {
  /** Of its tenant, when it was opened. */
  readonly limits: HuntLimits;
  readonly warnings: readonly string[];
  /** At least one. */
  readonly results: readonly OpenResult[];
  /** Frees what stages have written: to be called where not every result is run to its end. Idempotent. */
  close(): void;
}

export interface OpenResult {
  readonly columns: readonly Column[];
  /** What `render` asks to draw; only where all tables are asked for. */
  readonly visualization: Visualization | undefined;
  /** Runs it in the engine. Once. At most `maxRows` rows come; undefined is all. */
  run(maxRows: number | undefined): RunningHunt;
}

/** As `HuntResult`, but reading fails with the refusals of `engineRefusal`. */
export type RunningHunt = HuntResult;

const TICKS_PER_MS = 10_000n;
const TICKS_PER_DAY = 864_000_000_000n;

/**
 * Counts a call against the tenant's quotas and compiles its query. Rejects with `RequestError`: `InvalidRequestBody`
 * and `BadRequest` (400), `TooManyRequests` (429), and the database's own.
 */
export async function openHunt(engine: HuntEngine, call: HuntCall): Promise<OpenHunt> {
  if (call.query.trim() === '') throw missingQuery();
  const limits = await engine.limits(call.caller.tenant);
  engine.quotas.admit(call.caller.tenant, limits);
  const startedMs = performance.now();
  const stored = await engine.tables(call.caller.tenant);
  const { database, existing, library } = stored;
  const scope = await (engine.scopes ?? refuseUsers)(call.caller, stored);
  const session = await engine.sessions(call.caller, call.query, library);
  const options = {
    scope,
    session,
    nowTicks: call.nowTicks ?? nowTicks(engine.clock),
    database,
    existing,
    library,
    lookbackTicks: lookbackTicks(engine.lookbackDays),
    ...(call.interval === undefined ? {} : { interval: call.interval }),
    arrival: call.arrival,
    ...(call.results === undefined ? {} : { results: call.results }),
    ...(call.parameters === undefined ? {} : { parameters: call.parameters }),
  };
  const staged = await compileInStages(engine, call.query, options, {
    hunt: (statement, maxRows) => run(engine, call, { database, statement, maxRows, limits, startedMs }),
    remainingMs: () => remainingMs(limits.requestTimeMs, call.timeoutMs, startedMs),
    signal: call.signal,
  }).catch((error: unknown) => {
    throw engineRefusal(error);
  });
  const compiled = staged.outcome;
  if (!compiled.ok) {
    await staged.dispose();
    throw compileRefusal(call.query, compiled.diagnostics);
  }
  const held = holdUntil(compiled.results.length, staged.dispose);
  const results = compiled.results.map(({ columns, statement, visualization }, i): OpenResult => {
    const before = i === 0 ? staged.statistics : [];
    return {
      columns,
      visualization,
      run: (maxRows) =>
        run(engine, call, { database, statement, maxRows, limits, startedMs, before, ended: held.release }),
    };
  });
  const [first] = results;
  if (first === undefined) throw new Error('a query without a result was compiled');
  return { ...first, limits, results, warnings: compiled.warnings, close: held.free };
}

interface Work {
  readonly database: string;
  readonly statement: Sql;
  readonly maxRows: number | undefined;
  readonly limits: HuntLimits;
  /** When the call was accepted, on the monotonic clock. */
  readonly startedMs: number;
  /** Figures of statements that ran before for the same answer. */
  readonly before?: readonly HuntStatistics[];
  readonly ended?: () => void;
}

/** Whatever becomes of the statement, its running time counts: the engine's own figures, or what passed. */
function run(engine: HuntEngine, call: HuntCall, work: Work): RunningHunt {
  let resolve: (statistics: HuntStatistics) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const statistics = new Promise<HuntStatistics>((onValue, onReason) => {
    resolve = onValue;
    reject = onReason;
  });
  // Whoever reads the rows learns of a failure there.
  statistics.catch(() => undefined);

  async function* read(): AsyncGenerator<RowBatch> {
    const meter = createMeter(engine.quotas, call.caller.tenant);
    try {
      const result = await engine.database.hunt({
        database: work.database,
        statement: work.maxRows === undefined ? work.statement : capped(work.statement, work.maxRows),
        queryId: randomUUID(),
        timeoutMs: remainingMs(work.limits.requestTimeMs, call.timeoutMs, work.startedMs),
        onRunning: meter.start,
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      });
      yield* result.batches;
      const measured = await result.statistics;
      meter.end(measured);
      resolve(sumOf([...(work.before ?? []), measured]));
    } catch (error) {
      const refused = engineRefusal(error);
      reject(refused);
      throw refused;
    } finally {
      meter.end(undefined);
      reject(new Error('the rows were not read to their end'));
      work.ended?.();
    }
  }

  const batches = read();
  return { batches, rows: tokenRows(batches), statistics };
}

/** Calls `dispose` when all results have run; should one never be run, after a while. */
function holdUntil(results: number, dispose: () => Promise<void>): { free(): void; release(): void } {
  let left = results;
  let isFree = false;
  const free = (): void => {
    if (isFree) return;
    isFree = true;
    clearTimeout(timer);
    // What cannot be dropped now is when the server starts again.
    void dispose().catch(() => undefined);
  };
  const timer = setTimeout(free, UNUSED_MS).unref();
  return {
    free,
    release() {
      if (--left === 0) free();
    },
  };
}

const UNUSED_MS = 3_600_000;

/** A statement that failed or was left tells no figures: the time that passed is counted, on one processor. */
function createMeter(quotas: Quotas, tenant: string) {
  let startedMs = 0;
  let work: ReturnType<Quotas['running']> | undefined;
  return {
    start() {
      startedMs = performance.now();
      work = quotas.running(tenant);
    },
    end(measured: HuntStatistics | undefined) {
      if (work === undefined) return;
      const passedMs = performance.now() - startedMs;
      const cpuUs = measured && (measured.userCpuUs ?? 0) + (measured.kernelCpuUs ?? 0);
      work.ended({
        runningMs: measured === undefined ? passedMs : measured.elapsedUs / 1000,
        cpuMs: cpuUs === undefined ? passedMs : cpuUs / 1000,
      });
    },
  };
}

/** The order of the inner statement is kept. */
export function capped(statement: Sql, maxRows: number): Sql {
  return sql`SELECT * FROM (\n${statement}\n) LIMIT ${count(maxRows)}`;
}

export function nowTicks(clock: Clock): bigint {
  return BigInt(Math.trunc(clock.nowMs())) * TICKS_PER_MS;
}

export function lookbackTicks(days: number | undefined): bigint | undefined {
  return days === undefined ? undefined : BigInt(Math.round(days * 86_400)) * (TICKS_PER_DAY / 86_400n);
}

/** At least one millisecond: a deadline that passed while compiling is the engine client's to report. */
function remainingMs(ours: number | undefined, theirs: number | undefined, startedMs: number) {
  const allowedMs = Math.min(ours ?? Number.POSITIVE_INFINITY, theirs ?? Number.POSITIVE_INFINITY);
  if (allowedMs === Number.POSITIVE_INFINITY) return undefined;
  return Math.max(1, Math.floor(allowedMs - (performance.now() - startedMs)));
}
