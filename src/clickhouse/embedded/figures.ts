import type { Engine } from './native.ts';
import { readRows } from './sessions.ts';

/**
 * What running statements cost, read from `system.processes` while they run: the embedded engine keeps no query log.
 * The reading of a statement can miss its last moments (at most one interval); one that ended before its first
 * reading takes the difference of the whole process's counters, if nothing else ran beside it.
 */
export interface FigureWatch {
  /** Begins to watch a statement; the returned function ends it and gives what was measured. */
  watch(queryId: string): () => Promise<Figures>;
}

export interface Figures {
  readonly userCpuUs?: number;
  readonly kernelCpuUs?: number;
  readonly peakMemoryBytes?: number;
  readonly markCacheHits?: number;
  readonly markCacheMisses?: number;
  readonly diskReads?: number;
}

const COUNTERS = [
  'UserTimeMicroseconds',
  'SystemTimeMicroseconds',
  'MarkCacheHits',
  'MarkCacheMisses',
  'ReadBufferFromFileDescriptorRead',
] as const;

const READ = COUNTERS.map((name) => `ProfileEvents['${name}']`).join(', ');
const FIRST_READING_MS = 8;
const LONGEST_INTERVAL_MS = 100;

interface Watched {
  alone: boolean;
  peakMemoryBytes: number | undefined;
  counters: readonly number[] | undefined;
}

export function watchFigures(engine: Engine): FigureWatch {
  const running = new Map<string, Watched>();
  let timer: NodeJS.Timeout | undefined;
  let interval = FIRST_READING_MS;

  async function read(): Promise<void> {
    const rows = await readRows(
      engine,
      `SELECT Settings['log_comment'], peak_memory_usage, ${READ} FROM system.processes WHERE Settings['log_comment'] != ''`,
    ).catch(() => []);
    for (const [id, peak, ...counters] of rows) {
      const watched = running.get(String(id));
      if (watched === undefined) continue;
      watched.peakMemoryBytes = Math.max(watched.peakMemoryBytes ?? 0, Number(peak));
      watched.counters = counters.map(Number);
    }
  }

  function schedule(): void {
    if (timer !== undefined || running.size === 0) return;
    timer = setTimeout(async () => {
      await read();
      timer = undefined;
      interval = Math.min(interval * 2, LONGEST_INTERVAL_MS);
      schedule();
    }, interval);
  }

  async function totals(): Promise<readonly number[] | undefined> {
    const rows = await readRows(engine, `SELECT ${READ} FROM system.user_processes`).catch(() => []);
    return rows[0]?.map(Number);
  }

  return {
    watch(queryId) {
      const watched: Watched = {
        alone: running.size === 0,
        peakMemoryBytes: undefined,
        counters: undefined,
      };
      for (const other of running.values()) other.alone = false;
      running.set(queryId, watched);
      interval = FIRST_READING_MS;
      const before = watched.alone ? totals() : undefined;
      schedule();
      return async () => {
        const { alone } = watched;
        running.delete(queryId);
        if (watched.counters !== undefined) return named(watched.counters, watched.peakMemoryBytes);
        const [first, last] = alone ? await Promise.all([before, totals()]) : [];
        if (first === undefined || last === undefined || !watched.alone) return {};
        return named(
          last.map((value, i) => value - (first[i] ?? 0)),
          undefined,
        );
      };
    },
  };
}

function named(counters: readonly number[], peakMemoryBytes: number | undefined): Figures {
  const [userCpuUs = 0, kernelCpuUs = 0, markCacheHits = 0, markCacheMisses = 0, diskReads = 0] = counters;
  const figures = { userCpuUs, kernelCpuUs, markCacheHits, markCacheMisses, diskReads };
  return peakMemoryBytes === undefined ? figures : { ...figures, peakMemoryBytes };
}
