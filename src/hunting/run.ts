import type { Readable } from 'node:stream';
import type { HuntStatistics } from '../clickhouse/database.ts';
import type { Column } from '../model/table-schema.ts';
import type { HuntLimits } from './limits.ts';
import { type HuntCall, type HuntEngine, openHunt, type RunningHunt } from './open.ts';
import { resultTooLarge } from './refusal.ts';
import { ANSWER_TAIL, defenderHead, graphHead, rowWriter } from './shape.ts';
import { createSpool, type Spool, spoolStream } from './spool.ts';

export interface HuntRequest extends HuntCall {
  /** `defender`: `Stats`, `Schema`, `Results`; `graph`: `@odata.context`, `schema`, `results`. */
  readonly shape?: 'defender' | 'graph';
  /** The public URL that `@odata.context` begins with. */
  readonly origin?: string;
}

/** One whole answer, already measured. The body is JSON. */
export interface HuntAnswer {
  readonly rowCount: number;
  /** True when rows over the cap were cut. */
  readonly truncated: boolean;
  readonly warnings: readonly string[];
  /** Bytes of the body. */
  readonly contentLength: number;
  /** Can be called again until `dispose`. */
  body(): Readable;
  /** Frees memory and disk. Must be called once the body has been read or given up; idempotent. */
  dispose(): Promise<void>;
}

export interface HuntingParts extends HuntEngine {
  /** Name of the type bool in `Schema`. */
  readonly boolTypeName: 'SByte' | 'Boolean';
  /** Where large answers wait until their query has ended. */
  readonly spoolDirectory: string;
}

export type RunHunt = (request: HuntRequest) => Promise<HuntAnswer>;

const SPOOL_MEMORY_BYTES = 2 * 1024 * 1024;
const PIECE_CHARS = 16 * 1024;

/**
 * The use case of the hunting APIs that answer with an object for each row. Rejects with `RequestError` as `openHunt`
 * does, and with `BadRequest` (400) where the engine gave up or the answer is too large.
 */
export function createHunting(parts: HuntingParts): RunHunt {
  return async (request) => {
    const hunt = await openHunt(parts, request);
    const spool = createSpool(parts.spoolDirectory, SPOOL_MEMORY_BYTES);
    try {
      // One row more than the cap tells that there are more.
      const running = hunt.run(parts.limits.maxRows + 1);
      const written = await writeRows(running, hunt.columns, spool, parts.limits);
      const head = headOf(parts, request, hunt.columns, {
        statistics: await running.statistics,
        rowCount: written.rowCount,
        resultBytes: spool.bytes,
      });
      return answer(head, hunt.warnings, written, spool);
    } catch (error) {
      await spool.dispose();
      throw error;
    } finally {
      hunt.close();
    }
  };
}

function headOf(
  { boolTypeName }: HuntingParts,
  { shape, origin }: HuntRequest,
  columns: readonly Column[],
  figures: { statistics: HuntStatistics; rowCount: number; resultBytes: number },
): string {
  return shape === 'graph'
    ? graphHead({ columns, boolTypeName, origin: origin ?? '' })
    : defenderHead({ columns, boolTypeName, ...figures });
}

interface Written {
  readonly rowCount: number;
  readonly truncated: boolean;
}

/** Writes rows up to the cap. A failure leaves the loop, which stops the query in the engine. */
async function writeRows(
  running: RunningHunt,
  columns: readonly Column[],
  spool: Spool,
  limits: HuntLimits,
): Promise<Written> {
  const write = rowWriter(columns);
  const maxBytes = limits.maxResultBytes ?? Number.POSITIVE_INFINITY;
  let rowCount = 0;
  let truncated = false;
  let piece = '';
  async function flush(): Promise<void> {
    await spool.write(piece);
    piece = '';
    if (spool.bytes > maxBytes) throw resultTooLarge();
  }
  for await (const batch of running.rows) {
    for (const row of batch) {
      if (rowCount === limits.maxRows) {
        truncated = true;
        break;
      }
      piece += rowCount === 0 ? write(row) : `,${write(row)}`;
      rowCount++;
      if (piece.length >= PIECE_CHARS) await flush();
    }
  }
  await flush();
  return { rowCount, truncated };
}

function answer(head: string, warnings: readonly string[], written: Written, spool: Spool): HuntAnswer {
  return {
    rowCount: written.rowCount,
    truncated: written.truncated,
    warnings,
    contentLength: Buffer.byteLength(head) + spool.bytes + Buffer.byteLength(ANSWER_TAIL),
    body: () => spoolStream(head, spool, ANSWER_TAIL),
    dispose: () => spool.dispose(),
  };
}
