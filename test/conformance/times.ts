/** Ticks (100 ns) since 1970 of an ISO datetime or one of the printed forms of the language's pages; else undefined. */
export function datetimeTicks(value: string): bigint | undefined {
  const iso = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7})\d*)?)?)?Z?$/.exec(
    value.trim(),
  );
  if (iso !== null) {
    const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = iso;
    const date = new Date(0);
    date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
    date.setUTCHours(Number(hour), Number(minute), Number(second));
    return BigInt(date.getTime()) * 10_000n + BigInt(fraction.padEnd(7, '0'));
  }
  if (!/^\d{1,2}\/\d{1,2}\/\d{4}|^[A-Z][a-z]{2,8},? /.test(value.trim())) return undefined;
  const ms = Date.parse(`${value.trim().replace(/ (UTC|GMT|Z)$/, '')} UTC`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 10_000n;
}

/** Ticks (100 ns) of `[-][d.]hh:mm:ss[.fffffff]`; else undefined. */
export function timespanTicks(value: string): bigint | undefined {
  const match = /^(-)?(?:(\d+)\.)?(\d+):(\d\d):(\d\d)(?:\.(\d{1,7}))?$/.exec(value.trim());
  if (match === null) return undefined;
  const [, sign, days = '0', hours, minutes, seconds, fraction = ''] = match;
  const wholeSeconds =
    ((BigInt(days) * 24n + BigInt(hours ?? 0)) * 60n + BigInt(minutes ?? 0)) * 60n + BigInt(seconds ?? 0);
  const ticks = wholeSeconds * 10_000_000n + BigInt(fraction.padEnd(7, '0'));
  return sign === undefined ? ticks : -ticks;
}

/** `[-][d.]hh:mm:ss[.fffffff]` of ticks. */
export function formatTimespan(ticks: bigint): string {
  const absolute = ticks < 0n ? -ticks : ticks;
  const pad = (value: bigint) => String(value).padStart(2, '0');
  const days = absolute / 864_000_000_000n;
  const rest = absolute % 10_000_000n;
  const clock = `${pad((absolute / 36_000_000_000n) % 24n)}:${pad((absolute / 600_000_000n) % 60n)}:${pad((absolute / 10_000_000n) % 60n)}`;
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(7, '0')}`;
  return `${ticks < 0n ? '-' : ''}${days === 0n ? '' : `${days}.`}${clock}${fraction}`;
}
