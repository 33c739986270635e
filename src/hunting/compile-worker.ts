/**
 * The compiling thread: one job at a time, so that no query's text can stall the server's event loop.
 * The catalogue is loaded here once; `ready` is posted when the parser is warm.
 */
import { parentPort } from 'node:worker_threads';
import { loadCatalog } from '../catalog/load.ts';
import { define } from '../kql/define.ts';
import { compileStep, explain, warm } from '../kql/index.ts';
import type { CompileJob, CompileReply } from './compile-messages.ts';

const port = parentPort;
if (port === null) throw new Error('this file runs in a thread of the server');
const catalog = loadCatalog();

function run(job: CompileJob): CompileReply {
  if (job.explain !== undefined) {
    const text = explain(job.text, catalog, job.options, job.explain);
    if (typeof text === 'string') return { id: job.id, kind: 'explained', text };
    return { id: job.id, kind: 'refused', diagnostics: text.diagnostics };
  }
  if (job.define !== undefined) {
    const defined = define(job.define, catalog, job.options);
    if (defined.ok) return { id: job.id, kind: 'defined', calls: defined.calls };
    return { id: job.id, kind: 'refused', diagnostics: defined.diagnostics };
  }
  const outcome = compileStep(job.text, catalog, job.options);
  if (outcome.ok === 'staged') {
    const stages = outcome.stages.map((stage) => ({
      ...stage,
      inputs: stage.inputs.map(({ statement, columns }) => ({ statementText: statement.text, columns })),
    }));
    return { id: job.id, kind: 'staged', stages };
  }
  if (!outcome.ok) return { id: job.id, kind: 'refused', diagnostics: outcome.diagnostics };
  return {
    id: job.id,
    kind: 'compiled',
    results: outcome.results.map(({ name, statement, columns, visualization }) => ({
      name,
      statementText: statement.text,
      columns,
      visualization,
    })),
    warnings: outcome.warnings,
  };
}

port.on('message', (job: CompileJob) => {
  let reply: CompileReply;
  try {
    reply = run(job);
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    reply = { id: job.id, kind: 'failed', overflow: error instanceof RangeError, detail };
  }
  port.postMessage(reply);
});

warm(catalog);
port.postMessage('ready');
