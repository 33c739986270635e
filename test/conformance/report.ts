import { isFailure, type Outcome } from './outcome.ts';

/** One line: how many of each result. */
export function summary(outcomes: readonly Outcome[], seconds: number): string {
  const counts = new Map<string, number>();
  for (const { result } of outcomes) counts.set(result, (counts.get(result) ?? 0) + 1);
  const counted = outcomes.filter(({ result }) => result !== 'disputed').length;
  const right = counts.get('right') ?? 0;
  const share = counted === 0 ? 0 : (100 * right) / counted;
  const rest = [...counts]
    .filter(([result]) => result !== 'right')
    .sort(([, left], [, other]) => other - left)
    .map(([result, count]) => `${count} ${result}`);
  return `${right} right of ${counted} (${share.toFixed(1)} %)${rest.length > 0 ? `: ${rest.join(', ')}` : ''}; ${seconds.toFixed(1)} s`;
}

/** The reasons of failures, commonest first; `most` of them, or all. */
export function histogram(outcomes: readonly Outcome[], most: number | undefined): string {
  const counts = new Map<string, { count: number; example: string }>();
  for (const outcome of outcomes.filter(isFailure)) {
    const key = outcome.reason === outcome.result ? outcome.result : `${outcome.result}: ${outcome.reason}`;
    const entry = counts.get(key) ?? { count: 0, example: outcome.id };
    counts.set(key, { count: entry.count + 1, example: entry.example });
  }
  return [...counts]
    .sort(([, left], [, right]) => right.count - left.count)
    .slice(0, most)
    .map(([key, { count, example }]) => `${String(count).padStart(5)}  ${key}   e.g. ${example}`)
    .join('\n');
}

/** Everything about one failing case. */
export function showCase(outcome: Outcome): string {
  const { report } = outcome;
  const parts = [`\n======== ${outcome.id} (${outcome.family}) -> ${outcome.result}: ${outcome.reason}`];
  if (report !== undefined) {
    parts.push(report.query, '---- expected', report.expected, '---- got', report.got);
    if (report.sql !== '') parts.push('---- sql', report.sql);
  }
  return parts.join('\n');
}
