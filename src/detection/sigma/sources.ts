import { registryPath, registryValueData } from '../../ingest/mappings/windows-values.ts';
import {
  bag,
  bagMember,
  both,
  column,
  decimal,
  type EventSource,
  type Field,
  integrity,
  otherEvents,
} from './event-source.ts';
import { quote } from './kql.ts';
import type { LogSource } from './rule.ts';
import { SECURITY } from './security-log.ts';

/** The paths of an acting process are stored in lower case; comparisons ignore case. */
const actor = (prefix = ''): Readonly<Record<string, Field>> => ({
  [`${prefix}Image`]: column('InitiatingProcessFolderPath'),
  [`${prefix}CommandLine`]: column('InitiatingProcessCommandLine'),
  [`${prefix}User`]: column('strcat(InitiatingProcessAccountDomain, @"\\", InitiatingProcessAccountName)'),
  [`${prefix}ProcessId`]: column('tostring(InitiatingProcessId)', decimal),
});

const version: Readonly<Record<string, Field>> = {
  OriginalFileName: column('ProcessVersionInfoOriginalFileName'),
  Description: column('ProcessVersionInfoFileDescription'),
  Product: column('ProcessVersionInfoProductName'),
  Company: column('ProcessVersionInfoCompanyName'),
};

/** `Hashes` is tested as text such as `SHA256=...`: the columns are put together in Sysmon's order. */
const hashes = (imphash: string): Field =>
  column(`strcat("SHA1=", SHA1, ",MD5=", MD5, ",SHA256=", SHA256, ",IMPHASH=", ${imphash})`);
const bagHashes = hashes(bagMember('IMPHASH'));

