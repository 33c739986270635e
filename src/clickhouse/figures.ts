import type { ClickHouseClient } from '@clickhouse/client';
import type { Figures } from './database.ts';
import { engineUnavailable } from './failures.ts';
import { text } from './sql.ts';

/** What stands behind the last row of the embedded engine. */
export interface EmbeddedFigures extends Figures {
  readonly elapsedUs?: number;
}

/**
 * Reads what stands behind the last row: the embedded engine's figures, or an engine's exception, which is thrown
 * with its text. A server ends a broken result with lines around `__exception__`.
 */
export function readTrailer(trailer: string, embedded: boolean): EmbeddedFigures {
  if (!embedded) {
    if (trailer.trim() === '') return {};
    throw new Error(trailer.trim().slice(0, 4000));
  }
  const last = trailer.trimEnd().split('\n').at(-1) ?? '';
  let value: unknown;
  try {
    value = JSON.parse(last);
  } catch {
    throw engineUnavailable('the result has no end');
  }
  if (typeof value === 'object' && value !== null) {
    if ('figures' in value) return value.figures as EmbeddedFigures;
    if ('exception' in value) throw new Error(String(value.exception));
  }
  throw engineUnavailable('the result has no end');
}

interface LoggedQuery {
  readonly user: string;
  readonly kernel: string;
  readonly memory: string;
  readonly rows: string;
  readonly bytes: string;
  readonly hits: string;
  readonly misses: string;
  readonly reads: string;
}

/** From the query log of a ClickHouse server; nothing where the log is off or closed to us. */
export async function figuresOfServer(client: ClickHouseClient, queryId: string): Promise<Figures> {
  try {
    await client.command({ query: 'SYSTEM FLUSH LOGS' });
    const result = await client.query({
      query: `SELECT ProfileEvents['UserTimeMicroseconds'] AS user, ProfileEvents['SystemTimeMicroseconds'] AS kernel,
        memory_usage AS memory, read_rows AS rows, read_bytes AS bytes, ProfileEvents['MarkCacheHits'] AS hits,
        ProfileEvents['MarkCacheMisses'] AS misses, ProfileEvents['ReadBufferFromFileDescriptorRead'] AS reads
        FROM system.query_log WHERE type = 'QueryFinish' AND event_date >= today() - 1
        AND query_id = ${text(queryId).text} LIMIT 1`,
      format: 'JSONEachRow',
    });
    const [row] = await result.json<LoggedQuery>();
    if (row === undefined) return {};
    return {
      userCpuUs: Number(row.user),
      kernelCpuUs: Number(row.kernel),
      peakMemoryBytes: Number(row.memory),
      readRows: Number(row.rows),
      readBytes: Number(row.bytes),
      markCacheHits: Number(row.hits),
      markCacheMisses: Number(row.misses),
      diskReads: Number(row.reads),
    };
  } catch {
    return {};
  }
}
