import { type Argument, ArgumentFault } from './registry.ts';
import { DAY_TICKS, HOUR_TICKS, MINUTE_TICKS, SECOND_TICKS } from './ticks.ts';

/** Calendar units, in months. */
export const MONTHS_IN: Readonly<Record<string, bigint>> = { month: 1n, quarter: 3n, year: 12n };

/** Units of fixed length, in 100 ns ticks. A nanosecond is less than one. */
export const TICKS_IN: Readonly<Record<string, bigint>> = {
  week: 7n * DAY_TICKS,
  day: DAY_TICKS,
  hour: HOUR_TICKS,
  minute: MINUTE_TICKS,
  second: SECOND_TICKS,
  millisecond: 10_000n,
  microsecond: 10n,
};

/** The unit an argument names, in lower case; a constant of `MONTHS_IN`, `TICKS_IN` or `nanosecond`. */
export function datePart(argument: Argument): string {
  const name = typeof argument.constant === 'string' ? argument.constant.toLowerCase() : '';
  if (name in MONTHS_IN || name in TICKS_IN || name === 'nanosecond') return name;
  throw new ArgumentFault(
    `the part of a datetime is one of ${[...Object.keys(MONTHS_IN), ...Object.keys(TICKS_IN), 'nanosecond'].join(', ')}`,
  );
}
