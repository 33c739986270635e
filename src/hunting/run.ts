import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Database, HuntResult } from '../clickhouse/database.ts';
import { count, type Sql, sql } from '../clickhouse/sql.ts';
import type { Caller } from '../model/caller.ts';
import type { Clock } from '../model/clock.ts';
import type { Column } from '../model/table-schema.ts';
import { createCallQuota } from './call-quota.ts';
import type { CompileOutcome, Compiler } from './compile-pool.ts';
import type { HuntLimits } from './limits.ts';
import { compileRefusal, engineRefusal, missingQuery, resultTooLarge } from './refusal.ts';
import { ANSWER_TAIL, answerHead, rowWriter } from './shape.ts';
import { createSpool, type Spool, spoolStream } from './spool.ts';
import type { TenantTables } from './tables.ts';

export interface HuntRequest {
  readonly caller: Caller;
  readonly query: string;
  readonly signal?: AbortSignal;
}

/** One whole answer, already measured. The body is JSON: `Stats`, `Schema`, `Results`, in this order. */
export interface HuntAnswer {
  /** True when rows over the cap were cut. */
  readonly truncated: boolean;
  readonly warnings: readonly string[];
  /** Bytes of the body. */
  readonly contentLength: number;
  /** Can be called again until `dispose`. */
  body(): Readable;
  /** Frees memory and disk. Must be called once the body has been read or given up; idempotent. */
  dispose(): Promise<void>;
}

export interface HuntingParts {
  readonly database: Database;
  readonly compiler: Compiler;
  readonly tables: TenantTables;
  readonly limits: HuntLimits;
  /** How far back a query sees, in days; undefined is unlimited. */
  readonly lookbackDays: number | undefined;
  /** Name of the type bool in `Schema`. */
  readonly boolTypeName: 'SByte' | 'Boolean';
  readonly clock: Clock;
  /** Where large answers wait until their query has ended. */
  readonly spoolDirectory: string;
}

export type RunHunt = (request: HuntRequest) => Promise<HuntAnswer>;

const SPOOL_MEMORY_BYTES = 2 * 1024 * 1024;
const PIECE_CHARS = 16 * 1024;
const TICKS_PER_MS = 10_000n;
const TICKS_PER_DAY = 864_000_000_000n;

/**
 * The use case of `POST /api/advancedhunting/run`. Rejects with `RequestError`: `InvalidRequestBody` and `BadRequest`
 * (400), `TooManyRequests` (429), and the database's own.
 */
export function createHunting(parts: HuntingParts): RunHunt {
  const calls = createCallQuota(parts.limits.callsPerMinute, parts.clock);
  return async ({ caller, query, signal }) => {
    if (query.trim() === '') throw missingQuery();
    calls.take(caller.tenant);
    const startedMs = performance.now();
    const compiled = await compileForTenant(parts, caller.tenant, query);
    const spool = createSpool(parts.spoolDirectory, SPOOL_MEMORY_BYTES);
    try {
      const result = await parts.database.hunt({
        database: compiled.database,
        statement: capped(compiled.statement, parts.limits.maxRows),
        queryId: randomUUID(),
        timeoutMs: remainingMs(parts.limits.requestTimeMs, startedMs),
        ...(signal === undefined ? {} : { signal }),
      });
      const written = await writeRows(result, compiled.columns, spool, parts.limits);
      const statistics = await result.statistics;
      const head = answerHead({
        statistics,
        columns: compiled.columns,
        rowCount: written.rowCount,
        resultBytes: spool.bytes,
        boolTypeName: parts.boolTypeName,
      });
      return answer(head, compiled.warnings, written.truncated, spool);
    } catch (error) {
      await spool.dispose();
      throw engineRefusal(error);
    }
  };
}

/** One row more than the cap tells that there are more; the order of the inner statement is kept. */
function capped(statement: Sql, maxRows: number): Sql {
  return sql`SELECT * FROM (\n${statement}\n) LIMIT ${count(maxRows + 1)}`;
}

type RunnableQuery = Extract<CompileOutcome, { ok: true }> & { readonly database: string };

async function compileForTenant(parts: HuntingParts, tenant: string, query: string): Promise<RunnableQuery> {
  const { database, existing } = await parts.tables(tenant);
  const compiled = await parts.compiler.compile(query, {
    nowTicks: BigInt(Math.trunc(parts.clock.nowMs())) * TICKS_PER_MS,
    database,
    existing,
    lookbackTicks: lookbackTicks(parts.lookbackDays),
  });
  if (!compiled.ok) throw compileRefusal(query, compiled.diagnostics);
  return { ...compiled, database };
}

export function lookbackTicks(days: number | undefined): bigint | undefined {
  return days === undefined ? undefined : BigInt(Math.round(days * 86_400)) * (TICKS_PER_DAY / 86_400n);
}

/** At least one millisecond: a deadline that passed while compiling is the engine client's to report. */
function remainingMs(requestTimeMs: number | undefined, startedMs: number): number | undefined {
  if (requestTimeMs === undefined) return undefined;
  return Math.max(1, Math.floor(requestTimeMs - (performance.now() - startedMs)));
}

interface Written {
  readonly rowCount: number;
  readonly truncated: boolean;
}

/** Writes rows up to the cap. A failure leaves the loop, which stops the query in the engine. */
async function writeRows(
  result: HuntResult,
  columns: readonly Column[],
  spool: Spool,
  limits: HuntLimits,
): Promise<Written> {
  const write = rowWriter(columns);
  const maxBytes = limits.maxResultBytes ?? Number.POSITIVE_INFINITY;
  let rowCount = 0;
  let truncated = false;
  let piece = '';
  async function flush(): Promise<void> {
    await spool.write(piece);
    piece = '';
    if (spool.bytes > maxBytes) throw resultTooLarge();
  }
  for await (const batch of result.rows) {
    for (const row of batch) {
      if (rowCount === limits.maxRows) {
        truncated = true;
        break;
      }
      piece += rowCount === 0 ? write(row) : `,${write(row)}`;
      rowCount++;
      if (piece.length >= PIECE_CHARS) await flush();
    }
  }
  await flush();
  return { rowCount, truncated };
}

function answer(head: string, warnings: readonly string[], truncated: boolean, spool: Spool): HuntAnswer {
  return {
    truncated,
    warnings,
    contentLength: Buffer.byteLength(head) + spool.bytes + Buffer.byteLength(ANSWER_TAIL),
    body: () => spoolStream(head, spool, ANSWER_TAIL),
    dispose: () => spool.dispose(),
  };
}
