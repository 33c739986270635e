import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertRules } from '../../../src/detection/conversion.ts';
import type { Rule } from '../../../src/detection/rule.ts';
import { parseRule, printRule } from '../../../src/detection/rule-form.ts';
import { allRows } from '../../../src/detection/rule-query.ts';
import { startRoom, type TestRoom } from '../room.ts';

let test: TestRoom;
beforeAll(async () => {
  test = await startRoom();
});
afterAll(() => test?.close());

const ACTIONS: Readonly<Record<string, string>> = { failed: 'LogonFailed', success: 'LogonSuccess' };

/** A logon at a time of day, of the account and on the device that the text names: `failed 08:00:01 kim lab-07`. */
function logon(text: string, id: number): object {
  const [action = '', time = '', account = 'kim', device = 'lab-07'] = text.split(' ');
  return {
    Timestamp: `2026-03-01T${time}Z`,
    DeviceId: `id-of-${device}`,
    DeviceName: device,
    ActionType: ACTIONS[action],
    ReportId: id + 1,
    AccountName: account,
  };
}

function correlation(rest: string, rules = '[failed, success]'): Rule {
  const member = (name: string, id: number) =>
    `title: ${name}\nname: ${name}\nlogsource: { product: windows, service: security }\n` +
    `detection: { s: { EventID: ${id} }, condition: s }\n`;
  const text = [
    member('failed', 4625),
    member('success', 4624),
    `title: C\ncorrelation: { rules: ${rules}, ${rest} }\n`,
  ].join('---\n');
  const made = convertRules('sigma', text).find(({ title }) => title === 'C');
  if (made?.ok !== true) throw new Error(JSON.stringify(made));
  return made.rule;
}

let tenants = 0;
/** The times of the events that complete a match, with what was counted. */
async function matches(rule: Rule, ...logons: readonly string[]): Promise<readonly string[]> {
  const tenant = `00000000-0000-4000-8000-${String(++tenants).padStart(12, '0')}`;
  await test.deliver('DeviceLogonEvents', logons.map(logon), tenant);
  const nowMs = Date.parse('2026-03-02T00:00:00Z');
  const rows = await allRows(await test.room.runParts.query({ tenant, query: rule.query, nowMs }));
  return rows
    .map((row) => [row.text('Timestamp').slice(11, 19), row.text('AccountName')].join(' ').trim())
    .sort();
}

/** `count` failed logons, so many seconds apart. */
function failures(count: number, apart: number, account = 'kim', from = '08:00:00'): readonly string[] {
  const start = Date.parse(`2026-03-01T${from}Z`);
  return Array.from({ length: count }, (_, i) => {
    const time = new Date(start + i * apart * 1000).toISOString().slice(11, 19);
    return `failed ${time} ${account}`;
  });
}

describe('event_count', () => {
  const rule = correlation(
    'type: event_count, group-by: [TargetUserName], timespan: 5m, condition: { gte: 10 }',
    '[failed]',
  );

  it('finds ten within five minutes wherever they begin', async () => {
    expect(await matches(rule, ...failures(10, 30, 'kim', '07:58:31'))).toEqual(['08:03:01 kim']);
    expect(await matches(rule, ...failures(9, 30), 'failed 08:05:00 kim')).toEqual(['08:05:00 kim']);
  });

  it('does not find ten in 8 minutes 42 seconds', async () => {
    expect(await matches(rule, ...failures(10, 58))).toEqual([]);
    expect(await matches(rule, ...failures(9, 30), 'failed 08:05:01 kim')).toEqual([]);
  });

  it('counts each group by itself', async () => {
    expect(await matches(rule, ...failures(9, 10, 'ann'), ...failures(9, 10, 'bob'))).toEqual([]);
    expect(await matches(rule, ...failures(9, 10, 'ann'), ...failures(12, 10, 'bob'))).toEqual([
      '08:01:30 bob',
    ]);
  });

  it('finds every burst once', async () => {
    const bursts = [...failures(15, 10), ...failures(12, 10, 'kim', '09:00:00')];
    expect(await matches(rule, ...bursts)).toEqual(['08:01:30 kim', '09:01:30 kim']);
  });

  it('counts all events where nothing groups them', async () => {
    const all = correlation('type: event_count, timespan: 1m, condition: { gt: 2 }', '[failed]');
    const three = ['failed 08:00:00 ann', 'failed 08:00:30 bob', 'failed 08:01:00 eve'];
    expect(await matches(all, ...three)).toEqual(['08:01:00']);
    expect(await matches(all, ...three.slice(1), 'failed 08:01:31 kim')).toEqual([]);
  });

  it('takes limits from above for what they say', async () => {
    const few = correlation(
      'type: event_count, group-by: [TargetUserName], timespan: 1m, condition: { lt: 3 }',
      '[failed]',
    );
    expect(await matches(few, ...failures(2, 10, 'ann'))).toEqual(['08:00:00 ann']);
    const two = correlation(
      'type: event_count, group-by: [TargetUserName], timespan: 1m, condition: { eq: 2 }',
      '[failed]',
    );
    expect(await matches(two, ...failures(3, 0, 'ann'), ...failures(2, 0, 'bob'))).toEqual(['08:00:00 bob']);
  });
});

