import { type HuntCall, type HuntEngine, type Interval, openHunt } from '../hunting/open.ts';
import type { Quotas } from '../hunting/quota.ts';
import type { Caller } from '../model/caller.ts';
import type { Column } from '../model/table-schema.ts';
import { type EventRow, rowReader } from './event-row.ts';

export interface RuleQuery {
  readonly tenant: string;
  readonly query: string;
  /** What `now()` is. */
  readonly nowMs: number;
  readonly arrival?: HuntCall['arrival'];
  /** On the time of the event. */
  readonly interval?: Interval | undefined;
  readonly maxRows?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RuleRows {
  readonly columns: readonly Column[];
  /** Batches as they come. Fails as `openHunt`'s rows do; leaving the loop stops the query. */
  readonly batches: AsyncIterable<readonly EventRow[]>;
}

export type RunRuleQuery = (query: RuleQuery) => Promise<RuleRows>;

/**
 * Runs rules' queries through hunting, with three differences: the server asks, so no quota of a caller counts; the
 * look-back is the rule's own; and a run has its own time limit.
 */
export function createRuleQueries(engine: HuntEngine, timeoutMs: number): RunRuleQuery {
  const limits: HuntEngine['limits'] = async (tenant) => ({
    ...(await engine.limits(tenant)),
    requestTimeMs: timeoutMs,
    maxResultBytes: undefined,
  });
  const own: HuntEngine = { ...engine, limits, quotas: UNCOUNTED, lookbackDays: undefined };
  return async ({ tenant, query, nowMs, arrival, interval, maxRows, signal }) => {
    const caller = { ...DETECTION, tenant };
    const nowTicks = BigInt(Math.trunc(nowMs)) * 10_000n;
    const hunt = await openHunt(own, { caller, query, signal, nowTicks, interval, arrival });
    const read = rowReader(hunt.columns);
    async function* batches(): AsyncGenerator<readonly EventRow[]> {
      for await (const batch of hunt.run(maxRows).rows) yield batch.map(read);
    }
    return { columns: hunt.columns, batches: batches() };
  };
}

/** The server itself. */
const DETECTION: Omit<Caller, 'tenant'> = {
  app: '00000000-0000-0000-0000-000000000000',
  user: undefined,
  roles: ['AdvancedHunting.Read.All'],
  scopes: [],
  audience: '',
};

const UNCOUNTED: Quotas = {
  load: async () => undefined,
  admit: () => undefined,
  running: () => ({ ended: () => undefined }),
  standing() {
    throw new Error('rules have no standing');
  },
  flush: async () => undefined,
  close: async () => undefined,
};

/** All rows, for queries that are known to give few. */
export async function allRows(rows: RuleRows): Promise<EventRow[]> {
  const all: EventRow[] = [];
  for await (const batch of rows.batches) all.push(...batch);
  return all;
}
