import { addUsage, loadUsage } from '../store/quota-usage.ts';
import type { Store } from '../store/store.ts';
import type { Counted, TenantUse, UsageLedger } from './quota.ts';

const MICROSECONDS = 1000;

/** The ledger in the control state. Milliseconds are kept as whole microseconds. */
export function storedLedger({ db }: Store): UsageLedger {
  return {
    async load(afterMs) {
      const rows = await loadUsage(db, afterMs);
      return rows.flatMap(({ tenant, counted, atMs, amount }): TenantUse[] =>
        isCounted(counted)
          ? [{ tenant, counted, atMs, amount: counted === 'calls' ? amount : amount / MICROSECONDS }]
          : [],
      );
    },
    save: (uses, forgetBeforeMs) =>
      addUsage(
        db,
        uses.map(({ tenant, counted, atMs, amount }) => ({
          tenant,
          counted,
          atMs: Math.round(atMs),
          amount: counted === 'calls' ? amount : Math.round(amount * MICROSECONDS),
        })),
        Math.round(forgetBeforeMs),
      ),
  };
}

function isCounted(text: string): text is Counted {
  return ['calls', 'running', 'cpu'].includes(text);
}
