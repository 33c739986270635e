import { randomUUID } from 'node:crypto';
import type { Database } from '../clickhouse/database.ts';
import type { Sql } from '../clickhouse/sql.ts';
import type { CompileOptions, Diagnostic, ExplainStage } from '../kql/index.ts';
import type { Clock } from '../model/clock.ts';
import type { Column } from '../model/table-schema.ts';
import type { Compiler } from './compile-pool.ts';
import { capped, lookbackTicks, nowTicks } from './open.ts';
import { compileRefusal, engineRefusal, missingQuery } from './refusal.ts';
import type { Sessions } from './session.ts';
import { compileInStages, type StagedCompile, type StageParts } from './stages.ts';
import type { TenantTables } from './tables.ts';

export const EXPLAIN_STAGES = [
  'bound',
  'plan',
  'optimized',
  'sql',
] as const satisfies readonly ExplainStage[];

export interface InspectionParts extends Pick<StageParts, 'beside' | 'external'> {
  readonly database: Database;
  /** For the statements of stages. */
  readonly requestTimeMs: number | undefined;
  readonly compiler: Compiler;
  readonly tables: TenantTables;
  readonly sessions: Sessions;
  /** As in hunting: the window becomes part of the statement. */
  readonly lookbackDays: number | undefined;
  readonly clock: Clock;
}

export interface CheckResult {
  readonly ok: boolean;
  /** Empty when the query compiles. */
  readonly diagnostics: readonly Diagnostic[];
  /** Columns of the answer, in order; empty when the query does not compile. */
  readonly columns: readonly Column[];
  readonly warnings: readonly string[];
}

export interface Inspection {
  /** Validates without running; only what columns depend on is read. */
  check(request: { readonly tenant: string; readonly query: string }): Promise<CheckResult>;
  /** Prints one stage of the compiler for a reader. Rejects as hunting does when the query does not compile. */
  explain(request: {
    readonly tenant: string;
    readonly query: string;
    readonly stage: ExplainStage;
  }): Promise<string>;
}

/** What a query author asks of the compiler without running anything. */
export function createInspection(parts: InspectionParts): Inspection {
  async function optionsFor(tenant: string, query: string) {
    const { database, existing, library } = await parts.tables(tenant);
    const now = nowTicks(parts.clock);
    const session = await parts.sessions(undefined, query, library);
    const lookback = lookbackTicks(parts.lookbackDays);
    return { nowTicks: now, database, existing, library, session, lookbackTicks: lookback };
  }
  /** What the stages wrote is dropped at once: nothing runs afterwards. */
  async function stages(query: string, options: CompileOptions): Promise<StagedCompile> {
    const untilMs = performance.now() + (parts.requestTimeMs ?? Number.POSITIVE_INFINITY);
    const remainingMs = () =>
      untilMs === Number.POSITIVE_INFINITY ? undefined : Math.max(1, untilMs - performance.now());
    const staged = await compileInStages(parts, query, options, {
      hunt: (statement, maxRows) =>
        huntRows(parts.database, options.database, capped(statement, maxRows), remainingMs()),
      remainingMs,
      signal: undefined,
    }).catch((error: unknown) => {
      throw engineRefusal(error);
    });
    await staged.dispose();
    return staged;
  }
  return {
    async check({ tenant, query }) {
      if (query.trim() === '') throw missingQuery();
      const { outcome } = await stages(query, await optionsFor(tenant, query));
      if (!outcome.ok) return { ok: false, diagnostics: outcome.diagnostics, columns: [], warnings: [] };
      return { ok: true, diagnostics: [], columns: outcome.columns, warnings: outcome.warnings };
    },
    async explain({ tenant, query, stage }) {
      if (query.trim() === '') throw missingQuery();
      const options = await optionsFor(tenant, query);
      const { answers } = await stages(query, options);
      const outcome = await parts.compiler.explain(
        query,
        { ...options, places: parts.beside.places, answers },
        stage,
      );
      if (!outcome.ok) throw compileRefusal(query, outcome.diagnostics);
      return outcome.text;
    },
  };
}

function huntRows(database: Database, name: string, statement: Sql, timeoutMs: number | undefined) {
  const result = database.hunt({ database: name, statement, queryId: randomUUID(), timeoutMs });
  async function* rows() {
    yield* (await result).rows;
  }
  return { rows: rows(), statistics: result.then(({ statistics }) => statistics) };
}
