import type { Diagnostic } from '../kql/index.ts';
import type { Clock } from '../model/clock.ts';
import type { Column } from '../model/table-schema.ts';
import type { ExplainStage } from './compile-messages.ts';
import type { Compiler } from './compile-pool.ts';
import { lookbackTicks, nowTicks } from './open.ts';
import { compileRefusal, missingQuery } from './refusal.ts';
import type { TenantTables } from './tables.ts';

export interface InspectionParts {
  readonly compiler: Compiler;
  readonly tables: TenantTables;
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
  /** Validates without running. */
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
  async function optionsFor(tenant: string) {
    const { database, existing } = await parts.tables(tenant);
    const now = nowTicks(parts.clock);
    return { nowTicks: now, database, existing, lookbackTicks: lookbackTicks(parts.lookbackDays) };
  }
  return {
    async check({ tenant, query }) {
      if (query.trim() === '') throw missingQuery();
      const outcome = await parts.compiler.compile(query, await optionsFor(tenant));
      if (!outcome.ok) return { ok: false, diagnostics: outcome.diagnostics, columns: [], warnings: [] };
      return { ok: true, diagnostics: [], columns: outcome.columns, warnings: outcome.warnings };
    },
    async explain({ tenant, query, stage }) {
      if (query.trim() === '') throw missingQuery();
      const outcome = await parts.compiler.explain(query, await optionsFor(tenant), stage);
      if (!outcome.ok) throw compileRefusal(query, outcome.diagnostics);
      return outcome.text;
    },
  };
}
