import { Readable } from 'node:stream';
import type { Ingest } from '../ingest/ingest.ts';
import { dropAlertRows, queuedAlertRows } from '../store/alerts.ts';
import type { Store } from '../store/store.ts';

/** Puts the rows of AlertInfo and AlertEvidence into the engine, as they are queued. */
export interface Publisher {
  start(): void;
  /** Something was queued. */
  wake(): void;
  /** Resolves when what is queued now has been written. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

const RETRY_MS = 5000;
const AT_ONCE = 20;

/**
 * Each set of rows goes through ingestion under a key of its own and is forgotten then: what a killed server had
 * written but not forgotten is not written twice.
 */
export function createPublisher(
  { db }: Store,
  ingest: Pick<Ingest, 'ingestStream'>,
  onFailure: (error: unknown) => void,
): Publisher {
  const stopped = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> | undefined;
  let again = false;

  async function publish(): Promise<void> {
    for (;;) {
      const queued = await queuedAlertRows(db, AT_ONCE);
      if (queued.length === 0) return;
      for (const { id, tenant, records } of queued) {
        if (stopped.signal.aborted) return;
        await ingest.ingestStream({
          tenant,
          format: 'records',
          table: undefined,
          idempotencyKey: `alert-rows-${id}`,
          name: 'alerts',
          body: Readable.from([Buffer.from(records)], { objectMode: false }),
          rebase: false,
          signal: stopped.signal,
        });
        await dropAlertRows(db, id);
      }
    }
  }

  function wake(): void {
    again = true;
    if (working !== undefined || stopped.signal.aborted) return;
    working = (async () => {
      while (again) {
        again = false;
        await publish();
      }
    })()
      .catch((error: unknown) => {
        if (!stopped.signal.aborted) onFailure(error);
      })
      .finally(() => {
        working = undefined;
      });
  }

  return {
    wake,
    start() {
      timer = setInterval(wake, RETRY_MS);
      wake();
    },
    async flush() {
      wake();
      await working;
    },
    async stop() {
      clearInterval(timer);
      stopped.abort();
      await working;
    },
  };
}
