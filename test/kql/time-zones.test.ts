import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

/** https://learn.microsoft.com/kusto/query/datetime-local-to-utc-function */
describe('a time zone that the rows name', () => {
  const rows = useRows();

  test('is the zone of each row', async () => {
    const answer = await rows(`datatable(local: datetime, zone: string) [
        datetime(2020-02-02 20:02:20), 'Europe/Paris',
        datetime(2020-02-02 20:02:20), 'America/Chicago',
        datetime(2020-02-02 20:02:20.1234567), 'us/pacific',
        datetime(2020-02-02), 'nowhere',
        datetime(2020-02-02), '+02:00',
        datetime(2020-02-02), '',
        datetime(null), 'UTC',
        datetime(0001-01-01), 'Asia/Tokyo',
        datetime(9999-12-31 23:00), 'America/Chicago']
      | project utc = datetime_local_to_utc(local, zone), back = datetime_utc_to_local(local, zone)`);
    expect(answer).toEqual([
      '["2020-02-02T19:02:20.0000000Z","2020-02-02T21:02:20.0000000Z"]',
      '["2020-02-03T02:02:20.0000000Z","2020-02-02T14:02:20.0000000Z"]',
      '["2020-02-03T04:02:20.1234567Z","2020-02-02T12:02:20.1234567Z"]',
      '[null,null]',
      '[null,null]',
      '[null,null]',
      '[null,null]',
      '[null,"0001-01-01T09:18:59.0000000Z"]',
      '[null,"9999-12-31T17:00:00.0000000Z"]',
    ]);
  });

  test.each([
    'Europe/Brussels',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Pacific/Chatham',
  ])('%s means what the constant means, also where clocks are changed', async (zone) => {
    const differences = await rows(`union
        (range t from datetime(2022-03-12) to datetime(2022-04-04) step 15m),
        (range t from datetime(2022-09-24) to datetime(2022-11-08) step 15m),
        (range t from datetime(1999-12-31) to datetime(2040-01-01) step 37d)
      | extend zone = iff(t > datetime(1900-01-01), '${zone}', '')
      | where datetime_local_to_utc(t, zone) != datetime_local_to_utc(t, '${zone}')
          or datetime_utc_to_local(t, zone) != datetime_utc_to_local(t, '${zone}')
      | project t, local = datetime_local_to_utc(t, zone), by = datetime_local_to_utc(t, '${zone}')
      | take 5`);
    expect(differences).toEqual([]);
  });
});
