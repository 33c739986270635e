import { int64, type Sql, sql, text } from '../../clickhouse/sql.ts';
import { bind } from './bind.ts';
import { need } from './operand.ts';
import { type Argument, ArgumentFault, type FunctionFamily } from './registry.ts';
import { datetimeAtOrNull, plus, SECOND_TICKS, ticksOf, times } from './ticks.ts';
import { TIME_ZONE_NAMES } from './time-zone-names.ts';

/** Datetimes carry no zone: a local time is written as if it were UTC. */
export const timeZones: FunctionFamily = {
  datetime_utc_to_local: {
    summary: 'The local time in a time zone of a UTC datetime.',
    page: 'datetime-utc-to-local-function',
    params: ['datetime', 'string'],
    nulls: 'maybe',
    unlessConstant: { argument: 1, program: 'local_of_utc' },
    sql: ([date, zone]) => {
      const name = zoneName(need(zone));
      return bind(sql`__d`, need(date).sql, (d) => {
        const seconds = sql`toInt64(timeZoneOffset(toTimeZone(${d}, ${name})))`;
        return datetimeAtOrNull(plus(ticksOf(d), times(seconds, int64(SECOND_TICKS))));
      });
    },
    examples: [
      [
        'datetime_utc_to_local(datetime(2015-12-31 23:59:59.9), "US/Eastern")',
        '2015-12-31T18:59:59.9000000Z',
      ],
    ],
  },
  datetime_local_to_utc: {
    summary: 'The UTC datetime of a local time in a time zone.',
    page: 'datetime-local-to-utc-function',
    params: ['datetime', 'string'],
    nulls: 'maybe',
    unlessConstant: { argument: 1, program: 'utc_of_local' },
    sql: ([date, zone]) => {
      const name = zoneName(need(zone));
      // The text of the datetime, read as a time of the zone.
      const instant = sql`toDateTime64OrNull(toString(${need(date).sql}), 7, ${name})`;
      return datetimeAtOrNull(ticksOf(instant));
    },
    examples: [
      ['datetime_local_to_utc(datetime(2020-02-02 20:02:20), "US/Pacific")', '2020-02-03T04:02:20.0000000Z'],
    ],
  },
  datetime_list_timezones: {
    summary: 'The names of the time zones.',
    page: 'datetime-list-timezones',
    nulls: 'never',
    sql: () => text(JSON.stringify(TIME_ZONE_NAMES)),
    examples: [['array_length(datetime_list_timezones()) > 500', 'True']],
  },
};

/** Named in the list, but younger than the engine's time zone data. */
const UNKNOWN_TO_THE_ENGINE: ReadonlySet<string> = new Set(['America/Coyhaique']);

function zoneName(zone: Argument): Sql {
  if (typeof zone.constant !== 'string') throw new ArgumentFault('the time zone must be a constant');
  const wanted = zone.constant.toLowerCase();
  const name = TIME_ZONE_NAMES.find((known) => known.toLowerCase() === wanted);
  if (name === undefined || UNKNOWN_TO_THE_ENGINE.has(name)) {
    throw new ArgumentFault(`\`${zone.constant}\` is not a known time zone`);
  }
  return text(name);
}
