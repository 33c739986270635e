import { type Found, suppressionKey } from './found.ts';
import type { Rule } from './rule.ts';

/** Detections that would make one alert, in the order of their events. */
export interface AlertGroup {
  readonly items: readonly [Found, ...Found[]];
}

/** The alerts that detections would make if each had been found when it happened. Alerts in the order of their first event. */
export function groupAlerts(
  rule: Rule,
  found: readonly Found[],
  mergeMs: number,
): { readonly alerts: readonly AlertGroup[]; readonly suppressed: number } {
  const open = new Map<string, { readonly items: [Found, ...Found[]]; readonly startMs: number }>();
  const quietUntil = new Map<string, number>();
  const alerts: AlertGroup[] = [];
  let suppressed = 0;
  for (const item of [...found].sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))) {
    const timeMs = Date.parse(timeOf(item));
    const { suppression } = rule;
    const quiet = suppression === undefined ? '' : suppressionKey(rule, item.row, suppression.by);
    if (timeMs < (quietUntil.get(quiet) ?? 0)) {
      suppressed++;
      continue;
    }
    const alert = open.get(item.mergeKey);
    if (alert !== undefined && timeMs - alert.startMs < mergeMs) {
      alert.items.push(item);
      continue;
    }
    const fresh = { items: [item] as [Found, ...Found[]], startMs: timeMs };
    open.set(item.mergeKey, fresh);
    alerts.push(fresh);
    if (suppression !== undefined) quietUntil.set(quiet, timeMs + suppression.forMs);
  }
  return { alerts, suppressed };
}

export function timeOf({ row }: Found): string {
  return row.text('Timestamp');
}
