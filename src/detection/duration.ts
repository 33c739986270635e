const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90m`, `6h`, `2d` in milliseconds; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const match = /^(\d{1,9})([smhd])$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/** In the largest unit that takes it whole. */
export function printDuration(ms: number): string {
  const unit = (['d', 'h', 'm'] as const).find((each) => ms % UNIT_MS[each] === 0) ?? 's';
  return `${ms / UNIT_MS[unit]}${unit}`;
}

const ISO = /^P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?$/;

/** `PT90M`, `P1D` in milliseconds, days and smaller units only; undefined for anything else. */
export function isoDurationMs(text: string): number | undefined {
  const match = ISO.exec(text);
  if (match === null || /^P$|T$/.test(text)) return undefined;
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = match;
  return (
    Number(days) * UNIT_MS.d +
    Number(hours) * UNIT_MS.h +
    Number(minutes) * UNIT_MS.m +
    Number(seconds) * UNIT_MS.s
  );
}

/** In the largest unit that takes it whole: `PT3H`, `P30D`. */
export function printIsoDuration(ms: number): string {
  const text = printDuration(ms);
  return text.endsWith('d') ? `P${text.toUpperCase()}` : `PT${text.toUpperCase()}`;
}
