import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SuiteName } from './cases.ts';
import type { Outcome } from './outcome.ts';
import type { WorkerOrder, WorkerReport } from './worker.ts';

export interface RunOptions {
  readonly suite: SuiteName;
  readonly cases: readonly { readonly id: string; readonly family: string; readonly query: string }[];
  readonly passes: boolean;
  readonly onOutcome?: (outcome: Outcome) => void;
}

const CASE_TIMEOUT_MS = 45_000;

const WORKER = join(import.meta.dirname, '..', '..', 'scripts', 'conformance.mjs');

/**
 * Runs the cases in a process of their own, in order. A case that ends the process, or does not end itself, gets that
 * as its outcome and the rest goes on in a new process.
 */
export async function runCases(options: RunOptions): Promise<readonly Outcome[]> {
  const outcomes = new Map<string, Outcome>();
  const keep = (outcome: Outcome) => {
    outcomes.set(outcome.id, outcome);
    options.onOutcome?.(outcome);
  };
  for (;;) {
    const left = options.cases.filter(({ id }) => !outcomes.has(id));
    if (left.length === 0) return [...outcomes.values()];
    const folder = mkdtempSync(join(tmpdir(), 'spoor-conformance-'));
    const order = { suite: options.suite, ids: left.map(({ id }) => id), passes: options.passes, folder };
    const broken = await runProcess(order, keep);
    rmSync(folder, { recursive: true, force: true });
    if (broken === undefined) continue;
    const guilty = options.cases.find(({ id }) => id === broken.id);
    if (guilty === undefined)
      throw new Error(`the process that runs the cases does not start:\n${broken.output}`);
    keep({
      id: guilty.id,
      family: guilty.family,
      result: broken.result,
      reason: broken.result,
      ms: CASE_TIMEOUT_MS,
      report: { query: guilty.query, expected: '', got: broken.output, sql: '' },
    });
  }
}

interface Broken {
  /** The case that was running; undefined before the first. */
  readonly id: string | undefined;
  readonly result: 'crash' | 'timeout';
  readonly output: string;
}

function runProcess(order: WorkerOrder, keep: (outcome: Outcome) => void): Promise<Broken | undefined> {
  return new Promise((resolve) => {
    const child: ChildProcess = fork(WORKER, ['--worker'], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let running: string | undefined;
    let timedOut = false;
    let done = false;
    let output = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-4000);
    });
    const stop = () => {
      timedOut = true;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(stop, CASE_TIMEOUT_MS);
    child.on('message', (message: WorkerReport) => {
      clearTimeout(timer);
      timer = setTimeout(stop, CASE_TIMEOUT_MS);
      if ('started' in message) running = message.started;
      else if ('ended' in message) keep(message.ended);
      else done = true;
    });
    child.on('exit', () => {
      clearTimeout(timer);
      resolve(done ? undefined : { id: running, result: timedOut ? 'timeout' : 'crash', output });
    });
    child.send(order);
  });
}
