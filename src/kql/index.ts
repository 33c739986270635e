import type { Sql } from '../clickhouse/sql.ts';
import type { CatalogView, Column } from '../model/table-schema.ts';
import { type Diagnostic, diagnosticAt, QueryFault } from './diagnostics.ts';
import { ArgumentFault } from './functions/registry.ts';
import { type Lowered, lowerQuery } from './lower/lower.ts';
import { bind, warm as warmParser } from './parse/bind.ts';
import { runPasses } from './passes/passes.ts';
import { printPlan } from './plan/print.ts';
import type { ArrivalWindow } from './sql/arrival.ts';
import { printStatement } from './sql/select.ts';

export type { Diagnostic } from './diagnostics.ts';
export type { ArrivalWindow } from './sql/arrival.ts';

export interface CompileOptions {
  /** The query's one `now`: 100 ns ticks since 1970-01-01T00:00:00Z. */
  readonly nowTicks: bigint;
  /** The tenant's database; every table is named with it. */
  readonly database: string;
  /** Tables that are stored; the others answer with their schema and no rows. */
  readonly existing: ReadonlySet<string>;
  /** How far back rows are read, in ticks; undefined reads all. */
  readonly lookbackTicks: bigint | undefined;
  /** Only rows whose time lies inside are read, both ends included; narrows the look-back. */
  readonly interval?: { readonly fromTicks: bigint; readonly toTicks: bigint };
  /** Which rows are read, by when they arrived; of every table, in every part of the query. */
  readonly arrival?: ArrivalWindow | undefined;
  /** False leaves the plan as it was lowered: the rows must be the same. */
  readonly passes?: boolean;
  /** `all` answers every table of the text (`fork`, `facet`, several statements), `first` (unless said) the first. */
  readonly results?: 'first' | 'all';
  /**
   * Values for `declare query_parameters`, each the text of a literal of the language or, for a string, the string
   * itself. Names that the query does not declare are ignored.
   */
  readonly parameters?: Readonly<Record<string, string>>;
  /** True tests the plan's invariants after every stage; for tests. */
  readonly check?: boolean;
}

/**
 * `statement` yields one column per member of `columns`, in order: string and guid as text; bool; int, long and real
 * as numbers; datetime as DateTime64(7); timespan as ticks; decimal; dynamic as JSON text, '' for null.
 */
export interface CompiledResult {
  /** The name that `as` or a branch of `fork` gives the table. */
  readonly name: string | undefined;
  readonly statement: Sql;
  readonly columns: readonly Column[];
}

/** `statement` and `columns` are those of the first of `results`, which holds more than one only if all are asked for. */
export interface Compiled {
  readonly ok: true;
  readonly statement: Sql;
  readonly columns: readonly Column[];
  readonly results: readonly CompiledResult[];
  readonly warnings: readonly string[];
}

export interface Refused {
  readonly ok: false;
  readonly diagnostics: readonly Diagnostic[];
}

export type Stage = 'bound' | 'plan' | 'optimized' | 'sql';

/** KQL text to one ClickHouse statement. Knows no IO, clock or environment. Never throws on any text. */
export function compile(text: string, catalog: CatalogView, options: CompileOptions): Compiled | Refused {
  return guarded(text, () => {
    const lowered = lower(text, catalog, options);
    if ('ok' in lowered) return lowered;
    const results = lowered.results.map(({ name, relation, fields }): CompiledResult => {
      const plan = options.passes === false ? relation : runPasses(relation, fields, options.check);
      const columns = fields.map((field) => ({ name: field.name, type: field.type }));
      return { name, statement: printStatement(plan, fields, options), columns };
    });
    const { statement, columns } = firstOf(results);
    return { ok: true, statement, columns, results, warnings: lowered.warnings };
  });
}

/** One stage of the same way, as text to read. */
export function explain(
  text: string,
  catalog: CatalogView,
  options: CompileOptions,
  stage: Stage,
): string | Refused {
  return guarded(text, () => {
    if (stage === 'sql') {
      const compiled = compile(text, catalog, options);
      return compiled.ok ? compiled.statement.text : compiled;
    }
    if (stage === 'bound') {
      const bound = bind(text, catalog);
      return bound.ok ? bound.root.print() : bound;
    }
    const lowered = lower(text, catalog, options);
    if ('ok' in lowered) return lowered;
    const { relation, fields } = firstOf(lowered.results);
    return printPlan(stage === 'plan' ? relation : runPasses(relation, fields));
  });
}

/** Builds what the parser builds lazily, so that the first query is not the slow one. */
export function warm(catalog: CatalogView): void {
  warmParser(catalog);
}

function lower(text: string, catalog: CatalogView, options: CompileOptions): Lowered | Refused {
  const bound = bind(text, catalog);
  if (!bound.ok) return bound;
  const lowered = lowerQuery(bound.root, catalog, options);
  return { ...lowered, warnings: [...bound.warnings, ...lowered.warnings] };
}

function firstOf<T>(results: readonly T[]): T {
  const [first] = results;
  if (first === undefined) throw new Error('a text without a result was lowered');
  return first;
}

function guarded<T>(text: string, work: () => T): T | Refused {
  try {
    return work();
  } catch (error) {
    if (error instanceof QueryFault) {
      const { code, kind, message, place } = error;
      return { ok: false, diagnostics: [diagnosticAt(text, { code, kind, message, ...place })] };
    }
    if (error instanceof ArgumentFault) {
      const fault = {
        code: 'SPOOR004',
        kind: 'semantic' as const,
        message: error.message,
        start: 0,
        length: text.length,
      };
      return { ok: false, diagnostics: [diagnosticAt(text, fault)] };
    }
    if (error instanceof RangeError && /call stack/i.test(error.message)) {
      const fault = {
        code: 'SPOOR005',
        kind: 'unsupported' as const,
        message: 'the query is nested too deeply',
        start: 0,
        length: text.length,
      };
      return { ok: false, diagnostics: [diagnosticAt(text, fault)] };
    }
    throw error;
  }
}
