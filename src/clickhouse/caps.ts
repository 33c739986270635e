import { availableParallelism } from 'node:os';

/**
 * What one hunting statement may take. Spilling begins at absolute sizes: the thresholds that are ratios of free
 * memory were seen to run out before they fired.
 */
export interface HuntCaps {
  readonly memoryBytes: number;
  readonly threads: number;
  /** A grouping or a sort that grows over this goes to disk. */
  readonly spillAtBytes: number;
  /** A join's table that grows over this is split to disk; far smaller pieces need more memory, not less. */
  readonly joinBytes: number;
  /** Most that one statement may hold on disk. */
  readonly spillBytes: number;
}

/** Of a ClickHouse server, whose memory is not known: four slots of it fit in 4 GiB. */
const DEFAULT_MEMORY_BYTES = 2 ** 30;

/**
 * Caps that follow from the memory: a grouping was seen to peak at 1.3 times the size at which it spills; a million and
 * a half command lines still fit below the half of 1 GiB.
 */
export function huntCaps(given: Partial<HuntCaps>): HuntCaps {
  const memoryBytes = given.memoryBytes ?? DEFAULT_MEMORY_BYTES;
  return {
    threads: availableParallelism(),
    spillAtBytes: Math.floor(memoryBytes / 2),
    joinBytes: Math.floor(memoryBytes / 4),
    spillBytes: 32 * 2 ** 30,
    ...given,
    memoryBytes,
  };
}

export function capSettings(caps: HuntCaps): Record<string, string | number> {
  return {
    max_memory_usage: caps.memoryBytes,
    max_threads: caps.threads,
    max_bytes_before_external_group_by: caps.spillAtBytes,
    max_bytes_before_external_sort: caps.spillAtBytes,
    max_bytes_ratio_before_external_group_by: 0,
    max_bytes_ratio_before_external_sort: 0,
    // Grows over `max_bytes_in_join` by splitting itself to disk; kinds that it cannot do fall to the next.
    join_algorithm: 'grace_hash,hash',
    max_bytes_in_join: caps.joinBytes,
    max_temporary_data_on_disk_size_for_query: caps.spillBytes,
    // Formatting in parallel holds several blocks of text, and whoever reads rows is slower than one thread anyway.
    output_format_parallel_formatting: 0,
  };
}
