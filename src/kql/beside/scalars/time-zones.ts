import type { Cell, ScalarProgram } from '../contract.ts';

/**
 * Local times in zones that the rows name; a constant zone is the engine's own work. Null for a zone that is not known,
 * and where the answer leaves the years 1 to 9999.
 */
export const timeZonePrograms: Readonly<Record<string, ScalarProgram>> = {
  local_of_utc: {
    summary: 'The local time, in a time zone of the row, of a UTC datetime.',
    page: 'datetime-utc-to-local-function',
    params: ['datetime', 'string'],
    result: 'datetime',
    compute: ([utc, zone]) => shifted(utc, zone, (ticks, offset) => ticks + offset(ticks)),
  },
  utc_of_local: {
    summary: 'The UTC datetime of a local time in a time zone of the row.',
    page: 'datetime-local-to-utc-function',
    params: ['datetime', 'string'],
    result: 'datetime',
    compute: ([local, zone]) => shifted(local, zone, utcOf),
  },
};

const [SECOND, DAY] = [10_000_000n, 864_000_000_000n];
const [FIRST, LAST] = [-621_355_968_000_000_000n, 2_534_023_007_999_999_999n];

/** How far the zone's clocks are ahead of UTC at an instant, both in ticks. */
type Offset = (utcTicks: bigint) => bigint;

function shifted(
  date: Cell | undefined,
  zone: Cell | undefined,
  shift: (ticks: bigint, offset: Offset) => bigint,
): Cell {
  if (typeof date !== 'bigint' || typeof zone !== 'string') return null;
  const offset = offsetOf(zone.toLowerCase());
  if (offset === undefined) return null;
  const ticks = shift(date, offset);
  return ticks < FIRST || ticks > LAST ? null : ticks;
}

/** The first of the two instants of an hour that clocks show twice; one that they skip counts by the offset that follows. */
function utcOf(local: bigint, offset: Offset): bigint {
  const [before, after] = [local - offset(local - 2n * DAY), local - offset(local + 2n * DAY)];
  return before + offset(before) === local ? before : after;
}

const formats = new Map<string, Offset | undefined>();

function offsetOf(zone: string): Offset | undefined {
  if (!formats.has(zone)) formats.set(zone, makeOffset(zone));
  return formats.get(zone);
}

/** Undefined for a zone that is not known; names are told without regard to case. */
function makeOffset(zone: string): Offset | undefined {
  if (!/^[a-z]/.test(zone)) return undefined;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  return (utc) => {
    const seconds = utc / SECOND - (utc % SECOND < 0n ? 1n : 0n);
    const parts = new Map(
      format.formatToParts(Number(seconds) * 1000).map(({ type, value }) => [type, value]),
    );
    const [year = 0, month = 1, day = 1, hour, minute, second] = (
      ['year', 'month', 'day', 'hour', 'minute', 'second'] as const
    ).map((type) => Number(parts.get(type)));
    const clock = new Date(0);
    clock.setUTCFullYear(parts.get('era')?.startsWith('B') === true ? 1 - year : year, month - 1, day);
    clock.setUTCHours(hour ?? 0, minute, second);
    return BigInt(clock.getTime()) * (SECOND / 1000n) - seconds * SECOND;
  };
}
