import { call, int64, type Sql, sql } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { datePart, MONTHS_IN, TICKS_IN } from './date-units.ts';
import { groupedBy } from './group-key.ts';
import { need } from './operand.ts';
import type { Argument, FunctionFamily, ScalarFunction } from './registry.ts';
import {
  DAY_TICKS,
  datetimeAt,
  datetimeAtOrNull,
  datetimeLiteral,
  minus,
  ORIGIN_TICKS,
  plus,
  type TimeBin,
  ticksOf,
  timeBin,
  times,
} from './ticks.ts';

const WEEK_TICKS = 7n * DAY_TICKS;
/** 0001-01-01 was a Monday; Kusto's weeks start on Sunday. */
export const SUNDAY_ORIGIN = ORIGIN_TICKS + DAY_TICKS;

export const dates: FunctionFamily = {
  now: {
    summary: 'The time at which the query runs, the same in all its places, plus an offset.',
    page: 'now-function',
    params: ['timespan'],
    nulls: 'args',
    sql: ([offset], { nowTicks }) => fromNow(nowTicks, offset, 1n),
    examples: [['now(-1d) == ago(1d)', 'True']],
  },
  ago: {
    summary: 'The time at which the query runs, minus a timespan.',
    page: 'ago-function',
    params: ['timespan'],
    nulls: 'maybe',
    sql: ([offset], { nowTicks }) => fromNow(nowTicks, offset, -1n),
    examples: [['ago(1h) < now()', 'True']],
  },
  datetime_add: {
    summary:
      'Moves a datetime by a number of years, months, days ...; a day beyond a month becomes its last.',
    page: 'datetime-add-function',
    params: ['any', 'long', 'datetime'],
    nulls: 'maybe',
    sql: ([part, count, date]) => add(datePart(need(part)), need(count), need(date)),
    examples: [
      ['datetime_add("month", 1, datetime(2020-01-31))', '2020-02-29T00:00:00.0000000Z'],
      ['isnull(datetime_add("day", -1, datetime(0001-01-01)))', 'True'],
    ],
  },
  startofday: edge('start', 'day', 'startofday(datetime(2017-01-01 10:10:17), -1)', '2016-12-31T00:00:00'),
  startofweek: edge('start', 'week', 'startofweek(datetime(2020-06-15 13:45))', '2020-06-14T00:00:00'),
  startofmonth: edge('start', 'month', 'startofmonth(datetime(2020-06-15), 2)', '2020-08-01T00:00:00'),
  startofyear: edge('start', 'year', 'startofyear(datetime(2020-06-15), 1)', '2021-01-01T00:00:00'),
  endofday: edge('end', 'day', 'endofday(datetime(2017-01-01 10:10:17))', '2017-01-01T23:59:59'),
  endofweek: edge('end', 'week', 'endofweek(datetime(2020-06-15 13:45))', '2020-06-20T23:59:59'),
  endofmonth: edge('end', 'month', 'endofmonth(datetime(2020-02-15))', '2020-02-29T23:59:59'),
  endofyear: edge('end', 'year', 'endofyear(datetime(9999-12-31))', '9999-12-31T23:59:59'),
  unixtime_seconds_todatetime: unixTime('seconds', 10_000_000n),
  unixtime_milliseconds_todatetime: unixTime('milliseconds', 10_000n),
  unixtime_microseconds_todatetime: unixTime('microseconds', 10n),
  unixtime_nanoseconds_todatetime: unixTime('nanoseconds', undefined),
};

type Period = 'day' | 'week' | 'month' | 'year';

/** A literal wherever the offset is one, so that a comparison with it prunes by time. */
function fromNow(nowTicks: bigint, offset: Argument | undefined, sign: 1n | -1n): Sql {
  if (offset === undefined) return datetimeLiteral(nowTicks);
  if (typeof offset.constant === 'bigint') {
    const ticks = nowTicks + sign * offset.constant;
    const inRange = ticks >= -ORIGIN_TICKS && ticks <= 2_534_023_007_999_999_999n;
    return inRange ? datetimeLiteral(ticks) : sql`CAST(NULL, 'Nullable(DateTime64(7, \\'UTC\\'))')`;
  }
  const now = int64(nowTicks);
  return datetimeAtOrNull(sign === 1n ? plus(now, offset.sql) : minus(now, offset.sql));
}

function add(part: string, count: Argument, date: Argument): Sql {
  const months = MONTHS_IN[part];
  if (months !== undefined) return addMonths(date.sql, bounded(count, 130_000n), months);
  const unit = TICKS_IN[part];
  if (unit === undefined) return datetimeAtOrNull(plus(ticksOf(date.sql), sql`intDiv(${count.sql}, 100)`));
  const distance = times(bounded(count, 6_000_000_000_000_000_000n / unit), int64(unit));
  return datetimeAtOrNull(plus(ticksOf(date.sql), distance));
}

/** What lies beyond the bound is out of the calendar's range in any case, and must not wrap around. */
function bounded(count: Argument, limit: bigint): Sql {
  return sql`clamp(${count.sql}, ${int64(-limit)}, ${int64(limit)})`;
}

