import { expect, test } from 'vitest';
import { useRows } from './rows.ts';

const rows = useRows();

const TIMES = [
  '0001-01-01',
  '0001-01-07 23:59:59.9999999',
  '1969-12-31 23:59:59.9999999',
  '1970-01-01',
  '2024-02-29 12:30:00.0000001',
  '9999-12-31 23:59:59.9999999',
];
const TABLE = `datatable(t: datetime)[${[...TIMES, ...TIMES].map((each) => `datetime(${each})`).join(', ')}, datetime(null)]`;

test.each([
  ['bin(t, 7d)', ['0001-01-01T00', '1969-12-29T00', '2024-02-26T00', '9999-12-27T00']],
  [
    'bin(t, 1h)',
    ['0001-01-01T00', '0001-01-07T23', '1969-12-31T23', '1970-01-01T00', '2024-02-29T12', '9999-12-31T23'],
  ],
  ['bin(t, 3650000d)', ['0001-01-01T00', '9994-05-13T00']],
  [
    'startofday(t)',
    ['0001-01-01T00', '0001-01-07T00', '1969-12-31T00', '1970-01-01T00', '2024-02-29T00', '9999-12-31T00'],
  ],
])('groups by %s', async (key, hours) => {
  const grouped = await rows(`${TABLE} | summarize n = count() by k = ${key} | sort by k asc`);
  const apart = await rows(
    `${TABLE} | extend k = ${key} | where true | take 100 | summarize n = count() by k | sort by k asc`,
  );
  expect(grouped).toEqual(apart);
  expect(grouped.slice(1).map((row) => (JSON.parse(row) as [string])[0].slice(0, 13))).toEqual(hours);
  expect(grouped[0]).toBe('[null,1]');
});

test('bins that do not fit into 64 bits with the calendar are rounded down too', async () => {
  expect(await rows(`${TABLE} | summarize count() by bin(t, 9000000d) | count`)).toEqual(['[2]']);
});
