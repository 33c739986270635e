import type { Figures } from '../database.ts';
import type { Engine } from './native.ts';
import { keepReading } from './sessions.ts';

/**
 * What running statements cost. The embedded engine keeps no query log, so it is read from `system.processes` while
 * they run, and for a statement that had the engine to itself from `system.user_processes` before and after it, less
 * what the readings themselves read. A statement with others beside it can miss its last moments (at most one
 * interval between two readings); one that ended before its first reading has no figures then.
 */
export interface FigureWatch {
  /** To be called at the start of a statement that is not watched; the returned function at its end. */
  enter(): () => void;
  /**
   * The same for the wall's look at a statement: it costs so little that the totals before it still hold, less the
   * rows that it has read, which the returned function is told.
   */
  enterWall(): (readRows: number) => void;
  /** Begins to watch a statement; the returned function, called once it has ended, gives what was measured. */
  watch(queryId: string): Promise<() => Promise<Figures>>;
  /** Lets go of the engine. */
  close(): void;
}

const COUNTERS = {
  userCpuUs: 'UserTimeMicroseconds',
  kernelCpuUs: 'SystemTimeMicroseconds',
  readRows: 'SelectedRows',
  readBytes: 'SelectedBytes',
  markCacheHits: 'MarkCacheHits',
  markCacheMisses: 'MarkCacheMisses',
  diskReads: 'ReadBufferFromFileDescriptorRead',
} as const;

type Counters = Record<keyof typeof COUNTERS, number>;

const FIRST_READING_MS = 8;
const LONGEST_INTERVAL_MS = 100;

/** `ownRows`: rows of earlier readings, which the totals take in. */
interface Totals {
  readonly counters: Counters;
  readonly ownRows: number;
}

interface Watched {
  /** False once any other statement has run in its time. */
  alone: boolean;
  peakMemoryBytes: number | undefined;
  latest: Counters | undefined;
}

export function watchFigures(engine: Engine): FigureWatch {
  const { read, close } = keepReading(engine);
  const running = new Map<string, Watched>();
  let unwatched = 0;
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> = Promise.resolve();
  let interval = FIRST_READING_MS;
  // Rows that the readings themselves have read: they count in the totals.
  let ownRows = 0;
  // The totals after the last statement, while nothing has run since: the next one need not read them again.
  let settled: Totals | undefined;

  async function readProcesses(): Promise<void> {
    const rows = await read(
      `SELECT Settings['log_comment'], peak_memory_usage, ProfileEvents FROM system.processes`,
    ).catch(() => []);
    ownRows += rows.length;
    for (const [id, peak, events] of rows) {
      const watched = running.get(String(id));
      if (watched === undefined) continue;
      watched.peakMemoryBytes = Math.max(watched.peakMemoryBytes ?? 0, Number(peak));
      watched.latest = named(events);
    }
  }

  function schedule(): void {
    if (timer !== undefined || running.size === 0) return;
    timer = setTimeout(() => {
      reading = readProcesses().finally(() => {
        timer = undefined;
        interval = Math.min(interval * 2, LONGEST_INTERVAL_MS);
        schedule();
      });
    }, interval);
  }

  async function totals(): Promise<Totals | undefined> {
    // The whole map: to pick from it takes the engine as long again.
    const rows = await read('SELECT ProfileEvents FROM system.user_processes').catch(() => []);
    const found = rows[0] === undefined ? undefined : { counters: named(rows[0][0]), ownRows };
    ownRows += rows.length;
    return found;
  }

  function disturb(): void {
    for (const watched of running.values()) watched.alone = false;
  }

  return {
    close,
    enter() {
      unwatched += 1;
      disturb();
      settled = undefined;
      return () => {
        unwatched -= 1;
        settled = undefined;
      };
    },
    enterWall() {
      unwatched += 1;
      disturb();
      return (readRows) => {
        unwatched -= 1;
        ownRows += readRows;
      };
    },
    async watch(queryId) {
      const watched: Watched = {
        alone: unwatched === 0 && running.size === 0,
        peakMemoryBytes: undefined,
        latest: undefined,
      };
      const known = settled;
      settled = undefined;
      disturb();
      running.set(queryId, watched);
      const before = watched.alone ? (known ?? (await totals())) : undefined;
      interval = FIRST_READING_MS;
      schedule();
      return async () => {
        await reading;
        running.delete(queryId);
        const after = watched.alone && before !== undefined ? await totals() : undefined;
        const undisturbed = watched.alone && before !== undefined && after !== undefined;
        if (undisturbed) settled = after;
        const counters = undisturbed ? difference(after, before, watched.latest) : watched.latest;
        return {
          ...counters,
          ...(watched.peakMemoryBytes === undefined ? {} : { peakMemoryBytes: watched.peakMemoryBytes }),
        };
      };
    },
  };
}

function named(events: unknown): Counters {
  const counts = events as Readonly<Record<string, string | undefined>>;
  const counters = {} as Counters;
  for (const name of Object.keys(COUNTERS) as (keyof Counters)[]) {
    counters[name] = Number(counts[COUNTERS[name]] ?? 0);
  }
  return counters;
}

/**
 * Rows are exact. Bytes take in what the readings read, some kilobytes, unless the last reading of the statement itself
 * saw it when it had read all its rows.
 */
function difference(after: Totals, before: Totals, latest: Counters | undefined): Counters {
  const counters = {} as Counters;
  for (const name of Object.keys(COUNTERS) as (keyof Counters)[]) {
    counters[name] = after.counters[name] - before.counters[name];
  }
  counters.readRows -= after.ownRows - before.ownRows;
  if (latest?.readRows === counters.readRows) counters.readBytes = latest.readBytes;
  return counters;
}
