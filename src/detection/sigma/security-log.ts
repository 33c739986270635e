import { LOGON_TYPES, SERVICE_STARTS } from '../../ingest/mappings/windows-codes.ts';
import {
  bag,
  column,
  decimal,
  type EventSource,
  type Field,
  integrity,
  otherEvents,
} from './event-source.ts';
import { quote } from './kql.ts';

const subject: Readonly<Record<string, Field>> = {
  SubjectUserName: column('InitiatingProcessAccountName'),
  SubjectDomainName: column('InitiatingProcessAccountDomain'),
  SubjectUserSid: column('InitiatingProcessAccountSid'),
  SubjectLogonId: column('tostring(InitiatingProcessLogonId)', decimal),
};

function security(
  id: number,
  table: string,
  action: string,
  fields: Readonly<Record<string, Field>>,
): EventSource {
  return {
    table,
    filter: `ActionType == ${quote(action)}`,
    fields: { ...subject, ...fields },
    constants: { EventID: String(id), Provider_Name: 'Microsoft-Windows-Security-Auditing' },
    open: false,
  };
}

const logon: Readonly<Record<string, Field>> = {
  ProcessName: column('InitiatingProcessFolderPath'),
  LogonType: column('LogonType', (value) => LOGON_TYPES[value] ?? value),
  TargetUserName: column('AccountName'),
  TargetDomainName: column('AccountDomain'),
  TargetUserSid: column('AccountSid'),
  TargetLogonId: column('tostring(LogonId)', decimal),
  AuthenticationPackageName: column('Protocol'),
  WorkstationName: column('RemoteDeviceName'),
  IpAddress: column('RemoteIP'),
  IpPort: column('tostring(RemotePort)'),
  LogonProcessName: bag('LogonProcessName', (value) => value.trim()),
  LmPackageName: bag('LmPackageName'),
  KeyLength: bag('KeyLength'),
};

/** The Security log: the numbers that have rows of their own, and all others. */
export const SECURITY: readonly EventSource[] = [
  security(4624, 'DeviceLogonEvents', 'LogonSuccess', { ...logon, LogonGuid: bag('LogonGuid') }),
  security(4625, 'DeviceLogonEvents', 'LogonFailed', {
    ...logon,
    Status: bag('Status'),
    SubStatus: bag('SubStatus'),
  }),
  security(4688, 'DeviceProcessEvents', 'ProcessCreated', {
    NewProcessName: column('FolderPath'),
    CommandLine: column('ProcessCommandLine'),
    ParentProcessName: column('InitiatingProcessFolderPath'),
    MandatoryLabel: column('ProcessIntegrityLevel', integrity),
  }),
  security(4689, 'DeviceEvents', 'ProcessTerminated', {
    ProcessName: column('FolderPath'),
    Status: bag('ExitStatus'),
  }),
  security(4697, 'DeviceEvents', 'ServiceInstalled', {
    ServiceName: bag('ServiceName'),
    ServiceFileName: bag('ServiceFileName'),
    ServiceAccount: bag('ServiceAccount'),
    ServiceType: bag('ServiceType', decimal),
    ServiceStartType: bag('ServiceStartType', (value) => SERVICE_STARTS[value] ?? value),
  }),
  security(4698, 'DeviceEvents', 'ScheduledTaskCreated', {
    TaskName: bag('TaskName'),
    TaskContent: bag('TaskContent'),
    SubjectUserName: bag('SubjectUserName'),
    SubjectDomainName: bag('SubjectDomainName'),
  }),
  security(4720, 'DeviceEvents', 'UserAccountCreated', {
    TargetUserName: column('AccountName'),
    TargetDomainName: column('AccountDomain'),
    TargetSid: column('AccountSid'),
    SamAccountName: bag('SamAccountName'),
    UserPrincipalName: bag('UserPrincipalName'),
    UserAccountControl: bag('UserAccountControl'),
    PrimaryGroupId: bag('PrimaryGroupId'),
  }),
  security(5156, 'DeviceNetworkEvents', 'ConnectionSuccess', {
    Application: column('InitiatingProcessFolderPath'),
    DestAddress: column('RemoteIP'),
    DestPort: column('tostring(RemotePort)'),
    SourceAddress: column('LocalIP'),
    SourcePort: column('tostring(LocalPort)'),
  }),
  security(5156, 'DeviceNetworkEvents', 'InboundConnectionAccepted', {
    Application: column('InitiatingProcessFolderPath'),
    SourceAddress: column('RemoteIP'),
    SourcePort: column('tostring(RemotePort)'),
    DestAddress: column('LocalIP'),
    DestPort: column('tostring(LocalPort)'),
  }),
  otherEvents('Security', [], [4624, 4625, 4688, 4689, 4697, 4698, 4720, 5156]),
];
