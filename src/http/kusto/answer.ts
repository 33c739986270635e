import type { HuntStatistics } from '../../hunting/shape.ts';
import { queryStats } from '../../hunting/shape.ts';
import type { KustoError } from './error.ts';
import type { RequestIdentity } from './identity.ts';
import type { KustoOptions } from './options.ts';
import type { KustoTable, WrittenRows } from './table.ts';

/** What the writers of both versions need. */
export interface KustoAnswer {
  readonly identity: RequestIdentity;
  readonly options: KustoOptions;
  readonly tables: readonly KustoTable[];
  /** True once bytes of the answer are on their way: a failure can only be told inside of it from then on. */
  isUnderWay(): boolean;
  /** What is said of a failure in mid-stream. */
  tell(error: unknown): KustoError;
}

/** Kusto's query statistics over all tables, as JSON text; undefined where nothing ran in the engine. */
export function statsText(
  statistics: readonly HuntStatistics[],
  written: readonly WrittenRows[],
): string | undefined {
  const [first, ...rest] = statistics;
  if (first === undefined) return undefined;
  const total = rest.reduce(addStatistics, first);
  return JSON.stringify(
    queryStats(
      total,
      written.map(({ records, bytes }) => ({ rowCount: records, bytes })),
    ),
  );
}

function addStatistics(left: HuntStatistics, right: HuntStatistics): HuntStatistics {
  const sum = (a: number | undefined, b: number | undefined) =>
    a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
  return {
    queuedUs: left.queuedUs + right.queuedUs,
    elapsedUs: left.elapsedUs + right.elapsedUs,
    userCpuUs: sum(left.userCpuUs, right.userCpuUs),
    kernelCpuUs: sum(left.kernelCpuUs, right.kernelCpuUs),
    peakMemoryBytes: Math.max(left.peakMemoryBytes ?? 0, right.peakMemoryBytes ?? 0),
    readRows: sum(left.readRows, right.readRows),
    readBytes: sum(left.readBytes, right.readBytes),
    markCacheHits: sum(left.markCacheHits, right.markCacheHits),
    markCacheMisses: sum(left.markCacheMisses, right.markCacheMisses),
    diskReads: sum(left.diskReads, right.diskReads),
  };
}
