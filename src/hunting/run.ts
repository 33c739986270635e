import type { Readable } from 'node:stream';
import type { HuntStatistics } from '../clickhouse/database.ts';
import type { Column } from '../model/table-schema.ts';
import type { HuntLimits } from './limits.ts';
import { type HuntCall, type HuntEngine, openHunt, type RunningHunt } from './open.ts';
import { resultTooLarge } from './refusal.ts';
import { createRowWriter } from './row-writer.ts';
import { ANSWER_TAIL, defenderHead, graphHead } from './shape.ts';
import { createSpools, type Spool, spoolStream } from './spool.ts';

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
  /** A stream where it is long. Can be called again until `dispose`; bytes stay good after it. */
  body(): Buffer | Readable;
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

/** For all answers at once that are being made or sent. */
const SPOOL_MEMORY_BYTES = 64 * 1024 * 1024;
const SHORT_ANSWER_BYTES = 64 * 1024;

/**
 * The use case of the hunting APIs that answer with an object for each row. Rejects with `RequestError` as `openHunt`
 * does, and with `BadRequest` (400) where the engine gave up or the answer is too large.
 */
export function createHunting(parts: HuntingParts): RunHunt {
  const openSpool = createSpools(parts.spoolDirectory, SPOOL_MEMORY_BYTES);
  return async (request) => {
    const hunt = await openHunt(parts, request);
    const spool = openSpool();
    try {
      // One row more than the cap tells that there are more.
      const running = hunt.run(hunt.limits.maxRows + 1);
      const written = await writeRows(running, hunt.columns, spool, hunt.limits);
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
  const writer = createRowWriter(columns);
  const maxBytes = limits.maxResultBytes ?? Number.POSITIVE_INFINITY;
  let rowCount = 0;
  let truncated = false;
  for await (const batch of running.batches) {
    const count = Math.min(batch.length, limits.maxRows - rowCount);
    truncated ||= count < batch.length;
    rowCount += count;
    await spool.write(writer.write(batch, count));
    if (spool.bytes > maxBytes) throw resultTooLarge();
  }
  return { rowCount, truncated };
}

function answer(head: string, warnings: readonly string[], written: Written, spool: Spool): HuntAnswer {
  const contentLength = Buffer.byteLength(head) + spool.bytes + Buffer.byteLength(ANSWER_TAIL);
  return {
    rowCount: written.rowCount,
    truncated: written.truncated,
    warnings,
    contentLength,
    body() {
      const { held } = spool;
      return held === undefined || contentLength > SHORT_ANSWER_BYTES
        ? spoolStream(head, spool, ANSWER_TAIL)
        : Buffer.concat([Buffer.from(head), ...held, Buffer.from(ANSWER_TAIL)]);
    },
    dispose: () => spool.dispose(),
  };
}