/** NULL where the month is not in 0001 to 9999; the engine would stop at the border instead. */
function addMonths(date: Sql, count: Sql, monthsPerUnit: bigint): Sql {
  return bind(sql`__d`, date, (d) =>
    bind(sql`__m`, times(count, int64(monthsPerUnit)), (m) => {
      const month = sql`toInt64(toYear(${d})) * 12 + toMonth(${d}) - 1 + ${m}`;
      return sql`if((${month}) BETWEEN 12 AND 119999, ${call('addMonths', d, m)}, NULL)`;
    }),
  );
}

function edge(side: 'start' | 'end', period: Period, query: string, second: string): ScalarFunction {
  const fraction = side === 'start' ? '.0000000Z' : '.9999999Z';
  return {
    summary: `The ${side === 'start' ? 'first' : 'last'} instant of the ${period}, moved by a number of ${period}s.`,
    page: `${side}of${period}-function`,
    params: ['datetime', 'long'],
    nulls: 'maybe',
    sql: ([date, offset]) => {
      const distance = offset === undefined || offset.constant === 0n ? undefined : offset;
      return bind(sql`__d`, need(date).sql, (d) => (side === 'start' ? start : end)(period, d, distance));
    },
    examples: [[query, `${second}${fraction}`]],
  };
}

/** Ticks of the period that holds `date`. Only a week can start before 0001-01-01. */
function startTicks(period: Period, date: Sql): Sql {
  const ticks = ticksOf(date);
  if (period === 'week') return timeBin(ticks, WEEK_TICKS, SUNDAY_ORIGIN).start;
  const day = dayOf(date).start;
  if (period === 'day') return day;
  const days = period === 'month' ? sql`toDayOfMonth(${date})` : sql`toDayOfYear(${date})`;
  return minus(day, times(sql`(toInt64(${days}) - 1)`, int64(DAY_TICKS)));
}

function dayOf(date: Sql): TimeBin {
  return timeBin(ticksOf(date), DAY_TICKS, ORIGIN_TICKS);
}

function start(period: Period, date: Sql, offset: Argument | undefined): Sql {
  if (period === 'day' && offset === undefined) {
    const day = dayOf(date);
    return groupedBy(datetimeAt(day.start), day.number);
  }
  const ticks = startTicks(period, date);
  if (period === 'day' || period === 'week') {
    if (offset === undefined) return datetimeAtOrNull(ticks);
    return datetimeAtOrNull(plus(ticks, distance(period, offset)));
  }
  if (offset === undefined) return datetimeAt(ticks);
  return addMonths(datetimeAt(ticks), bounded(offset, 130_000n), MONTHS_IN[period] ?? 1n);
}

function end(period: Period, date: Sql, offset: Argument | undefined): Sql {
  if (period === 'day' || period === 'week') {
    const last = plus(startTicks(period, date), int64((period === 'day' ? DAY_TICKS : WEEK_TICKS) - 1n));
    return datetimeAtOrNull(offset === undefined ? last : plus(last, distance(period, offset)));
  }
  return bind(sql`__e`, start(period, date, offset), (first) => {
    const year = sql`toYear(${first})`;
    const leap = sql`(${year} % 4 = 0 AND (${year} % 100 != 0 OR ${year} % 400 = 0))`;
    const days =
      period === 'month' ? sql`toDayOfMonth(toLastDayOfMonth(${first}))` : sql`if(${leap}, 366, 365)`;
    return datetimeAt(plus(ticksOf(first), minus(times(sql`toInt64(${days})`, int64(DAY_TICKS)), int64(1))));
  });
}

function distance(period: 'day' | 'week', offset: Argument): Sql {
  const unit = period === 'day' ? DAY_TICKS : WEEK_TICKS;
  return times(bounded(offset, 6_000_000_000_000_000_000n / unit), int64(unit));
}

/** Negative counts and fractions are fine; what leaves 0001 to 9999 is null. */
function unixTime(unit: string, ticksPerUnit: bigint | undefined): ScalarFunction {
  return {
    summary: `The datetime a number of ${unit} after 1970-01-01.`,
    page: `unixtime-${unit}-todatetime-function`,
    nulls: 'maybe',
    sql: ([value]) => {
      const count = need(value);
      const whole = count.type === 'int' || count.type === 'long';
      if (whole && ticksPerUnit === undefined)
        return datetimeAtOrNull(sql`toInt64(intDiv(${count.sql}, 100))`);
      if (whole && ticksPerUnit !== undefined)
        return datetimeAtOrNull(
          times(bounded(count, 6_000_000_000_000_000_000n / ticksPerUnit), int64(ticksPerUnit)),
        );
      const factor = ticksPerUnit === undefined ? sql`0.01` : sql`toFloat64(${int64(ticksPerUnit)})`;
      const ticks = times(sql`toFloat64(${count.sql})`, factor);
      return datetimeAtOrNull(sql`accurateCastOrNull(round(${ticks}), 'Int64')`);
    },
    examples: [
      [
        `unixtime_${unit}_todatetime(${(1_546_300_800n * 10_000_000n * (ticksPerUnit === undefined ? 100n : 1n)) / (ticksPerUnit ?? 1n)})`,
        '2019-01-01T00:00:00.0000000Z',
      ],
    ],
  };
}
