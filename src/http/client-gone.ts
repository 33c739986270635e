import type { FastifyReply } from 'fastify';

/** A signal that fires when the client's connection ends before the answer has been written. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  if (reply.raw.destroyed && !reply.raw.writableFinished) controller.abort();
  return controller.signal;
}
