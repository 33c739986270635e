import type { Cell, TableProgram } from '../contract.ts';
import { compareTicks, floorDiv, groupsOf, keyOf, placeOf, ticksOf } from './groups.ts';

interface Event {
  readonly time: bigint;
  readonly state: Cell;
}

/** How many ids a row of `samples` names at most. */
const SAMPLES = 128;

/**
 * `funnel_sequence_completion`: how many ids came how far through the sequence within each of the periods, counted from
 * its first state, by the bin of that first state. Inputs: start, bin size, the sequence as an array of texts, the
 * periods as ticks; rows of id, time, state. Rows: bin, state, period, dcount.
 * Source: https://learn.microsoft.com/kusto/query/funnel-sequence-completion-plugin
 */
export const funnelSequenceCompletion: TableProgram = {
  summary: 'How many ids came how far through a sequence.',
  run([parameters, periods, data], _options, budget) {
    const [startCell, stepCell, sequenceCell] = parameters?.rows[0] ?? [];
    const start = ticksOf(startCell);
    const step = ticksOf(stepCell);
    if (start === undefined || !step || step < 0n || !Array.isArray(sequenceCell)) return [];
    const sequence = sequenceCell.map(textOf);
    const spans = (periods?.rows ?? []).map((row) => ticksOf(row[0])).filter((span) => span !== undefined);
    const counts = new Map<bigint, number[][]>();
    for (const { rows } of groupsOf(data?.rows ?? [], 1)) {
      budget.check();
      const times = timesByState(eventsOf(rows));
      spans.forEach((span, p) => {
        const reached = new Map<bigint, number>();
        for (const from of times.get(sequence[0] ?? '') ?? []) {
          const bin = start + floorDiv(from - start, step) * step;
          reached.set(bin, Math.max(reached.get(bin) ?? 0, stepsWithin(from, span, sequence, times)));
        }
        for (const [bin, steps] of reached) {
          const table = counts.get(bin) ?? spans.map(() => sequence.map(() => 0));
          counts.set(bin, table);
          const line = table[p] ?? [];
          for (let s = 0; s < steps; s++) line[s] = (line[s] ?? 0) + 1;
        }
      });
    }
    return [...counts]
      .sort(([a], [b]) => compareTicks(a, b))
      .flatMap(([bin, table]) =>
        spans.flatMap((span, p) =>
          sequence.map((state, s): Cell[] => [bin, state, span, BigInt(table[p]?.[s] ?? 0)]),
        ),
      );
  },
};

/** The number of states met in order, the first included, all within the span. */
function stepsWithin(
  from: bigint,
  span: bigint,
  sequence: readonly string[],
  times: ReadonlyMap<string, readonly bigint[]>,
): number {
  let at = from;
  for (let s = 1; s < sequence.length; s++) {
    const again = sequence.slice(0, s).includes(sequence[s] ?? '');
    const known = times.get(sequence[s] ?? '') ?? [];
    const next = known[placeOf(known, again ? at + 1n : at)];
    if (next === undefined || next - from > span) return s;
    at = next;
  }
  return sequence.length;
}

/**
 * `funnel_sequence`: what came before and after each run through the sequence whose steps are at most a window apart.
 * Inputs: start, window, bin size, the sequence; rows of id, time, state. Rows: bin, prev, next, dcount, samples, the
 * most frequent first. '' where nothing stands within the window.
 * Source: https://learn.microsoft.com/kusto/query/funnel-sequence-plugin
 */
export const funnelSequence: TableProgram = {
  summary: 'What came before and after a sequence.',
  run([parameters, data], _options, budget) {
    const [startCell, windowCell, stepCell, sequenceCell] = parameters?.rows[0] ?? [];
    const start = ticksOf(startCell);
    const window = ticksOf(windowCell);
    const step = ticksOf(stepCell);
    if (start === undefined || window === undefined || !step || step < 0n || !Array.isArray(sequenceCell))
      return [];
    const sequence = sequenceCell.map(textOf);
    const found = new Map<string, { row: readonly Cell[]; ids: Cell[] }>();
    for (const { cells, rows } of groupsOf(data?.rows ?? [], 1)) {
      budget.check();
      const events = eventsOf(rows);
      const seen = new Set<string>();
      events.forEach((event, i) => {
        const end = textOf(event.state) === sequence[0] ? endOfRun(events, i, sequence, window) : undefined;
        if (end === undefined) return;
        const before = events[i - 1];
        const after = events[end + 1];
        const last = events[end] ?? event;
        const prev = before && event.time - before.time <= window ? before.state : '';
        const next = after && after.time - last.time <= window ? after.state : '';
        const row = [start + floorDiv(event.time - start, step) * step, prev, next];
        const key = keyOf(row);
        if (seen.has(key)) return;
        seen.add(key);
        const entry = found.get(key) ?? { row, ids: [] };
        found.set(key, entry);
        entry.ids.push(cells[0] ?? null);
      });
    }
    return [...found.values()]
      .sort((a, b) => compareTicks(a.row[0] as bigint, b.row[0] as bigint) || b.ids.length - a.ids.length)
      .map(({ row, ids }): Cell[] => [
        ...row,
        BigInt(ids.length),
        ids.slice(0, SAMPLES).map((id) => (typeof id === 'bigint' ? Number(id) : id)) as Cell,
      ]);
  },
};

/** The place of the last event of a run that begins at `from`; undefined where it breaks off. */
function endOfRun(
  events: readonly Event[],
  from: number,
  sequence: readonly string[],
  window: bigint,
): number | undefined {
  let at = from;
  for (let s = 1; s < sequence.length; s++) {
    const reach = (events[at]?.time ?? 0n) + window;
    let next = at + 1;
    while (next < events.length && textOf(events[next]?.state ?? null) !== sequence[s]) next++;
    const event = events[next];
    if (!event || event.time > reach) return undefined;
    at = next;
  }
  return at;
}

function eventsOf(rows: readonly (readonly Cell[])[]): readonly Event[] {
  const events: Event[] = [];
  for (const row of rows) {
    const time = ticksOf(row[1]);
    if (time !== undefined) events.push({ time, state: row[2] ?? null });
  }
  return events.sort((a, b) => compareTicks(a.time, b.time));
}

function timesByState(events: readonly Event[]): ReadonlyMap<string, readonly bigint[]> {
  const times = new Map<string, bigint[]>();
  for (const { time, state } of events) {
    const key = textOf(state);
    const list = times.get(key) ?? [];
    times.set(key, list);
    list.push(time);
  }
  return times;
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}
