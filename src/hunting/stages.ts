import { randomBytes } from 'node:crypto';
import type { Database, HuntStatistics } from '../clickhouse/database.ts';
import type { Sql } from '../clickhouse/sql.ts';
import { createStageTable, dropStageTable, STAGE_PREFIX } from '../clickhouse/stage-table.ts';
import { diagnosticAt } from '../kql/diagnostics.ts';
import type { Compiled, CompileOptions, Stage, StageAnswer, Staged, StageInput } from '../kql/index.ts';
import type { BesideAnswer, BesideJob, RawTable } from './beside/job.ts';
import { tooMuch } from './beside/pool.ts';
import type { RefusedReply } from './compile-messages.ts';
import type { ExternalFiles } from './external/files.ts';

export interface StageParts {
  readonly compiler: {
    compile(query: string, options: CompileOptions): Promise<Compiled | RefusedReply | Staged>;
  };
  readonly database: Pick<Database, 'command' | 'insert'>;
  readonly beside: {
    run(job: BesideJob, signal?: AbortSignal): Promise<BesideAnswer>;
    readonly places: boolean;
  };
  readonly external: ExternalFiles;
}

/** How one hunt runs what its stages ask for. */
export interface StageRunner {
  /** Batches of rows of raw tokens; reading them to the end settles `statistics`. */
  hunt(
    statement: Sql,
    maxRows: number,
  ): {
    readonly rows: AsyncIterable<readonly (readonly string[])[]>;
    readonly statistics: Promise<HuntStatistics>;
  };
  /** Of the whole hunt; undefined is without end. */
  remainingMs(): number | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface StagedCompile {
  readonly outcome: Compiled | RefusedReply;
  /** For an explanation of the same text. */
  readonly answers: readonly StageAnswer[];
  /** Of each stage's statement. */
  readonly statistics: readonly HuntStatistics[];
  /** Drops what the stages wrote. To be called once the statement has run; idempotent. */
  dispose(): Promise<void>;
}

/** A plan of plans: each round answers stages that do not depend on each other. */
const MAX_ROUNDS = 24;
const MAX_STAGES = 100;
const MAX_INPUT_ROWS = 1_000_000;
const MAX_INPUT_CHARS = 128 * 1024 * 1024;
const MAX_ANSWER_ROWS = 2_000_000;
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/**
 * Compiles a query, answering its stages until it is one statement. Rejects with the `RequestError`s of the engine and of
 * the threads beside it; what a stage finds wrong with the query is a diagnostic.
 */
export async function compileInStages(
  parts: StageParts,
  query: string,
  options: CompileOptions,
  runner: StageRunner,
): Promise<StagedCompile> {
  const answers: StageAnswer[] = [];
  const statistics: HuntStatistics[] = [];
  const made: string[] = [];

  const dispose = async (): Promise<void> => {
    for (const table of made.splice(0)) await parts.database.command(dropStageTable(options.database, table));
  };

  async function answer(stage: Stage): Promise<RefusedReply | undefined> {
    const files =
      stage.work.kind === 'external'
        ? await parts.external.find(stage.work.urls, runner, { ...stage.work, columns: stage.columns })
        : [];
    if ('refused' in files) return refusal(query, stage, 'SPOOR007', files.refused);
    const inputs: RawTable[] = [];
    for (const input of stage.inputs) inputs.push(await readInput(stage, input));
    const done = await parts.beside.run(
      {
        work: stage.work,
        inputs,
        columns: stage.columns,
        files,
        maxRows: MAX_ANSWER_ROWS,
        maxBytes: MAX_ANSWER_BYTES,
        timeoutMs: runner.remainingMs(),
      },
      runner.signal,
    );
    if (done.kind === 'fault') return refusal(query, stage, 'SPOOR008', done.message);
    if (done.kind === 'too-many' || done.kind === 'timeout')
      throw tooMuch(`\`${stage.construct}\`: ${done.kind}`);
    if (done.kind === 'columns') {
      if (stage.work.kind !== 'columns') throw new Error('columns came for rows');
      answers.push({ kind: 'columns', key: stage.key, slot: stage.work.slot, columns: done.columns });
      return undefined;
    }
    const table = `${STAGE_PREFIX}${Date.now().toString(36)}_${randomBytes(8).toString('hex')}`;
    made.push(table);
    await parts.database.command(
      createStageTable(
        options.database,
        table,
        stage.columns.map(({ type }) => type),
      ),
    );
    if (done.rowCount > 0) {
      const columns = stage.columns.map((_, i) => `stage_${i}`);
      await parts.database.insert({
        database: options.database,
        table,
        columns,
        body: Buffer.from(done.body),
      });
    }
    answers.push({ kind: 'rows', key: stage.key, table });
    return undefined;
  }

  async function readInput(stage: Stage, { statement, columns }: StageInput): Promise<RawTable> {
    const running = runner.hunt(statement, MAX_INPUT_ROWS + 1);
    const rows: (readonly string[])[] = [];
    let chars = 0;
    for await (const batch of running.rows) {
      for (const row of batch) {
        rows.push(row);
        for (const token of row) chars += token.length;
      }
      if (rows.length > MAX_INPUT_ROWS || chars > MAX_INPUT_CHARS)
        throw tooMuch(
          `\`${stage.construct}\` would read more than ${MAX_INPUT_ROWS} rows or ${MAX_INPUT_CHARS} characters`,
        );
    }
    statistics.push(await running.statistics);
    return { columns, rows };
  }

  try {
    for (let round = 0; round < MAX_ROUNDS && answers.length < MAX_STAGES; round++) {
      const outcome = await parts.compiler.compile(query, {
        ...options,
        places: parts.beside.places,
        answers,
      });
      if (outcome.ok !== 'staged') return { outcome, answers, statistics, dispose };
      for (const stage of outcome.stages) {
        const refused = await answer(stage);
        if (refused) return { outcome: refused, answers, statistics, dispose };
      }
    }
    throw tooMuch('too many stages');
  } catch (error) {
    await dispose();
    throw error;
  }
}

function refusal(query: string, { place }: Stage, code: string, message: string): RefusedReply {
  const fault = {
    code,
    kind: code === 'SPOOR007' ? ('unsupported' as const) : ('semantic' as const),
    message,
    start: place?.start ?? 0,
    length: place?.length ?? query.length,
  };
  return { ok: false, diagnostics: [diagnosticAt(query, fault)] };
}
