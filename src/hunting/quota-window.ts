/** What was used at a time. Times in milliseconds since 1970. */
export interface Use {
  readonly atMs: number;
  readonly amount: number;
}

/** Sums what was used in the last `lengthMs`, or since the clock's last round `lengthMs` where `cyclic`. */
export interface UsageWindow {
  add(use: Use): void;
  used(nowMs: number): number;
  /** Milliseconds until less than `limit` is used, at least 1; 0 where it is so already. */
  freeInMs(nowMs: number, limit: number): number;
}

/** Uses that are this much of a window apart, or less, are kept as one, at the time of the later. */
const GRAINS = 600;

/**
 * A window that slides. A use that seems to come from the future, after the clock was set back, is dropped once it is
 * further away than the window is long.
 */
export function slidingWindow(lengthMs: number): UsageWindow {
  const grainMs = Math.max(1, lengthMs / GRAINS);
  let uses: Use[] = [];
  let sum = 0;

  function drop(nowMs: number): void {
    const isGone = (use: Use) => use.atMs <= nowMs - lengthMs || use.atMs > nowMs + lengthMs;
    const oldest = uses[0];
    const newest = uses.at(-1);
    if (oldest === undefined || newest === undefined || !(isGone(oldest) || isGone(newest))) return;
    uses = uses.filter((use) => !isGone(use));
    sum = uses.reduce((total, { amount }) => total + amount, 0);
  }

  return {
    add({ atMs, amount }) {
      const last = uses.at(-1);
      if (last !== undefined && Math.floor(last.atMs / grainMs) === Math.floor(atMs / grainMs)) {
        uses[uses.length - 1] = { atMs: Math.max(atMs, last.atMs), amount: last.amount + amount };
      } else uses.push({ atMs, amount });
      sum += amount;
    },
    used(nowMs) {
      drop(nowMs);
      return sum;
    },
    freeInMs(nowMs, limit) {
      drop(nowMs);
      let left = sum;
      if (left < limit) return 0;
      for (const { atMs, amount } of uses) {
        left -= amount;
        if (left < limit) return Math.max(1, atMs + lengthMs - nowMs);
      }
      return lengthMs;
    },
  };
}

/** A window that starts anew at every round `lengthMs` of the clock. */
export function cyclicWindow(lengthMs: number): UsageWindow {
  let cycle = 0;
  let sum = 0;
  const turn = (atMs: number) => {
    const now = Math.floor(atMs / lengthMs);
    if (now !== cycle) sum = 0;
    cycle = now;
  };
  return {
    add({ atMs, amount }) {
      turn(atMs);
      sum += amount;
    },
    used(nowMs) {
      turn(nowMs);
      return sum;
    },
    freeInMs(nowMs, limit) {
      turn(nowMs);
      return sum < limit ? 0 : Math.max(1, (cycle + 1) * lengthMs - nowMs);
    },
  };
}
