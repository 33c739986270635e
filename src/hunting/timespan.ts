const TICKS_PER_SECOND = 10_000_000n;

/** `[-][d.]hh:mm:ss[.fffffff]` of a span in ticks of 100 ns, as .NET's constant format writes it. */
export function formatTimespan(ticks: bigint): string {
  const sign = ticks < 0n ? '-' : '';
  const size = ticks < 0n ? -ticks : ticks;
  const fraction = size % TICKS_PER_SECOND;
  const seconds = size / TICKS_PER_SECOND;
  const days = seconds / 86_400n;
  const clock = [(seconds / 3600n) % 24n, (seconds / 60n) % 60n, seconds % 60n]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const tail = fraction === 0n ? '' : `.${String(fraction).padStart(7, '0')}`;
  return `${sign}${days === 0n ? '' : `${days}.`}${clock}${tail}`;
}
