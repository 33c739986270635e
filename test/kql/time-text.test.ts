import { describe, expect, test } from 'vitest';
import { datetimeTicks, timespanTicks } from '../../src/kql/functions/time-literals.ts';
import { useRows } from './rows.ts';

/** Text, and the instant it names; null where it names none. https://learn.microsoft.com/kusto/query/scalar-data-types/datetime */
const DATETIMES: readonly (readonly [text: string, iso: string | null])[] = [
  ['2014-05-25T08:20:03.123456Z', '2014-05-25T08:20:03.123456Z'],
  ['2014-11-08 15:55', '2014-11-08T15:55:00Z'],
  ['2014-11-08', '2014-11-08T00:00:00Z'],
  ['2014-11-08T15:05 GMT', '2014-11-08T15:05:00Z'],
  ['Sat, 8 Nov 14 15:05:02 GMT', '2014-11-08T15:05:02Z'],
  ['8 Nov 14 15:05', '2014-11-08T15:05:00Z'],
  ['Saturday, 08-Nov-14 15:05:02', '2014-11-08T15:05:02Z'],
  ['12-02-2022', '2022-12-02T00:00:00Z'],
  ['12.02.2022', '2022-12-02T00:00:00Z'],
  ['2022/12/02', '2022-12-02T00:00:00Z'],
  ['15/01/2024 12:35:35', '2024-01-15T12:35:35Z'],
  ['2 Dec 2022', '2022-12-02T00:00:00Z'],
  ['Dec 2, 2022', '2022-12-02T00:00:00Z'],
  ['10:00 14 jun 2025', '2025-06-14T10:00:00Z'],
  ['12/2/2022 12:00:00 AM', '2022-12-02T00:00:00Z'],
  ['12/2/2022 12:30 PM', '2022-12-02T12:30:00Z'],
  [' 2022-12-02T13:45:56+02:00 ', '2022-12-02T11:45:56Z'],
  ['2020-01-01 00:00:00 -05:30', '2020-01-01T05:30:00Z'],
  ['0001-01-01', '0001-01-01T00:00:00Z'],
  ['8 Nov 49', '2049-11-08T00:00:00Z'],
  ['8 Nov 50', '1950-11-08T00:00:00Z'],
  ['', null],
  ['1', null],
  ['not a date', null],
  ['0000-01-01', null],
  ['2020-02-30', null],
  ['2020-13-01', null],
  ['2020-01-01T25:00', null],
  ['12/2/2022 13:00 PM', null],
  ['0001-01-01T00:00:00+02:00', null],
];

/** Text, and its ticks. https://learn.microsoft.com/kusto/query/scalar-data-types/timespan */
const TIMESPANS: readonly (readonly [text: string, ticks: bigint | null])[] = [
  ['1.02:03:04.5', 937_845_000_000n],
  ['-00:30:00', -18_000_000_000n],
  ['13:00', 468_000_000_000n],
  ['12.23:12:23', 11_203_430_000_000n],
  ['1.5h', 54_000_000_000n],
  ['3 seconds', 30_000_000n],
  ['1.1ms', 11_000n],
  ['100 nanos', 1n],
  ['2', 1_728_000_000_000n],
  ['10675199.00:00:00', 9_223_371_936_000_000_000n],
  ['99999999.00:00:00', null],
  ['24:00', null],
  ['1 week', null],
  ['', null],
];

const YEAR_ONE = 621_355_968_000_000_000n;

function ticksOf(iso: string | null): bigint | null {
  if (iso === null) return null;
  const fraction = /[.]([0-9]+)Z$/.exec(iso)?.[1] ?? '';
  return BigInt(Date.parse(iso.replace(/[.][0-9]+/, ''))) * 10_000n + BigInt(fraction.padEnd(7, '0'));
}

describe('text of times', () => {
  const rows = useRows();
  const column = (text: string) => `datatable(s:string)[${JSON.stringify(text)}]`;

  for (const [text, iso] of DATETIMES) {
    test(`datetime ${JSON.stringify(text)}, as a constant and in a column`, async () => {
      const ticks = ticksOf(iso);
      expect(datetimeTicks(text)).toBe(ticks);
      const expected = ticks === null ? '[null]' : `[${ticks + YEAR_ONE}]`;
      expect(await rows(`${column(text)} | project tolong(todatetime(s))`)).toEqual([expected]);
    });
  }

  for (const [text, ticks] of TIMESPANS) {
    test(`timespan ${JSON.stringify(text)}, as a constant and in a column`, async () => {
      expect(timespanTicks(text)).toBe(ticks);
      expect(await rows(`${column(text)} | project tolong(totimespan(s))`)).toEqual([`[${ticks}]`]);
    });
  }

  test('a clock alone is a time of the day of now', () => {
    const now = ticksOf('2024-05-06T07:08:09Z') ?? 0n;
    expect(datetimeTicks('5:00:00 PM', now)).toBe(ticksOf('2024-05-06T17:00:00Z'));
    expect(datetimeTicks('5:00:00 PM')).toBeNull();
  });
});
