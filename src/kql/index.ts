import type { Sql } from '../clickhouse/sql.ts';
import type { Library } from '../model/library.ts';
import type { CatalogView, Column } from '../model/table-schema.ts';
import type { Visualization } from '../model/visualization.ts';
import { type Diagnostic, diagnosticAt, QueryFault } from './diagnostics.ts';
import { ArgumentFault } from './functions/registry.ts';
import { withLibrary } from './library.ts';
import { type Lowered, type LowerOptions, lowerQuery } from './lower/lower.ts';
import { keptIfRepeated } from './materialized.ts';
import { bind, warm as warmParser } from './parse/bind.ts';
import type { MadeColumns } from './parse/made-columns.ts';
import { optimize } from './passes/passes.ts';
import { type ColumnsQuestion, NeedsColumns } from './plan/columns-need.ts';
import { freshIds } from './plan/copy.ts';
import { printPlan, printWhole } from './plan/print.ts';
import type { Field, Relation } from './plan/relation.ts';
import { alone } from './plan/shared.ts';
import { counted, stageKey } from './plan/stage-key.ts';
import { type Resolved, resolveStages } from './resolve.ts';
import { printStatement } from './sql/statement.ts';
import type { StatementContext } from './sql/statement-context.ts';
import type { Stage, StageAnswer, Staged } from './stages.ts';

export type { Diagnostic } from './diagnostics.ts';
export type { ArrivalWindow } from './sql/arrival.ts';
export { devicesStatement, listedDevices } from './sql/device-scope.ts';
export type { Stage, StageAnswer, Staged, StageInput, StageWork } from './stages.ts';

