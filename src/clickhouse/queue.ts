/**
 * Slots that tenants share fairly: when one falls free, the tenants that wait take turns, whatever the length of
 * their lines; within a tenant, first come, first served.
 */
export interface FairQueue {
  /**
   * Resolves with the function that gives the slot back (calling it twice is harmless). Rejects with the signal's
   * reason when it fires first.
   */
  take(tenant: string, signal?: AbortSignal): Promise<() => void>;
  readonly running: number;
  readonly waiting: number;
}

interface Waiter {
  readonly go: () => void;
}

export function createFairQueue(slots: number): FairQueue {
  if (!Number.isInteger(slots) || slots < 1) throw new Error('a queue needs at least one slot');
  // The order of the map is the order of turns: the tenant that was served last stands last.
  const lines = new Map<string, Waiter[]>();
  let running = 0;

  function next(): void {
    const first = lines.entries().next();
    if (first.done === true) return;
    const [tenant, line] = first.value;
    lines.delete(tenant);
    const waiter = line.shift();
    if (line.length > 0) lines.set(tenant, line);
    waiter?.go();
  }

  function slot(): () => void {
    running += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      running -= 1;
      next();
    };
  }

  return {
    get running() {
      return running;
    },
    get waiting() {
      let sum = 0;
      for (const line of lines.values()) sum += line.length;
      return sum;
    },
    take(tenant, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (running < slots) return Promise.resolve(slot());
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          go() {
            signal?.removeEventListener('abort', leave);
            resolve(slot());
          },
        };
        const leave = () => {
          const line = lines.get(tenant)?.filter((other) => other !== waiter) ?? [];
          if (line.length > 0) lines.set(tenant, line);
          else lines.delete(tenant);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', leave, { once: true });
        const line = lines.get(tenant);
        if (line === undefined) lines.set(tenant, [waiter]);
        else line.push(waiter);
      });
    },
  };
}
