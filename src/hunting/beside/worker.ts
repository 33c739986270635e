/** The thread beside the engine: one job at a time. `ready` is posted once it can take one. */
import { parentPort } from 'node:worker_threads';
import { type BesideAnswer, type BesideJob, runJob } from './job.ts';

export type BesideReply =
  | { readonly answer: BesideAnswer }
  /** A bug of ours. */
  | { readonly failed: string };

const port = parentPort;
if (port === null) throw new Error('this file runs in a thread of the server');

port.on('message', async (job: BesideJob) => {
  let reply: BesideReply;
  try {
    reply = { answer: await runJob(job) };
  } catch (error) {
    reply = { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  port.postMessage(reply);
});

port.postMessage('ready');