describe('value_count', () => {
  const rule = correlation(
    'type: value_count, group-by: [Computer], timespan: 10m, condition: { field: TargetUserName, gte: 3 }',
    '[failed]',
  );

  it('finds different values within the time, however often each comes', async () => {
    const logons = [
      'failed 08:00:00 ann',
      'failed 08:05:00 bob',
      'failed 08:09:00 ann',
      'failed 08:14:00 eve',
    ];
    expect(await matches(rule, ...logons)).toEqual(['08:14:00']);
  });

  it('does not find them in more than the time, nor one value that comes again', async () => {
    expect(await matches(rule, 'failed 08:00:00 ann', 'failed 08:05:00 bob', 'failed 08:10:01 eve')).toEqual(
      [],
    );
    expect(await matches(rule, ...failures(5, 10, 'ann'), 'failed 08:00:05 bob')).toEqual([]);
    const devices = ['failed 08:00:00 ann a', 'failed 08:00:01 bob a', 'failed 08:00:02 eve b'];
    expect(await matches(rule, ...devices)).toEqual([]);
  });
});

describe('temporal', () => {
  const rule = correlation('type: temporal, group-by: [TargetUserName], timespan: 10m');

  it('finds the rules together in any order', async () => {
    expect(await matches(rule, 'success 08:05:00', 'failed 08:14:59')).toEqual(['08:14:59 kim']);
    expect(await matches(rule, 'failed 08:05:00', 'success 08:15:00')).toEqual(['08:15:00 kim']);
  });

  it('does not find them nearly twenty minutes apart', async () => {
    expect(await matches(rule, 'failed 08:00:01', 'success 08:19:50')).toEqual([]);
    expect(await matches(rule, 'failed 08:00:01', 'success 08:10:02')).toEqual([]);
    expect(await matches(rule, 'failed 08:00:01 ann', 'success 08:00:02 bob')).toEqual([]);
  });
});

describe('temporal_ordered', () => {
  const rule = correlation('type: temporal_ordered, group-by: [TargetUserName], timespan: 10m');

  it('finds the rules in their order', async () => {
    expect(await matches(rule, 'failed 08:09:00', 'success 08:12:00')).toEqual(['08:12:00 kim']);
    expect(await matches(rule, 'failed 08:00:00', 'failed 08:09:00', 'success 08:12:00')).toEqual([
      '08:12:00 kim',
    ]);
  });

  it('does not find them in another order or too far apart', async () => {
    expect(await matches(rule, 'success 08:00:00', 'failed 08:01:00')).toEqual([]);
    expect(await matches(rule, 'failed 08:00:01', 'success 08:19:50')).toEqual([]);
    expect(await matches(rule, 'failed 08:00:00 ann', 'success 08:01:00 bob')).toEqual([]);
  });

  it('follows a rule that is there twice', async () => {
    const thrice = correlation(
      'type: temporal_ordered, group-by: [TargetUserName], timespan: 10m',
      '[failed, success, failed]',
    );
    expect(await matches(thrice, 'failed 08:00:00', 'success 08:01:00', 'failed 08:02:00')).toEqual([
      '08:02:00 kim',
    ]);
    expect(await matches(thrice, 'failed 08:00:00', 'success 08:01:00')).toEqual([]);
    expect(await matches(thrice, 'failed 08:00:00', 'success 08:05:00', 'failed 08:10:01')).toEqual([]);
  });
});

describe('what is converted', () => {
  const by = 'group-by: [TargetUserName, Computer], timespan: 10m';
  const single = (logsource: string, detection: string) => {
    const text = `title: T\nlogsource: { product: windows, ${logsource} }\ndetection:\n  s: { ${detection} }\n  condition: s\n`;
    const [made] = convertRules('sigma', text);
    if (made?.ok !== true) throw new Error(JSON.stringify(made));
    return made.rule;
  };

  it.each([
    ['a rule of one table', single('category: process_creation', 'CommandLine: a'), 'AccountName'],
    [
      'a rule of several',
      single('service: security', 'EventID: [4624, 4688, 4720]'),
      'InitiatingProcessAccountName',
    ],
    ['event_count', correlation(`type: event_count, ${by}, condition: { gte: 10 }`), 'AccountName'],
    [
      'value_count',
      correlation(
        'type: value_count, group-by: [Computer], timespan: 1h, condition: { field: TargetUserName, gt: 5 }',
      ),
      undefined,
    ],
    ['temporal', correlation(`type: temporal, ${by}`), 'AccountName'],
    ['temporal without groups', correlation('type: temporal, timespan: 1h'), undefined],
    [
      'temporal by an alias',
      correlation(
        'type: temporal, timespan: 1h, group-by: [who], aliases: { who: { failed: TargetUserName, success: SubjectUserName } }',
      ),
      'Group0',
    ],
    ['temporal_ordered', correlation(`type: temporal_ordered, ${by}`), 'AccountName'],
  ])('can be saved: %s', async (_, rule, user) => {
    expect(rule.entities).toEqual(user === undefined ? { device: 'DeviceId' } : { device: 'DeviceId', user });
    expect(parseRule(printRule(rule))).toEqual({ ok: true, rule });
    const tenant = `00000000-0000-4000-8000-${String(++tenants).padStart(12, '0')}`;
    expect(await test.room.rules.check(tenant, rule)).toEqual([]);
  });

  it('runs at once where it judges single events, else looks back over the whole time', () => {
    expect(single('category: process_creation', 'CommandLine: a').schedule).toEqual({ kind: 'continuous' });
    expect(correlation('type: temporal, timespan: 2d').schedule).toMatchObject({
      everyMs: 3_600_000,
      lookbackMs: 49 * 3_600_000,
    });
    expect(() => correlation('type: temporal, timespan: 5w')).toThrow('timespan');
  });
});
