import { tickText } from '../model/ticks.ts';
import { dueRules, findRule } from '../store/rules.ts';
import { type RuleRunParts, runRule } from './rule-run.ts';

export interface SchedulerOptions extends RuleRunParts {
  /** Runs at the same time. */
  readonly slots: number;
  readonly everyMs: number;
  /** A run ended that may have made alerts. */
  readonly onRun: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Runs rules when they are due, a few at a time, those that waited longest first. */
export interface Scheduler {
  start(): void;
  /** Stops the queries that run; what they have not ended is run again at the next start. */
  stop(): Promise<void>;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const running = new Map<string, Promise<void>>();
  const stopped = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;

  async function run(tenant: string, name: string): Promise<void> {
    const rule = await findRule(options.db, tenant, name);
    if (rule === undefined || stopped.signal.aborted) return;
    const result = await runRule(options, rule, stopped.signal);
    if (result.counts.detections > 0) options.onRun();
  }

  async function look(): Promise<void> {
    const due = await dueRules(options.db, tickText(options.nowMs()));
    const arrivals = new Map<string, number>();
    for (const rule of due) {
      if (running.size >= options.slots || stopped.signal.aborted) return;
      const key = `${rule.tenant}\n${rule.name}`;
      if (running.has(key)) continue;
      if (rule.continuous === 1) {
        let arrival = arrivals.get(rule.tenant);
        if (arrival === undefined) {
          arrival = await options.committedArrival(rule.tenant);
          arrivals.set(rule.tenant, arrival);
        }
        if (arrival <= rule.arrival) continue;
      }
      const work = run(rule.tenant, rule.name)
        .catch(options.onFailure)
        .finally(() => {
          running.delete(key);
          // The slot is free: the next rule need not wait for the clock.
          wake();
        });
      running.set(key, work);
    }
  }

  function wake(): void {
    if (stopped.signal.aborted || looking !== undefined) return;
    looking = look()
      .catch(options.onFailure)
      .finally(() => {
        looking = undefined;
      });
  }

  return {
    start() {
      timer = setInterval(wake, options.everyMs);
      wake();
    },
    async stop() {
      clearInterval(timer);
      stopped.abort();
      await looking;
      await Promise.all(running.values());
    },
  };
}