/** What the stages need beside the text: the meaning's and the statement's options, and the compiler's own. */
export interface CompileOptions extends LowerOptions, StatementContext {
  /** What the tenant adds to the language. */
  readonly library?: Library | undefined;
  /** What the stages of this text came to so far, under the same `nowTicks`. */
  readonly answers?: readonly StageAnswer[];
  /** False leaves the plan as it was lowered: the rows must be the same. */
  readonly passes?: boolean;
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
  /** What `render` asks to draw of it; only where all results are asked for. */
  readonly visualization?: Visualization | undefined;
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

export type ExplainStage = 'bound' | 'plan' | 'optimized' | 'sql';

/**
 * KQL text to one ClickHouse statement, or to the stages that must be answered first (`answers`). Knows no IO, clock or
 * environment. Never throws on any text.
 */
export function compileStep(
  text: string,
  catalog: CatalogView,
  options: CompileOptions,
): Compiled | Refused | Staged {
  return guarded(text, () => {
    const lowered = lower(text, catalog, options);
    if ('ok' in lowered) return lowered;
    const used = { ...options, nowTicks: lowered.nowTicks };
    const plans = keptIfRepeated(lowered.results.map(({ relation }) => relation));
    const resolved = plans.map((relation) => resolve(relation, used));
    const stages = distinctStages(resolved);
    if (stages.length > 0) return { ok: 'staged', stages };
    const results = lowered.results.map(({ name, fields, visualization }, i): CompiledResult => {
      const relation = (resolved[i] as Resolved).relation;
      const columns = fields.map((field) => ({ name: field.name, type: field.type }));
      return { name, statement: print(relation, fields, used), columns, visualization };
    });
    const { statement, columns } = firstOf(results);
    return { ok: true, statement, columns, results, warnings: lowered.warnings };
  });
}

/** `compileStep` where nothing can answer stages: a text that needs one is refused. */
export function compile(text: string, catalog: CatalogView, options: CompileOptions): Compiled | Refused {
  const step = compileStep(text, catalog, options);
  return step.ok === 'staged' ? unanswered(text, step.stages) : step;
}

/** One stage of the same way, as text to read. */
export function explain(
  text: string,
  catalog: CatalogView,
  options: CompileOptions,
  stage: ExplainStage,
): string | Refused {
  return guarded(text, () => {
    if (stage === 'sql') {
      const compiled = compile(text, catalog, options);
      return compiled.ok ? compiled.statement.text : compiled;
    }
    if (stage === 'bound') {
      const bound = bind(
        text,
        withLibrary(catalog, options.library),
        madeColumns(options),
        options.session?.hosts,
      );
      return bound.ok ? bound.root.print() : bound;
    }
    const lowered = lower(text, catalog, options);
    if ('ok' in lowered) return lowered.ok === 'staged' ? unanswered(text, lowered.stages) : lowered;
    const { relation, fields } = firstOf(lowered.results);
    if (stage === 'plan') return printPlan(relation);
    const resolved = resolve(relation, options);
    if (resolved.stages.length > 0) return unanswered(text, resolved.stages);
    return printWhole(optimize(resolved.relation, fields));
  });
}

/** Builds what the parser builds lazily, so that the first query is not the slow one. */
export function warm(catalog: CatalogView): void {
  warmParser(catalog);
}

function lower(text: string, catalog: CatalogView, options: CompileOptions): Lowered | Refused | Staged {
  const made = madeColumns(options);
  const view = withLibrary(catalog, options.library);
  const bound = bind(text, view, made, options.session?.hosts);
  if (!bound.ok) return bound;
  try {
    const lowered = lowerQuery(bound.root, view, made, options);
    return { ...lowered, warnings: [...bound.warnings, ...lowered.warnings] };
  } catch (error) {
    if (!(error instanceof NeedsColumns)) throw error;
    const used = { ...options, nowTicks: error.question.nowTicks };
    return { ok: 'staged', stages: askColumns(error.question, used) };
  }
}

/** The columns that stages made, by the plug-in's slot in the text and the key of what it read. */
function madeColumns({ answers = [] }: CompileOptions): MadeColumns {
  const made = new Map<string, Map<string, readonly Column[]>>();
  for (const answer of answers) {
    if (answer.kind !== 'columns') continue;
    const here = made.get(answer.slot) ?? new Map<string, readonly Column[]>();
    made.set(answer.slot, here.set(answer.key, answer.columns));
  }
  return made;
}

/** The stage that tells a plug-in's columns, or those that it waits for itself. */
function askColumns(question: ColumnsQuestion, options: CompileOptions): readonly Stage[] {
  const { relation, stages } = resolve(question.query, options);
  if (stages.length > 0) return stages;
  const columns = relation.fields.map(({ name, type }) => ({ name, type }));
  const plan = counted(relation);
  const stage: Stage = {
    key: stageKey(question.maker, [question.query], question.options),
    construct: question.plugin,
    place: question.place,
    work: { kind: 'columns', name: question.maker, options: question.options, slot: question.slot },
    inputs: [{ statement: print(plan, plan.fields, options), columns }],
    columns: [],
  };
  return [stage];
}

function resolve(relation: Relation, options: CompileOptions): Resolved {
  return resolveStages(relation, freshIds(relation), {
    answers: options.answers ?? [],
    print: (input) => print(input, input.fields, options),
  });
}

function print(relation: Relation, fields: readonly Field[], options: CompileOptions): Sql {
  const plan = options.passes === false ? alone(relation) : optimize(relation, fields, options.check);
  return printStatement(plan, fields, options);
}

function distinctStages(resolved: readonly Resolved[]): readonly Stage[] {
  const stages = resolved.flatMap((result) => result.stages);
  return [...new Map(stages.map((stage) => [stage.key, stage])).values()];
}

function unanswered(text: string, stages: readonly Stage[]): Refused {
  const { construct, place } = firstOf(stages);
  const fault = {
    code: 'SPOOR006',
    kind: 'unsupported' as const,
    message: `\`${construct}\` needs rows that are not read here`,
    start: place?.start ?? 0,
    length: place?.length ?? text.length,
  };
  return { ok: false, diagnostics: [diagnosticAt(text, fault)] };
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
