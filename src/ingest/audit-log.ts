import { Readable } from 'node:stream';
import { AUDIT_TABLE, type AuditEvent } from '../model/audit-event.ts';

/** Keeps what happened, in the tenant's own table. Recording never fails and never waits. */
export interface AuditLog {
  record(tenant: string, event: AuditEvent): void;
  /** Writes what is not written yet. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface AuditLogParts {
  /** The ingest use case, for rows of one table. */
  readonly ingest: (request: {
    readonly tenant: string;
    readonly table: string;
    readonly name: string;
    readonly body: Readable;
  }) => Promise<unknown>;
  /** Told of what could not be kept. */
  readonly lost: (events: number, error: unknown) => void;
}

const FLUSH_MS = 10_000;
/** More events than this wait nowhere: a flood of calls must not fill the memory. */
const MAX_WAITING = 50_000;

/** Collects events and delivers those of each tenant together, every few seconds. A crash forgets those seconds. */
export function createAuditLog({ ingest, lost }: AuditLogParts): AuditLog {
  let waiting = new Map<string, string[]>();
  let held = 0;
  let dropped = 0;
  let writing: Promise<void> = Promise.resolve();

  async function deliver(): Promise<void> {
    const batches = waiting;
    waiting = new Map();
    held = 0;
    if (dropped > 0) lost(dropped, 'too many at once');
    dropped = 0;
    for (const [tenant, lines] of batches) {
      try {
        await ingest({
          tenant,
          table: AUDIT_TABLE,
          name: 'audit',
          body: Readable.from([Buffer.from(lines.join(''))]),
        });
      } catch (error) {
        lost(lines.length, error);
      }
    }
  }

  function flush(): Promise<void> {
    writing = writing.then(deliver);
    return writing;
  }

  const timer = setInterval(() => void flush(), FLUSH_MS).unref();
  return {
    record(tenant, event) {
      if (held >= MAX_WAITING) {
        dropped += 1;
        return;
      }
      held += 1;
      const lines = waiting.get(tenant) ?? [];
      waiting.set(tenant, lines);
      lines.push(`${JSON.stringify(event)}\n`);
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