/** What Sysmon writes in front of numbers, and instead of bytes, is the value's type. */
function registryType(value: string): string | undefined {
  if (/^[dq]word( \()?$/i.test(value)) return `RegistryValueType =~ ${quote(value.slice(0, 5))}`;
  return /^binary data$/i.test(value) ? 'RegistryValueType =~ "Binary"' : undefined;
}

const registryFields: Readonly<Record<string, Field>> = {
  ...actor(),
  TargetObject: {
    kql: 'iff(isempty(RegistryValueName), RegistryKey, strcat(RegistryKey, @"\\", RegistryValueName))',
    store: registryPath,
    storePart: registryPath,
  },
  Details: { kql: 'RegistryValueData', store: registryValueData, special: registryType },
  EventType: column('ActionType', (value) => REGISTRY_ACTIONS[value.toLowerCase()]),
};

const REGISTRY_ACTIONS: Readonly<Record<string, string>> = {
  createkey: 'RegistryKeyCreated',
  deletekey: 'RegistryKeyDeleted',
  setvalue: 'RegistryValueSet',
  deletevalue: 'RegistryValueDeleted',
  renamekey: 'RegistryKeyRenamed',
};

function registry(...actions: readonly string[]): EventSource {
  const filter = actions.length === 0 ? '' : `ActionType in (${actions.map(quote).join(', ')})`;
  return { table: 'DeviceRegistryEvents', filter, fields: registryFields, constants: {}, open: false };
}

function file(action: string, fields: Readonly<Record<string, Field>> = {}, filter = ''): EventSource {
  return {
    table: 'DeviceFileEvents',
    filter: both(`ActionType == ${quote(action)}`, filter),
    fields: { ...actor(), TargetFilename: column('FolderPath'), ...fields },
    constants: {},
    open: false,
  };
}

function deviceEvent(action: string, fields: Readonly<Record<string, Field>>): EventSource {
  return {
    table: 'DeviceEvents',
    filter: `ActionType == ${quote(action)}`,
    fields,
    constants: {},
    open: false,
  };
}

const SYSMON = 'Microsoft-Windows-Sysmon/Operational';
const POWERSHELL = 'Microsoft-Windows-PowerShell/Operational';

const started: EventSource = {
  table: 'DeviceProcessEvents',
  filter: 'ActionType == "ProcessCreated"',
  fields: {
    ...version,
    Image: column('FolderPath'),
    CommandLine: column('ProcessCommandLine'),
    ProcessId: column('tostring(ProcessId)', decimal),
    User: column('strcat(AccountDomain, @"\\", AccountName)'),
    IntegrityLevel: column('ProcessIntegrityLevel', integrity),
    LogonId: column('tostring(LogonId)', decimal),
    CurrentDirectory: bag('CurrentDirectory'),
    Hashes: bagHashes,
    Imphash: bag('IMPHASH'),
    md5: column('MD5'),
    sha1: column('SHA1'),
    sha256: column('SHA256'),
    ParentImage: column('InitiatingProcessFolderPath'),
    ParentCommandLine: column('InitiatingProcessCommandLine'),
    ParentProcessId: column('tostring(InitiatingProcessId)', decimal),
    ParentUser: column('strcat(InitiatingProcessAccountDomain, @"\\", InitiatingProcessAccountName)'),
    GrandParentImage: column('InitiatingProcessParentFileName'),
  },
  constants: {},
  open: false,
};

const initiated = (then: string, otherwise: string): string =>
  `iff(ActionType == "ConnectionSuccess", ${then}, ${otherwise})`;

const connected: EventSource = {
  table: 'DeviceNetworkEvents',
  filter: 'ActionType in ("ConnectionSuccess", "InboundConnectionAccepted")',
  fields: {
    ...actor(),
    ParentImage: { kql: '""', store: () => undefined },
    Initiated: column(initiated('"true"', '"false"')),
    Protocol: column('Protocol'),
    DestinationIp: column(initiated('RemoteIP', 'LocalIP')),
    DestinationPort: column(`tostring(${initiated('RemotePort', 'LocalPort')})`),
    DestinationHostname: column(initiated('RemoteUrl', '""')),
    SourceIp: column(initiated('LocalIP', 'RemoteIP')),
    SourcePort: column(`tostring(${initiated('LocalPort', 'RemotePort')})`),
    SourceHostname: column(initiated('""', 'RemoteUrl')),
  },
  constants: {},
  open: false,
};

const pipePath = (value: string): string => (value.startsWith('\\') ? `\\Device\\NamedPipe${value}` : value);

/** By category. Events: https://learn.microsoft.com/sysinternals/downloads/sysmon; see docs/windows-mapping.md. */
const CATEGORIES: Readonly<Record<string, readonly EventSource[]>> = {
  process_creation: [started],
  network_connection: [connected],
  process_termination: [
    deviceEvent('ProcessTerminated', {
      Image: column('FolderPath'),
      ProcessId: column('tostring(ProcessId)', decimal),
    }),
  ],
  driver_load: [
    deviceEvent('DriverLoad', {
      ImageLoaded: column('FolderPath'),
      Hashes: bagHashes,
      Signed: bag('Signed'),
      Signature: bag('Signature'),
      SignatureStatus: bag('SignatureStatus'),
    }),
  ],
  image_load: [
    {
      table: 'DeviceImageLoadEvents',
      filter: '',
      fields: { ...actor(), ImageLoaded: column('FolderPath'), Hashes: hashes('""') },
      constants: {},
      open: false,
    },
  ],
  create_remote_thread: [
    deviceEvent('CreateRemoteThreadApiCall', {
      SourceImage: column('InitiatingProcessFolderPath'),
      SourceCommandLine: column('InitiatingProcessCommandLine'),
      SourceParentImage: column('InitiatingProcessParentFileName'),
      TargetImage: column('FolderPath'),
      StartAddress: bag('StartAddress'),
      StartModule: bag('StartModule'),
      StartFunction: bag('StartFunction'),
    }),
  ],
  process_access: [
    deviceEvent('OpenProcessApiCall', {
      SourceImage: column('InitiatingProcessFolderPath'),
      SourceCommandLine: column('InitiatingProcessCommandLine'),
      SourceUser: column('strcat(InitiatingProcessAccountDomain, @"\\", InitiatingProcessAccountName)'),
      TargetImage: column('FolderPath'),
      GrantedAccess: bag('GrantedAccess'),
      CallTrace: bag('CallTrace'),
    }),
  ],
  file_event: [file('FileCreated', {}, 'not(FolderPath matches regex @"^.:.*:")')],
  file_delete: [file('FileDeleted')],
  create_stream_hash: [
    file(
      'FileCreated',
      { Contents: bag('StreamContents'), Hash: bagHashes },
      'FolderPath matches regex @"^.:.*:"',
    ),
  ],
  registry_event: [registry()],
  registry_add: [registry('RegistryKeyCreated')],
  registry_delete: [registry('RegistryKeyDeleted', 'RegistryValueDeleted')],
  registry_set: [registry('RegistryValueSet')],
  registry_rename: [registry('RegistryKeyRenamed')],
  pipe_created: [deviceEvent('NamedPipeEvent', { ...actor(), PipeName: bag('PipeName', pipePath) })],
  dns_query: [
    deviceEvent('DnsQueryResponse', {
      ...actor(),
      QueryName: bag('DnsQueryString'),
      QueryResults: bag('DnsQueryResult'),
      QueryStatus: bag('DnsQueryStatus'),
    }),
  ],
  ps_script: [deviceEvent('PowerShellCommand', { ScriptBlockText: bag('Command'), Path: bag('Path') })],
  ps_module: [otherEvents(POWERSHELL, [4103])],
  ps_classic_start: [otherEvents('Windows PowerShell', [400])],
  ps_classic_provider_start: [otherEvents('Windows PowerShell', [600])],
  wmi_event: [otherEvents(SYSMON, [19, 20, 21])],
  file_change: [otherEvents(SYSMON, [2])],
  file_block_executable: [otherEvents(SYSMON, [27])],
  file_executable_detected: [otherEvents(SYSMON, [29])],
  raw_access_thread: [otherEvents(SYSMON, [9])],
  process_tampering: [otherEvents(SYSMON, [25])],
  clipboard_capture: [otherEvents(SYSMON, [24])],
  sysmon_status: [otherEvents(SYSMON, [4, 16])],
  sysmon_error: [otherEvents(SYSMON, [255])],
};

const scriptBlock = deviceEvent('PowerShellCommand', { ScriptBlockText: bag('Command'), Path: bag('Path') });

const POWERSHELL_EVENTS: readonly EventSource[] = [
  { ...scriptBlock, constants: { EventID: '4104' } },
  otherEvents(POWERSHELL, [], [4104]),
];

/** By service: the log's name. */
const CHANNELS: Readonly<Record<string, string>> = {
  application: 'Application',
  applocker: 'Microsoft-Windows-AppLocker/EXE and DLL',
  'appmodel-runtime': 'Microsoft-Windows-AppModel-Runtime/Admin',
  'appxdeployment-server': 'Microsoft-Windows-AppXDeploymentServer/Operational',
  'appxpackaging-om': 'Microsoft-Windows-AppxPackaging/Operational',
  'bits-client': 'Microsoft-Windows-Bits-Client/Operational',
  capi2: 'Microsoft-Windows-CAPI2/Operational',
  'certificateservicesclient-lifecycle-system':
    'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational',
  'codeintegrity-operational': 'Microsoft-Windows-CodeIntegrity/Operational',
  'diagnosis-scripted': 'Microsoft-Windows-Diagnosis-Scripted/Operational',
  'dns-client': 'Microsoft-Windows-DNS Client Events/Operational',
  'dns-server': 'DNS Server',
  'dns-server-analytic': 'Microsoft-Windows-DNS-Server/Analytical',
  'driver-framework': 'Microsoft-Windows-DriverFrameworks-UserMode/Operational',
  'firewall-as': 'Microsoft-Windows-Windows Firewall With Advanced Security/Firewall',
  'iis-configuration': 'Microsoft-IIS-Configuration/Operational',
  ldap: 'Microsoft-Windows-LDAP-Client/Debug',
  'lsa-server': 'Microsoft-Windows-LSA/Operational',
  'msexchange-management': 'MSExchange Management',
  ntlm: 'Microsoft-Windows-NTLM/Operational',
  openssh: 'OpenSSH/Operational',
  powershell: POWERSHELL,
  'powershell-classic': 'Windows PowerShell',
  'printservice-admin': 'Microsoft-Windows-PrintService/Admin',
  'printservice-operational': 'Microsoft-Windows-PrintService/Operational',
  'security-mitigations': 'Microsoft-Windows-Security-Mitigations/UserMode',
  'shell-core': 'Microsoft-Windows-Shell-Core/Operational',
  'smbclient-connectivity': 'Microsoft-Windows-SmbClient/Connectivity',
  'smbclient-security': 'Microsoft-Windows-SmbClient/Security',
  sysmon: SYSMON,
  system: 'System',
  taskscheduler: 'Microsoft-Windows-TaskScheduler/Operational',
  'terminalservices-localsessionmanager':
    'Microsoft-Windows-TerminalServices-LocalSessionManager/Operational',
  windefend: 'Microsoft-Windows-Windows Defender/Operational',
  wmi: 'Microsoft-Windows-WMI-Activity/Operational',
};

/** The kinds of event of a log source, or why there are none here. */
export function sourcesOf(logsource: LogSource): readonly EventSource[] | string {
  const { product, category, service } = logsource;
  if (product !== '' && product !== 'windows')
    return `events of the product \`${product}\` have no mapping here`;
  if (category !== '') {
    return CATEGORIES[category] ?? `events of the category \`${category}\` are not taken in`;
  }
  if (service === 'security') return SECURITY;
  if (service === '') return 'the rule names neither a category nor a service';
  if (service === 'powershell') return POWERSHELL_EVENTS;
  const channel = CHANNELS[service];
  return channel === undefined
    ? `the log of the service \`${service}\` is not known`
    : [otherEvents(channel, [])];
}
