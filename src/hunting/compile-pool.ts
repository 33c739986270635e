import { reviveStatement } from '../clickhouse/sql.ts';
import type { Defined } from '../kql/define.ts';
import type { Compiled, CompiledResult, CompileOptions, ExplainStage, Staged } from '../kql/index.ts';
import type { SavedFunction } from '../model/library.ts';
import type { CompileJob, CompileReply, RefusedReply, StageText } from './compile-messages.ts';
import { type CompileThread, startCompileThread } from './compile-thread.ts';
import { tooComplex } from './too-complex.ts';

/** `Staged`: to be compiled again with the answers of these stages (stages.ts does). */
export type CompileOutcome = Compiled | RefusedReply | Staged;

/**
 * The compiler behind threads. A query that takes longer than the time limit, or that ends its thread, rejects with
 * `RequestError` `BadRequest` (400); the thread is replaced. A failure of the compiler itself rejects with a plain
 * error.
 */
export interface Compiler {
  compile(text: string, options: CompileOptions): Promise<CompileOutcome>;
  explain(
    text: string,
    options: CompileOptions,
    stage: ExplainStage,
  ): Promise<{ readonly ok: true; readonly text: string } | RefusedReply>;
  /** Checks a function that is to be saved; see kql/define.ts. */
  define(saved: SavedFunction, options: CompileOptions): Promise<Defined | RefusedReply>;
  close(): Promise<void>;
}

export interface CompilePoolOptions {
  readonly threads: number;
  /** For one query, from the moment a thread takes it. */
  readonly timeoutMs: number;
}

interface Waiting {
  readonly job: Omit<CompileJob, 'id'>;
  resolve(reply: CompileReply): void;
  reject(error: unknown): void;
}

/** Starts the threads; resolves when each has loaded the catalogue and warmed the parser. */
export async function startCompilePool(options: CompilePoolOptions): Promise<Compiler> {
  const idle: CompileThread[] = [];
  const all = new Set<CompileThread>();
  const queue: Waiting[] = [];
  let closed = false;

  async function addThread(): Promise<void> {
    const thread = await startCompileThread();
    if (closed) {
      await thread.stop();
      return;
    }
    all.add(thread);
    idle.push(thread);
    pump();
  }

  function pump(): void {
    while (idle.length > 0 && queue.length > 0) {
      const thread = idle.pop();
      const waiting = queue.shift();
      if (thread !== undefined && waiting !== undefined) void serve(thread, waiting);
    }
  }

  async function serve(thread: CompileThread, waiting: Waiting): Promise<void> {
    try {
      const reply = await thread.run(waiting.job, options.timeoutMs);
      waiting.resolve(reply);
      idle.push(thread);
      pump();
    } catch (error) {
      waiting.reject(error);
      all.delete(thread);
      await thread.stop();
      if (!closed) await replace();
    }
  }

  /** A thread that cannot be replaced leaves a smaller pool; the last one's failure fails all who wait. */
  async function replace(): Promise<void> {
    try {
      await addThread();
    } catch (error) {
      if (all.size === 0) for (const waiting of queue.splice(0)) waiting.reject(error);
    }
  }

  function submit(job: Omit<CompileJob, 'id'>): Promise<CompileReply> {
    if (closed) return Promise.reject(new Error('the compiler is closed'));
    return new Promise((resolve, reject) => {
      queue.push({ job, resolve, reject });
      pump();
      if (all.size === 0) void replace();
    });
  }

  await Promise.all(Array.from({ length: options.threads }, addThread));

  return {
    async compile(text, compileOptions) {
      const reply = unlessFailed(await submit({ text, options: compileOptions }));
      if (reply.kind === 'refused') return { ok: false, diagnostics: reply.diagnostics };
      if (reply.kind === 'staged') return { ok: 'staged', stages: reply.stages.map(revivedStage) };
      if (reply.kind !== 'compiled') throw new Error('another answer came for a compilation');
      return revived(reply);
    },
    async explain(text, compileOptions, stage) {
      const reply = unlessFailed(await submit({ text, options: compileOptions, explain: stage }));
      if (reply.kind === 'refused') return { ok: false, diagnostics: reply.diagnostics };
      if (reply.kind !== 'explained') throw new Error('a compilation came for an explanation');
      return { ok: true, text: reply.text };
    },
    async define(define, compileOptions) {
      const reply = unlessFailed(await submit({ text: define.body, options: compileOptions, define }));
      if (reply.kind === 'refused') return { ok: false, diagnostics: reply.diagnostics };
      if (reply.kind !== 'defined') throw new Error('another answer came for a definition');
      return { ok: true, calls: reply.calls };
    },
    async close() {
      closed = true;
      for (const waiting of queue.splice(0)) waiting.reject(new Error('the compiler is closed'));
      await Promise.all([...all].map((thread) => thread.stop()));
      all.clear();
    },
  };
}

function revived({ results, warnings }: Extract<CompileReply, { kind: 'compiled' }>): Compiled {
  const revivedResults = results.map(({ statementText, ...result }): CompiledResult => {
    return { ...result, statement: reviveStatement(statementText) };
  });
  const [first] = revivedResults;
  if (first === undefined) throw new Error('a compilation came without a result');
  return { ok: true, statement: first.statement, columns: first.columns, results: revivedResults, warnings };
}

function revivedStage(stage: StageText): Staged['stages'][number] {
  const inputs = stage.inputs.map(({ statementText, columns }) => {
    return { statement: reviveStatement(statementText), columns };
  });
  return { ...stage, inputs };
}

function unlessFailed(reply: CompileReply): Exclude<CompileReply, { kind: 'failed' }> {
  if (reply.kind !== 'failed') return reply;
  if (reply.overflow) throw tooComplex(reply.detail);
  throw new Error(`the compiler failed: ${reply.detail}`);
}
