import type { HuntStatistics } from '../clickhouse/database.ts';

/** Figures of several statements as one; of memory the highest. At least one must be given. */
export function sumOf(all: readonly HuntStatistics[]): HuntStatistics {
  const [first, ...more] = all;
  if (first === undefined) throw new Error('there are no figures to sum');
  return more.reduce(plus, first);
}

function plus(a: HuntStatistics, b: HuntStatistics): HuntStatistics {
  return {
    queuedUs: a.queuedUs + b.queuedUs,
    elapsedUs: a.elapsedUs + b.elapsedUs,
    userCpuUs: sum(a.userCpuUs, b.userCpuUs),
    kernelCpuUs: sum(a.kernelCpuUs, b.kernelCpuUs),
    peakMemoryBytes: highest(a.peakMemoryBytes, b.peakMemoryBytes),
    readRows: sum(a.readRows, b.readRows),
    readBytes: sum(a.readBytes, b.readBytes),
    markCacheHits: sum(a.markCacheHits, b.markCacheHits),
    markCacheMisses: sum(a.markCacheMisses, b.markCacheMisses),
    diskReads: sum(a.diskReads, b.diskReads),
  };
}

type Figure = number | undefined;

function sum(a: Figure, b: Figure): Figure {
  return a === undefined || b === undefined ? undefined : a + b;
}

function highest(a: Figure, b: Figure): Figure {
  return a === undefined || b === undefined ? undefined : Math.max(a, b);
}
